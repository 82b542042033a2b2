/** Small pieces around `AbortSignal` that browsers from before 2024 lack. */

/** Aborts `target` when `source` is aborted, until the returned function is called. */
export function follow(source: AbortSignal | undefined, target: AbortController): () => void {
  const abort = (): void => target.abort(source?.reason);
  if (source?.aborted) abort();
  source?.addEventListener("abort", abort);
  return () => source?.removeEventListener("abort", abort);
}

/** The value, or the signal's reason as soon as it is aborted. */
export function orAborted<T>(value: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (!signal || !(value instanceof Promise)) return value;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Resolves after a while; rejects at once with the signal's reason. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return Promise.resolve(orAborted(elapsed, signal)).finally(() => clearTimeout(timer));
}

/** What a fetch throws that was given up. */
export function isAbort(thrown: unknown): boolean {
  return (thrown as { name?: unknown } | undefined)?.name === "AbortError";
}
