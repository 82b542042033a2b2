// A trigram index answers terms of three characters and more; shorter ones are looked for in all
// text, which is exact and slow.
const phrase = (term) => `"${term.replaceAll('"', '""')}"`;
const pattern = (term) => `%${term}%`;

export function queryFor(text) {
  const terms = text.split(/\s+/).filter(Boolean);
  const long = terms.filter((term) => [...term].length >= 3);
  const short = terms.filter((term) => !long.includes(term));
  const conditions = short.map(() => '(title LIKE ? OR body LIKE ?)');
  if (long.length) conditions.unshift('docs MATCH ?');
  const values = short.flatMap((term) => [pattern(term), pattern(term)]);
  if (long.length) values.unshift(long.map(phrase).join(' AND '));
  const from = `FROM docs WHERE ${conditions.join(' AND ')}`;
  return {
    count: `SELECT count(*) AS total ${from}`,
    first: `SELECT id, body ${from} ${long.length ? 'ORDER BY rank ' : ''}LIMIT ?`,
    values,
  };
}
