/**
 * One class for everything that can go wrong, with a stable code.
 *
 * The engine throws plain `Error`s with a `code`; a worker can pass neither classes nor own
 * properties of errors through `postMessage` in every browser. So errors cross as `ErrorData`
 * and are rebuilt on the other side.
 */

/**
 * What went wrong, for programs. The message says which file and what to do.
 *
 * - `missing`: the host answers that there is no such file.
 * - `unreachable`: no usable answer after all retries.
 * - `damaged`, `not-backfile`, `wrong-block`: the file came, but it is not what was published.
 * - `newer-format`, `older-format`: the archive and this module are of different versions.
 * - `unsupported`: the browser or the page's security policy refuses the engine.
 * - `closed`: `close()` was called.
 * - `internal`: a bug in Backfile.
 */
export type ErrorCode =
  | "missing"
  | "unreachable"
  | "damaged"
  | "not-backfile"
  | "wrong-block"
  | "newer-format"
  | "older-format"
  | "unsupported"
  | "closed"
  | "internal";

/** What `openArchive` and `search` throw, unless the caller's own signal stopped them. */
export class BackfileError extends Error {
  override readonly name = "BackfileError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** The file that it is about, where there is one. */
  readonly url: string | undefined;

  constructor(code: ErrorCode, message: string, url?: string) {
    super(message);
    this.code = code;
    this.url = url;
  }
}

/** An error as it crosses from the worker. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  url: string | undefined;
}

const ENGINE_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "damaged",
  "not-backfile",
  "wrong-block",
  "newer-format",
  "older-format",
  "internal",
]);

const TRAPPED = "the search engine stopped unexpectedly; it is started anew for the next search. Please report the query";

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Any thrown value as a `BackfileError`; the engine's errors keep their code. */
export function asBackfileError(thrown: unknown, url?: string): BackfileError {
  if (thrown instanceof BackfileError) return thrown;
  if (isForeign(thrown)) return fromData(thrown);
  const message = messageOf(thrown);
  if (isTrap(thrown)) return new BackfileError("internal", `${TRAPPED} (${message})`, url);
  return new BackfileError(engineCode(thrown) ?? "internal", message, url);
}

/** From another instance of this module, and so of another class of the same name. */
function isForeign(thrown: unknown): thrown is BackfileError {
  return thrown instanceof Error && thrown.name === "BackfileError";
}

function engineCode(thrown: unknown): ErrorCode | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  const { code } = thrown;
  return typeof code === "string" && ENGINE_CODES.has(code) ? (code as ErrorCode) : undefined;
}

export function toData({ code, message, url }: BackfileError): ErrorData {
  return { code, message, url };
}

export function fromData({ code, message, url }: ErrorData): BackfileError {
  return new BackfileError(code, message, url);
}

/** The bytes are not what was published: a second download past the caches may put it right. */
export function isDamage(thrown: unknown): boolean {
  const code = engineCode(thrown);
  return code === "damaged" || code === "not-backfile" || code === "wrong-block";
}

/** The engine trapped or ran out of stack. Its memory is in an unknown state, so the instance has to go. */
export function isTrap(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError;
}
