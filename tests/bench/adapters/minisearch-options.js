// How MiniSearch is told to cut Chinese: pairs of neighbours, as is the custom, and words elsewhere.
// Pairs are joined by AND; that they have to follow each other is more than MiniSearch can ask.
const HAN = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const RUNS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+/gu;

export function tokenize(text) {
  const runs = text.normalize('NFKC').toLowerCase().match(RUNS) ?? [];
  return runs.flatMap((run) => (HAN.test(run) ? pairs([...run]) : [run]));
}

function pairs(characters) {
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => characters[index] + character);
}

/** A single character is the beginning of a pair, nearly always. */
const isSingle = (term) => HAN.test(term) && [...term].length === 1;

export const OPTIONS = {
  fields: ['title', 'body'],
  storeFields: ['body'],
  tokenize,
  processTerm: (term) => term,
  searchOptions: { combineWith: 'AND', prefix: isSingle },
};
