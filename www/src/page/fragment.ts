/** The fragment of an article's address: which article of the page, and what was searched for. */

/** `#q=…`, or behind the name of an element, `#…&q=…`. */
const QUERY = /(?:^#|&)q=([^&]*)/;

/** The query in a fragment; empty if there is none, or if it is broken. */
export function queryIn(hash: string): string {
  return decode(QUERY.exec(hash)?.[1] ?? "").trim();
}

/** The name of the element that a fragment leads to; empty if it leads to none. */
export function targetIn(hash: string): string {
  const [first = ""] = hash.slice(1).split("&");
  return first.startsWith("q=") ? "" : decode(first);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return "";
  }
}
