/** One entry of the list of results. */
import type { SearchResult } from "../backfile.js";
import { longDate } from "./dates.js";
import { element } from "./dom.js";
import { safeLink } from "./links.js";
import type { Strings } from "./strings.js";
import { joinColumns, languageOf } from "./text.js";

/** The metadata that an entry shows, in this order; the rest is for programs. */
const SHOWN_FIELDS = ["publication", "section", "column", "page", "author", "byline"] as const;
const LONGEST_FIELD = 40;

export function resultItem(result: SearchResult, archiveLanguage: string, strings: Strings): HTMLLIElement {
  const pieces = joinColumns(result.excerpt);
  const text = pieces.map((piece) => piece.text).join("");
  const language = languageOf(result.title + text, archiveLanguage);
  return element("li", { class: "result", ...(language && { lang: language }) }, source(result, strings), article(result, pieces));
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
function article(result: SearchResult, pieces: SearchResult["excerpt"]): HTMLElement {
  const inTitle = pieces.map((piece) => piece.text).join("") === result.title;
  const title = inTitle ? marked(pieces) : [result.title.trim() || result.id];
  const made = element("div", { class: "article" }, heading(result, title));
  if (!inTitle) made.append(element("p", { class: "excerpt" }, ...marked(pieces)));
  return made;
}

function marked(pieces: SearchResult["excerpt"]): Array<Node | string> {
  return pieces.map(({ text, hit }) => (hit ? element("mark", {}, text) : text));
}

/** Readers can reach every entry with the arrow keys, whether it leads somewhere or not. */
function heading({ url }: SearchResult, title: Array<Node | string>): HTMLElement {
  const href = safeLink(url, document.baseURI);
  const entry = href ? element("a", { href, class: "entry" }, ...title) : element("span", { class: "entry", tabindex: "-1" }, ...title);
  return element("h2", {}, entry);
}
