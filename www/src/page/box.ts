/**
 * The search box: when what was typed becomes a query.
 *
 * An input method builds a word from keystrokes that are no query yet ("chun" on the way to 春),
 * so nothing is searched while a composition is under way. The browsers disagree on the order of
 * its last events; both `compositionend` and the `input` after it lead to the same query.
 */

/** Long enough to skip most letters of a word typed in one go, too short to be felt. */
const PAUSE = 60;

export class Box {
  readonly #input: HTMLInputElement;
  readonly #changed: (query: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #composing = false;

  constructor(input: HTMLInputElement, changed: (query: string) => void) {
    this.#input = input;
    this.#changed = changed;
    input.addEventListener("compositionstart", () => this.#compose());
    input.addEventListener("compositionend", () => this.#composed());
    input.addEventListener("input", (event) => this.#typed(event));
  }

  get value(): string {
    return this.#input.value;
  }

  get composing(): boolean {
    return this.#composing;
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** Puts a query in and searches it at once. */
  set(query: string): void {
    this.#input.value = query;
    this.submit();
  }

  /** Searches what stands there, without a pause. */
  submit(): void {
    clearTimeout(this.#timer);
    if (!this.#composing) this.#changed(this.#input.value);
  }

  #compose(): void {
    this.#composing = true;
    clearTimeout(this.#timer);
  }

  #composed(): void {
    this.#composing = false;
    this.submit();
  }

  #typed(event: Event): void {
    if (this.#composing || (event instanceof InputEvent && event.isComposing)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.submit(), PAUSE);
  }
}
