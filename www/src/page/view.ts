/** Draws the finder's states into index.html. */
import type { ArchiveInfo, SearchResult } from "../backfile.js";
import { byId } from "./dom.js";
import { isEmpty } from "./filters.js";
import type { Found, State, View } from "./finder.js";
import type { FilterPanel } from "./panel.js";
import { reprintLine, resultItem } from "./result.js";
import type { Strings } from "./strings.js";

export class PageView implements View {
  /** The archive's name, which the builder prints into the page. */
  readonly #title = document.title;
  readonly #status = byId("status", HTMLElement);
  readonly #hint = byId("hint", HTMLElement);
  readonly #results = byId("results", HTMLOListElement);
  readonly #more = byId("more", HTMLButtonElement);
  readonly #failure = byId("failure", HTMLElement);
  readonly #reason = byId("reason", HTMLElement);
  readonly #details = byId("details", HTMLElement);
  readonly #strings: Strings;
  #info: ArchiveInfo | undefined;
  #state: State = { kind: "idle" };

  readonly #panel: FilterPanel;
  /** The entries of the list by what their reprints have in common. */
  readonly #entries = new Map<string, HTMLElement>();

  constructor(strings: Strings, panel: FilterPanel) {
    this.#strings = strings;
    this.#panel = panel;
    this.#label();
  }

  opened(info: ArchiveInfo): void {
    this.#info = info;
    this.#panel.opened(info);
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
    this.#hint.hidden = !(state.kind === "found" && state.total === 0 && isEmpty(this.#panel.filters));
    this.#showFailure(state);
    this.#list(state, earlier);
    this.#panel.show(state.kind === "found" && state.total > 0);
    document.title = this.#documentTitle();
  }

  /** Further results are added below the others, so that a reader's place in the list stays where it was. */
  #list(state: State, earlier: State): void {
    const results = listed(state);
    const kept = continues(results, listed(earlier)) ? listed(earlier).length : 0;
    if (kept === 0) this.#clearList();
    const items = results.slice(kept).flatMap((result) => this.#item(result));
    const first = items[0]?.querySelector<HTMLElement>(".entry");
    this.#results.append(...items);
    this.#showMore(state, results.length, kept > 0 ? first : undefined);
  }

  #clearList(): void {
    this.#entries.clear();
    this.#results.replaceChildren();
  }

  /** A result's own entry; none if the same text has one already: then it is a line there. */
  #item(result: SearchResult): HTMLElement[] {
    const query = this.#state.kind === "idle" ? "" : this.#state.query;
    const { reprint_of: original } = result.meta;
    const text = typeof original === "string" ? original : result.id;
    const listed = this.#entries.get(text);
    if (listed) {
      listed.append(reprintLine(result, query, this.#strings));
      return [];
    }
    const item = resultItem(result, query, this.#info?.language ?? "", this.#strings);
    this.#entries.set(text, item.querySelector<HTMLElement>(".article") ?? item);
    return [item];
  }

  /** When the last results have come, the button goes; its focus moves on to the first of them. */
  #showMore(state: State, shown: number, next: HTMLElement | null | undefined): void {
    const left = state.kind === "found" ? leftOf(state, shown) : 0;
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
    // With filters, others may well contain it.
    if (state.total === 0 && isEmpty(this.#panel.filters)) return this.#strings.nothing(state.query.trim());
    const { results, total, exact } = state;
    const count = results.length > 10 ? this.#strings.added(results.length, total, exact) : this.#strings.count(total, exact);
    return state.order === "newest" && state.query.trim() !== "" ? count + this.#strings.newest : count;
  }

  #label(): void {
    const strings = this.#strings;
    byId("label", HTMLElement).textContent = strings.box;
    byId("query", HTMLInputElement).placeholder = strings.placeholder;
    byId("clear", HTMLButtonElement).setAttribute("aria-label", strings.clear);
    byId("retry", HTMLButtonElement).textContent = strings.retry;
    byId("keys", HTMLElement).textContent = strings.hint;
    this.#hint.textContent = strings.nothingHint;
  }

  #documentTitle(): string {
    const query = this.#state.kind === "idle" ? "" : this.#state.query.trim();
    return query === "" ? this.#title : `${query} – ${this.#title}`;
  }
}

function listed(state: State): readonly SearchResult[] {
  return state.kind === "idle" ? [] : state.results;
}

/** Results that are not listed: as long as nobody has counted them, there may be a further page. */
function leftOf({ total, exact }: Found, shown: number): number {
  return exact ? total - shown : 10;
}

/** The same answers, and maybe more after them. */
function continues(results: readonly SearchResult[], earlier: readonly SearchResult[]): boolean {
  return earlier.length > 0 && earlier.length <= results.length && earlier.every((result, index) => result === results[index]);
}
