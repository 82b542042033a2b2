/** The search page: connects the box, the keys and the address to the finder. */
import type { Archive } from "../backfile.js";
import { keepInAddress, queryInAddress } from "./address.js";
import { Box } from "./box.js";
import { byId } from "./dom.js";
import { Finder } from "./finder.js";
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

/** A page that says its language knows better than the reader's browser. */
const pageLanguage = document.documentElement.lang;
const finder = new Finder(open, new PageView(stringsFor([pageLanguage, ...navigator.languages])));
const input = byId("query", HTMLInputElement);
const results = byId("results", HTMLOListElement);
const more = byId("more", HTMLButtonElement);

const box = new Box(input, (query) => {
  keepInAddress(query);
  finder.find(query);
});

function entries(): HTMLElement[] {
  const found = [...results.querySelectorAll<HTMLElement>(".entry")];
  return more.hidden ? found : [...found, more];
}

function submit(event: Event): void {
  event.preventDefault();
  box.submit();
  if (matchMedia("(pointer: coarse)").matches) input.blur(); // puts the on-screen keyboard away
}

function recall(): void {
  if (box.value !== queryInAddress()) box.set(queryInAddress());
}

byId("unstarted", HTMLElement).remove();
listen({ box, input, entries });
input.addEventListener("focus", () => finder.prepare(), { once: true });
byId("search", HTMLFormElement).addEventListener("submit", submit);
byId("clear", HTMLButtonElement).addEventListener("click", () => (box.set(""), box.focus()));
byId("retry", HTMLButtonElement).addEventListener("click", () => finder.retry());
more.addEventListener("click", () => finder.more());
addEventListener("online", () => finder.retry());
addEventListener("popstate", recall);
if (queryInAddress() !== "") recall();
if (document.activeElement === input) finder.prepare();
