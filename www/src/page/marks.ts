/** Marks in the text of a page: elements, so that they are there for finding in the page, for printing and for copying. */
import type { Place } from "../backfile.js";

/** Marks these places in an element that holds nothing but text. Gives the marks in their order. */
export function mark(element: HTMLElement, places: readonly Place[]): HTMLElement[] {
  const text = element.textContent ?? "";
  if (places.length === 0) return [];
  const marks: HTMLElement[] = [];
  const parts: (string | Node)[] = [];
  let end = 0;
  for (const [start, stop] of places) {
    const made = document.createElement("mark");
    made.textContent = text.slice(start, stop);
    parts.push(text.slice(end, start), made);
    marks.push(made);
    end = stop;
  }
  element.replaceChildren(...parts, text.slice(end));
  return marks;
}

/** Takes all marks away. The text is whole again, as it was before. */
export function unmark(root: ParentNode): void {
  const marked = new Set<Element>();
  for (const made of root.querySelectorAll("[data-text] mark")) {
    const element = made.closest("[data-text]");
    if (element) marked.add(element);
  }
  for (const element of marked) element.textContent = element.textContent ?? "";
}
