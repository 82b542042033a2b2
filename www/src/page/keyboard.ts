/** The keys: `/` to the box, Esc to clear, arrows through the results. Enter opens, as on any link. */
import type { Box } from "./box.js";

export interface Keys {
  box: Box;
  input: HTMLInputElement;
  /** What the arrow keys walk through, from top to bottom. */
  entries: () => HTMLElement[];
}

export function listen(keys: Keys): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isDate(event.target)) return;
    if (press(event, keys)) event.preventDefault();
  });
}

/** Dates are typed with slashes, and have uses of their own for arrows and Esc. */
function isDate(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === "date";
}

/** Whether the key meant something here. */
function press(event: KeyboardEvent, keys: Keys): boolean {
  switch (event.key) {
    case "/":
      return focusBox(keys);
    case "Escape":
      return clear(keys);
    case "ArrowDown":
      return !event.shiftKey && move(keys, 1);
    case "ArrowUp":
      return !event.shiftKey && move(keys, -1);
    default:
      return false;
  }
}

function focusBox({ box, input }: Keys): boolean {
  if (document.activeElement === input) return false;
  box.focus();
  return true;
}

function clear({ box }: Keys): boolean {
  if (box.value !== "") box.set("");
  box.focus();
  return true;
}

/** From the box down into the list, and from its top back into the box. */
function move({ box, input, entries }: Keys, step: 1 | -1): boolean {
  const stops = [input, ...entries()];
  const here = stops.findIndex((stop) => stop === document.activeElement);
  const next = stops[here + step];
  if (here < 0 || !next) return false;
  if (next === input) box.focus();
  else next.focus();
  return true;
}
