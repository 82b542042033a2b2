/** The bar below an article: how many hits there are, and buttons that go from one to the next. */
import { element } from "./dom.js";
import type { HitStrings } from "./hit-strings.js";

export class HitBar {
  readonly #strings: HitStrings;
  readonly #bar: HTMLElement;
  readonly #count: HTMLElement;
  readonly #buttons: HTMLButtonElement[];
  #hits: HTMLElement[] = [];
  #at = -1;

  constructor(strings: HitStrings, query: string, close: () => void) {
    this.#strings = strings;
    this.#count = element("output", { "aria-live": "polite" }, strings.looking);
    const previous = button("↑", strings.previous, () => this.step(-1));
    const next = button("↓", strings.next, () => this.step(1));
    this.#buttons = [previous, next];
    const name = element("span", { class: "query" }, query);
    this.#bar = element("div", { class: "hits", role: "region", "aria-label": strings.region }, name, this.#count, previous, next, button("×", strings.close, close));
    this.#enable();
    document.body.append(this.#bar);
  }

  /** The hits in the order of the page; undefined if they could not be looked for. */
  show(hits: HTMLElement[] | undefined): void {
    this.#hits = hits ?? [];
    this.#enable();
    if (this.#hits.length > 0) this.step(1);
    else this.#count.textContent = hits ? this.#strings.none : this.#strings.failed;
  }

  /** Goes so many hits on, around the end. Whether there was one to go to. */
  step(by: 1 | -1): boolean {
    const total = this.#hits.length;
    if (total === 0) return false;
    this.#highlight(false);
    this.#at = (this.#at + by + total) % total;
    this.#highlight(true);
    this.#count.textContent = this.#strings.count(this.#at + 1, total);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#hits[this.#at]?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    return true;
  }

  remove(): void {
    this.#bar.remove();
  }

  #highlight(on: boolean): void {
    const hit = this.#hits[this.#at];
    hit?.classList.toggle("now", on);
    if (on) hit?.setAttribute("aria-current", "true");
    else hit?.removeAttribute("aria-current");
  }

  #enable(): void {
    for (const made of this.#buttons) made.disabled = this.#hits.length === 0;
  }
}

function button(label: string, title: string, pressed: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", title, "aria-label": title }, label);
  made.addEventListener("click", pressed);
  return made;
}
