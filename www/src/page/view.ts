/** Draws the finder's states into index.html. */
import type { ArchiveInfo, SearchResult } from "../backfile.js";
import { longDate } from "./dates.js";
import { byId } from "./dom.js";
import type { State, View } from "./finder.js";
import { resultItem } from "./result.js";
import { stringsFor } from "./strings.js";
import type { Strings } from "./strings.js";

export class PageView implements View {
  readonly #title = byId("title", HTMLElement);
  /** The builder prints the archive's name into the page, so that it stands there before anything is loaded. */
  readonly #printedTitle = this.#title.textContent ?? "";
  readonly #about = byId("about", HTMLElement);
  readonly #printedAbout = this.#about.textContent ?? "";
  readonly #status = byId("status", HTMLElement);
  readonly #hint = byId("hint", HTMLElement);
  readonly #results = byId("results", HTMLOListElement);
  readonly #more = byId("more", HTMLButtonElement);
  readonly #failure = byId("failure", HTMLElement);
  readonly #reason = byId("reason", HTMLElement);
  readonly #details = byId("details", HTMLElement);
  #strings: Strings;
  #info: ArchiveInfo | undefined;
  #state: State = { kind: "idle" };

  constructor(strings: Strings) {
    this.#strings = strings;
    this.#label();
  }

  opened(info: ArchiveInfo): void {
    this.#info = info;
    this.#strings = stringsFor([info.language, this.#strings.language]);
    this.#label();
  }

  busy(busy: boolean): void {
    document.body.classList.toggle("busy", busy);
    this.#results.setAttribute("aria-busy", String(busy));
    this.#status.textContent = busy ? this.#strings.searching : this.#summary();
  }

  show(state: State): void {
    const earlier = this.#state;
    this.#state = state;
    this.#status.textContent = this.#summary();
    this.#hint.hidden = !(state.kind === "found" && state.total === 0);
    this.#showFailure(state);
    this.#list(state, earlier);
    document.title = this.#documentTitle();
  }

  /** Further results are added below the others, so that a reader's place in the list stays where it was. */
  #list(state: State, earlier: State): void {
    const results = listed(state);
    const kept = continues(results, listed(earlier)) ? listed(earlier).length : 0;
    const items = results.slice(kept).map((result) => resultItem(result, this.#info?.language ?? "", this.#strings));
    const first = items[0]?.querySelector<HTMLElement>(".entry");
    if (kept === 0) this.#results.replaceChildren(...items);
    else this.#results.append(...items);
    this.#showMore(state, results.length, kept > 0 ? first : undefined);
  }

  /** When the last results have come, the button goes; its focus moves on to the first of them. */
  #showMore(state: State, shown: number, next: HTMLElement | null | undefined): void {
    const left = state.kind === "found" ? state.total - shown : 0;
    const focused = document.activeElement === this.#more;
    this.#more.hidden = left <= 0;
    this.#more.textContent = this.#strings.more(Math.min(left, 10));
    if (focused && left <= 0) next?.focus();
  }

  #showFailure(state: State): void {
    const failed = state.kind === "failed";
    this.#failure.hidden = !failed;
    this.#reason.textContent = failed ? this.#strings.reason(state.code) : "";
    this.#details.textContent = failed ? state.details : "";
  }

  #summary(): string {
    const state = this.#state;
    if (state.kind === "idle") return "";
    if (state.kind === "failed") return this.#strings.failed;
    if (state.total === 0) return this.#strings.nothing(state.query.trim());
    return state.results.length > 10 ? this.#strings.added(state.results.length, state.total) : this.#strings.count(state.total);
  }

  #label(): void {
    const strings = this.#strings;
    document.documentElement.lang = strings.language;
    this.#title.textContent = this.#archiveTitle();
    this.#about.textContent = this.#info ? describe(this.#info, strings) : this.#printedAbout;
    byId("label", HTMLElement).textContent = strings.box;
    byId("query", HTMLInputElement).placeholder = strings.placeholder;
    byId("clear", HTMLButtonElement).setAttribute("aria-label", strings.clear);
    byId("retry", HTMLButtonElement).textContent = strings.retry;
    byId("footer", HTMLElement).textContent = strings.footer;
    byId("keys", HTMLElement).textContent = strings.hint;
    this.#hint.textContent = strings.nothingHint;
    document.title = this.#documentTitle();
  }

  #archiveTitle(): string {
    return this.#info?.title || this.#printedTitle || this.#strings.untitled;
  }

  #documentTitle(): string {
    const title = this.#archiveTitle();
    return this.#state.kind === "idle" ? title : `${this.#state.query.trim()} – ${title}`;
  }
}

function listed(state: State): readonly SearchResult[] {
  return state.kind === "idle" ? [] : state.results;
}

/** The same answers, and maybe more after them. */
function continues(results: readonly SearchResult[], earlier: readonly SearchResult[]): boolean {
  return earlier.length > 0 && earlier.length <= results.length && earlier.every((result, index) => result === results[index]);
}

function describe(info: ArchiveInfo, strings: Strings): string {
  const [first, last] = [info.firstDate, info.lastDate].map((date) => (date ? longDate(date, strings.language) : ""));
  return strings.about(info.documents, first && last ? strings.years(first, last) : "");
}
