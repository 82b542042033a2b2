/**
 * The filters: what there is to choose from, and what was chosen.
 *
 * Counting takes downloads that results do not need, so it waits until the reader opens the filters. What was chosen is
 * shown in any case and can be taken back without opening them.
 */
import type { ArchiveInfo, FacetCount, ValueCount } from "../backfile.js";
import { byId, element } from "./dom.js";
import { isBelow, isChosen, isEmpty, known, lastLevel, limited, NO_FILTERS, parentOf, rangeOf, toggled } from "./filters.js";
import type { Filters } from "./filters.js";
import type { Strings } from "./strings.js";

/** Whoever searches. */
export interface Counter {
  count(): Promise<FacetCount[] | undefined>;
}

/** The fields of a range of dates, by their ids. */
const ENDS = ["from", "to"];
/** Values of a field that are listed before the reader asks for more. */
const SHOWN = 8;

export class FilterPanel {
  readonly #panel = byId("filters", HTMLDetailsElement);
  readonly #facets = byId("facets", HTMLElement);
  readonly #chosen = byId("chosen", HTMLElement);
  readonly #counter: Counter;
  readonly #changed: (filters: Filters) => void;
  readonly #strings: Strings;
  /** Before it is known, nobody can tell a filter from another parameter of the address. */
  #info: ArchiveInfo | undefined;
  #filters = NO_FILTERS;
  #counts: readonly FacetCount[] = [];
  /** Fields of which all values are listed. */
  readonly #whole = new Set<string>();

  constructor(strings: Strings, counter: Counter, changed: (filters: Filters) => void) {
    this.#strings = strings;
    this.#counter = counter;
    this.#changed = changed;
    this.#panel.addEventListener("toggle", () => void this.#count());
    byId("filters-label", HTMLElement).textContent = strings.filters;
    this.#chosen.setAttribute("aria-label", strings.chosen);
    byId("range-label", HTMLElement).textContent = strings.field("date");
    for (const end of ENDS) this.#labelEnd(end);
  }

  get filters(): Filters {
    return this.#filters;
  }

  set filters(filters: Filters) {
    this.#filters = this.#info ? known(filters, this.#info) : filters;
    this.#drawChosen();
  }

  /** Where nothing has to be downloaded for it, readers of wide pages see the filters at once. */
  opened(info: ArchiveInfo): void {
    this.#info = info;
    this.filters = this.#filters;
    byId("range", HTMLElement).hidden = rangeOf(info).length < ENDS.length;
    for (const end of ENDS) {
      Object.assign(byId(end, HTMLInputElement), { min: info.firstDate ?? "", max: info.lastDate ?? "" });
    }
    if (info.resident && matchMedia("(min-width: 64rem)").matches) this.#panel.open = true;
  }

  /** There is something to be narrowed, or nothing any more. */
  show(visible: boolean): void {
    this.#panel.hidden = !visible && isEmpty(this.#filters);
    void this.#count();
  }

  /** A failure is that of the search itself, which is told where the results are. */
  async #count(): Promise<void> {
    if (!this.#panel.open || this.#panel.hidden) return;
    const counts = await this.#counter.count().catch(() => undefined);
    if (!counts) return;
    this.#counts = counts;
    this.#draw();
  }

  /** Those two stay when the rest is drawn anew: a reader may be typing in one. */
  #labelEnd(end: string): void {
    const input = byId(end, HTMLInputElement);
    byId(`${end}-label`, HTMLElement).textContent = this.#strings.field(end);
    input.addEventListener("change", () => {
      // A year is typed figure by figure: 0002, 0020.
      if (!input.value.startsWith("0")) this.#choose(limited(this.#filters, end, input.value));
    });
  }

  #toggle(field: string, value: string): void {
    this.#choose(toggled(this.#filters, field, value));
  }

  #choose(filters: Filters): void {
    this.filters = filters;
    this.#draw();
    this.#changed(filters);
  }

  #draw(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
    const fields = this.#counts.flatMap((facet) => this.#field(facet));
    this.#facets.replaceChildren(...(fields.length > 0 ? fields : [element("p", { class: "none" }, this.#strings.noFilters)]));
    if (focused === undefined) return;
    for (const input of this.#facets.querySelectorAll<HTMLElement>("[data-key]")) if (input.dataset["key"] === focused) input.focus();
  }

  /** A field of one value says nothing, unless it was chosen. */
  #field({ field, values }: FacetCount): HTMLElement[] {
    const top = inOrder(field, values.filter(({ value }) => parentOf(field, value) === undefined));
    if (top.length === 0 || (values.length === 1 && !this.#filters[field])) return [];
    const isShown = ({ value }: ValueCount, place: number): boolean => place < SHOWN || this.#whole.has(field) || this.#isOpen(field, value);
    const shown = top.filter(isShown);
    const list = element("ul", {}, ...shown.map((value) => this.#value(field, value, values)));
    const made = element("fieldset", {}, element("legend", {}, this.#strings.field(field)), list);
    if (shown.length < top.length) made.append(this.#more(field, top.length - shown.length));
    return [made];
  }

  #value(field: string, { value, count }: ValueCount, all: readonly ValueCount[]): HTMLElement {
    const attributes = { type: "checkbox", name: field, "data-key": `${field}=${value}` };
    const box = element("input", isChosen(this.#filters, field, value) ? { ...attributes, checked: "" } : attributes);
    box.addEventListener("change", () => this.#toggle(field, value));
    const label = element("label", {}, box, element("span", { class: "value" }, this.#name(field, value)), element("span", { class: "count" }, this.#strings.figure(count)));
    const made = element("li", {}, label);
    if (!this.#isOpen(field, value)) return made;
    const below = inOrder(field, all.filter((other) => parentOf(field, other.value) === value));
    if (below.length > 0) made.append(element("ul", {}, ...below.map((other) => this.#value(field, other, all))));
    return made;
  }

  /** What is below a value is listed when the value was chosen, or something below it. */
  #isOpen(field: string, value: string): boolean {
    return this.#filters[field]?.some((chosen) => chosen === value || isBelow(field, chosen, value)) ?? false;
  }

  #more(field: string, left: number): HTMLElement {
    const button = element("button", { type: "button", "data-key": `${field}=` }, this.#strings.moreValues(left));
    button.addEventListener("click", () => {
      const first = this.#facets.querySelectorAll(`[name="${CSS.escape(field)}"]`).length;
      this.#whole.add(field);
      this.#draw();
      this.#facets.querySelectorAll<HTMLElement>(`[name="${CSS.escape(field)}"]`)[first]?.focus();
    });
    return button;
  }

  #name(field: string, value: string): string {
    const name = lastLevel(value);
    return field === "page" && /^\d+$/.test(name) ? this.#strings.pageNumber(String(Number(name))) : this.#strings.value(field, name);
  }

  #drawChosen(): void {
    for (const end of ENDS) byId(end, HTMLInputElement).value = this.#filters[end]?.[0] ?? "";
    const all = Object.entries(this.#info ? this.#filters : NO_FILTERS).flatMap(([field, values]) => values.map((value) => this.#chip(field, value)));
    if (all.length > 1) all.push(this.#button(this.#strings.clearFilters, this.#strings.clearFilters, () => this.#choose(NO_FILTERS)));
    this.#chosen.replaceChildren(...all.map((button) => element("li", {}, button)));
    this.#chosen.hidden = all.length === 0;
  }

  #chip(field: string, value: string): HTMLElement {
    const what = `${this.#strings.field(field)}: ${this.#name(field, value)}`;
    const chip = this.#button(what, this.#strings.remove(what), () => this.#toggle(field, value));
    chip.append(element("span", { "aria-hidden": "true" }, "×"));
    return chip;
  }

  /** Its focus would be lost with it, so the next one gets it, or the panel. */
  #button(text: string, label: string, act: () => void): HTMLElement {
    const button = element("button", { type: "button", "aria-label": label }, text);
    button.addEventListener("click", () => {
      act();
      (this.#chosen.querySelector("button") ?? byId("filters-label", HTMLElement)).focus();
    });
    return button;
  }
}

/** Days from the newest to the oldest, numbers by size, all others as they came: the most frequent first. */
function inOrder(field: string, values: readonly ValueCount[]): ValueCount[] {
  if (field === "date") return [...values].sort((a, b) => (a.value < b.value ? 1 : -1));
  if (!values.every(({ value }) => /^\d+$/.test(value))) return [...values];
  return [...values].sort((a, b) => Number(a.value) - Number(b.value));
}
