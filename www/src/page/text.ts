/** Text as it is shown: line ends of printed columns, and languages by their script. */

import type { SearchResult } from "../backfile.js";

type Piece = SearchResult["excerpt"][number];

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

/** The `lang` of a result: the archive's, unless the script says otherwise. */
export function languageOf(text: string, archive: string): string {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
  if (/\p{Script=Hangul}/u.test(text)) return "ko";
  if (/\p{Script=Han}/u.test(text)) return /^(zh|ja|ko)\b/i.test(archive) ? archive : "zh";
  if (/\p{Script=Latin}/u.test(text) && /^(zh|ja|ko)\b/i.test(archive)) return "en";
  return archive;
}
