/** Text as it is shown: line ends of printed columns, and languages by their script. */

import type { Piece } from "../backfile.js";

/** Scripts that write without spaces, and their punctuation. */
const WIDE = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u2014\\u2018-\\u201d\\u2026\\u3000-\\u303f\\uff00-\\uffef]";
const COLUMN_END = new RegExp(`(?<=${WIDE})[^\\S\\n]*\\n\\s*|[^\\S\\n]*\\n\\s*(?=${WIDE})`, "gu");

/**
 * Takes out the line ends of a narrow column, where a browser would show a space in mid-word.
 * A hit may begin or end right at a line end, so the pieces are looked at with their neighbours.
 */
export function joinColumns(pieces: readonly Piece[]): Piece[] {
  return pieces.map(({ text, hit }, index) => {
    const before = [...(pieces[index - 1]?.text ?? "")].at(-1) ?? "";
    const after = [...(pieces[index + 1]?.text ?? "")][0] ?? "";
    return { text: joinBetween(before, text, after), hit };
  });
}

function joinBetween(before: string, text: string, after: string): string {
  const guard = (neighbour: string): string => (/\s/.test(neighbour) ? "" : neighbour);
  const [left, right] = [guard(before), guard(after)];
  const joined = (left + text + right).replace(COLUMN_END, "");
  return joined.slice(left.length, joined.length - right.length);
}

/**
 * The `lang` of a result: the archive's, unless the script says otherwise. A few kana or Latin
 * letters in Chinese text do not make it another language.
 */
export function languageOf(text: string, archive: string): string {
  const count = (script: RegExp): number => text.match(script)?.length ?? 0;
  const [han, kana, hangul] = [count(HAN), count(KANA), count(HANGUL)];
  if (hangul > han + kana) return "ko";
  if (kana * 4 > han + kana) return "ja";
  const wide = /^(zh|ja|ko)\b/i.test(archive);
  if (han > 0) return wide ? archive : "zh";
  return wide && count(LATIN) > 0 ? "en" : archive;
}

const HAN = /\p{Script=Han}/gu;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const HANGUL = /\p{Script=Hangul}/gu;
const LATIN = /\p{Script=Latin}/gu;
