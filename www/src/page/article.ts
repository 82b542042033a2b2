/**
 * The script of every page but the search: marks what was searched for, and lets a reader step through it.
 *
 * The query comes in the fragment of the address (`#q=春耕`, `#2024-01-12/03-2&q=春耕`), so that a link to a hit can
 * be sent to somebody and no server hears of it. Without one this does nothing but listen for the key `/`. Pages read
 * well without it.
 */
import type { Archive } from "../backfile.js";
import { queryIn, targetIn } from "./fragment.js";
import { HitBar } from "./hits.js";
import { hitStringsFor } from "./hit-strings.js";
import { mark, unmark } from "./marks.js";

/** The public module, loaded when there is something to mark. */
declare const ARCHIVE_MODULE: string;

let archive: Promise<Archive> | undefined;
let bar: HitBar | undefined;
/** Grows with every change of the address: an answer to an earlier one comes too late. */
let turn = 0;

/** The archive is opened once; after a failure, anew. */
function opened(): Promise<Archive> {
  archive ??= (import(ARCHIVE_MODULE) as Promise<typeof import("../backfile.js")>).then(({ openArchive }) => openArchive());
  archive.catch(() => (archive = undefined));
  return archive;
}

/** What can be searched: the whole page, or in a page of many articles the one that the address names. */
function texts(): HTMLElement[] {
  const target = document.getElementById(targetIn(location.hash));
  const article = target?.closest("[data-hits]") ?? document;
  return [...article.querySelectorAll<HTMLElement>("[data-text]")];
}

async function show(): Promise<void> {
  const mine = ++turn;
  clear();
  const query = queryIn(location.hash);
  if (query === "") return;
  const target = document.getElementById(targetIn(location.hash));
  target?.scrollIntoView();
  bar = new HitBar(hitStringsFor(document.documentElement.lang), query, leave);
  const marks = await find(query, texts()).catch(() => undefined);
  if (mine === turn) bar?.show(marks);
}

async function find(query: string, elements: HTMLElement[]): Promise<HTMLElement[]> {
  const content = elements.map((element) => element.textContent ?? "");
  const places = await (await opened()).hits(query, content, { prefix: true });
  return elements.flatMap((element, index) => mark(element, places[index] ?? []));
}

function clear(): void {
  bar?.remove();
  bar = undefined;
  unmark(document.body);
}

/** Takes the query out of the address too: what is shown and what is shared stay the same. */
function leave(): void {
  turn++;
  clear();
  const target = targetIn(location.hash);
  history.replaceState(history.state, "", target === "" ? location.pathname + location.search : `#${target}`);
}

/** The search lies where the site's name leads to. */
function toSearch(): boolean {
  const home = document.querySelector<HTMLAnchorElement>("a[rel=home]");
  if (!home) return false;
  location.href = `${home.href}#query`;
  return true;
}

function press(event: KeyboardEvent): boolean {
  switch (event.key) {
    case "/":
      return toSearch();
    case "n":
      return bar?.step(1) ?? false;
    case "p":
      return bar?.step(-1) ?? false;
    case "Escape":
      if (!bar) return false;
      leave();
      return true;
    default:
      return false;
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.matches("input, textarea, select, [contenteditable]");
  if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (press(event)) event.preventDefault();
});
addEventListener("hashchange", () => void show());
void show();
