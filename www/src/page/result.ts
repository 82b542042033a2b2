/** One entry of the list of results. */
import type { SearchResult } from "../backfile.js";
import { longDate } from "./dates.js";
import { element } from "./dom.js";
import { safeLink, withQuery } from "./links.js";
import type { Strings } from "./strings.js";
import { joinColumns, languageOf } from "./text.js";

/** The metadata that an entry shows, in this order; the rest is for programs. */
const SHOWN_FIELDS = ["publication", "section", "column", "page", "author", "byline"] as const;
const LONGEST_FIELD = 40;

export function resultItem(result: SearchResult, query: string, archiveLanguage: string, strings: Strings): HTMLLIElement {
  const pieces = isArticle(result) ? result.excerpt : joinColumns(result.excerpt);
  const text = pieces.map((piece) => piece.text).join("");
  const language = languageOf(result.title + text, archiveLanguage);
  return element("li", { class: "result", ...(language && { lang: language }) }, source(result, strings), article(result, query, pieces));
}

/** Of a page that was cut into articles: its lines are paragraphs, and those of columns have been joined. */
function isArticle({ meta }: SearchResult): boolean {
  return meta["kind"] !== undefined && meta["order"] !== undefined;
}

/** The same text, printed again: a line below the entry. */
export function reprintLine(result: SearchResult, query: string, strings: Strings): HTMLElement {
  const when = result.date ? [longDate(result.date, strings.language)] : [];
  const what = [...when, ...shownFields(result.meta, strings)].join(" ") || result.id;
  const href = hrefOf(result, query);
  return element("p", { class: "again", lang: strings.language }, strings.again, href ? element("a", { href }, what) : what);
}

function hrefOf({ url }: SearchResult, query: string): string | undefined {
  return safeLink(withQuery(url, query), document.baseURI);
}

/** When and where it was printed; in the reader's language, like the rest of the page. */
function source({ date, meta }: SearchResult, strings: Strings): HTMLElement {
  const parts: HTMLElement[] = [];
  if (date) parts.push(element("time", { datetime: date }, longDate(date, strings.language)));
  for (const field of shownFields(meta, strings)) parts.push(element("span", {}, field));
  return element("p", { class: "source", lang: strings.language }, ...parts);
}

function shownFields(meta: SearchResult["meta"], strings: Strings): string[] {
  return SHOWN_FIELDS.flatMap((name) => {
    const value = meta[name];
    if (typeof value !== "string" && typeof value !== "number") return [];
    const text = String(value).trim();
    if (text === "" || text.length > LONGEST_FIELD) return [];
    return [name === "page" && /^\d+$/.test(text) ? strings.pageNumber(String(Number(text))) : text];
  });
}

/** When only the headline contains what was searched, the engine gives it as the excerpt: then it is marked where it stands. */
function article(result: SearchResult, query: string, pieces: SearchResult["excerpt"]): HTMLElement {
  const inTitle = pieces.map((piece) => piece.text).join("") === result.title;
  const title = inTitle ? marked(pieces) : [result.title.trim() || result.id];
  const made = element("div", { class: "article" }, heading(result, query, title));
  if (!inTitle) made.append(element("p", { class: "excerpt" }, ...marked(pieces)));
  return made;
}

function marked(pieces: SearchResult["excerpt"]): Array<Node | string> {
  return pieces.map(({ text, hit }) => (hit ? element("mark", {}, text) : text));
}

/** Readers can reach every entry with the arrow keys, whether it leads somewhere or not. */
function heading(result: SearchResult, query: string, title: Array<Node | string>): HTMLElement {
  const href = hrefOf(result, query);
  const entry = href ? element("a", { href, class: "entry" }, ...title) : element("span", { class: "entry", tabindex: "-1" }, ...title);
  return element("h2", {}, entry);
}
