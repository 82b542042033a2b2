/** The search page: connects the box, the keys and the address to the finder. */
import type { Archive } from "../backfile.js";
import { filtersInAddress, keepInAddress, queryInAddress } from "./address.js";
import { Box } from "./box.js";
import { byId } from "./dom.js";
import { Finder } from "./finder.js";
import { FilterPanel } from "./panel.js";
import type { Filters } from "./filters.js";
import { listen } from "./keyboard.js";
import { stringsFor } from "./strings.js";
import { PageView } from "./view.js";

/** The public module, loaded when the reader first shows interest. */
declare const ARCHIVE_MODULE: string;

/** Browsers remember a module that failed to load; another query string makes them ask again. */
let failures = 0;

async function open(): Promise<Archive> {
  const address = failures > 0 ? `${ARCHIVE_MODULE}?${failures}` : ARCHIVE_MODULE;
  const { openArchive }: typeof import("../backfile.js") = await import(address).catch(remember);
  return openArchive();
}

function remember(thrown: unknown): never {
  failures++;
  throw thrown;
}

/** The page speaks the language of its archive, whoever reads it. */
const strings = stringsFor(document.documentElement.lang);
const panel = new FilterPanel(strings, { count: () => finder.count() }, (filters) => search(box.value, filters));
const finder = new Finder(open, new PageView(strings, panel));
const input = byId("query", HTMLInputElement);
const results = byId("results", HTMLOListElement);
const more = byId("more", HTMLButtonElement);

const box = new Box(input, (query) => search(query, panel.filters));

function search(query: string, filters: Filters): void {
  keepInAddress(query, filters);
  finder.find(query, filters);
}

function entries(): HTMLElement[] {
  const found = [...results.querySelectorAll<HTMLElement>(".entry")];
  return more.hidden ? found : [...found, more];
}

function submit(event: Event): void {
  event.preventDefault();
  box.submit();
  if (matchMedia("(pointer: coarse)").matches) input.blur(); // puts the on-screen keyboard away
}

/** Shows what the address asks for, or another query with its filters. */
function recall(query = queryInAddress()): void {
  panel.filters = filtersInAddress();
  box.set(query);
}

byId("unstarted", HTMLElement).remove();
listen({ box, input, entries });
input.addEventListener("focus", () => finder.prepare(), { once: true });
byId("search", HTMLFormElement).addEventListener("submit", submit);
byId("clear", HTMLButtonElement).addEventListener("click", () => (box.set(""), box.focus()));
byId("retry", HTMLButtonElement).addEventListener("click", () => finder.retry());
more.addEventListener("click", () => finder.more());
addEventListener("online", () => void finder.reconnected());
addEventListener("popstate", () => recall());
// To who comes back, WebKit shows the page as it was left, but with the box reset, since nothing is to be completed in it: to this.
addEventListener("pagehide", () => (input.defaultValue = input.value));
// What was typed before this script came is newer than the address.
if (location.search !== "" || input.value !== "") recall(input.value || undefined);
if (document.activeElement === input) finder.prepare();
