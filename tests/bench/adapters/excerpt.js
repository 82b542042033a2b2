/** Thirty characters around the query's first place, for engines that leave this to the page. */
export function excerpt(body, query) {
  const at = Math.max(0, body.indexOf(query));
  return body.slice(Math.max(0, at - 15), at + query.length + 15);
}
