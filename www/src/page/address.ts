/** The query in the page's address, so that a search can be kept, sent and come back to. */

export function queryInAddress(): string {
  return new URLSearchParams(location.search).get("q") ?? "";
}

/** Replaces instead of adding: a reader's way back must not lead through every letter. */
export function keepInAddress(query: string): void {
  const url = new URL(location.href);
  if (query.trim() === "") url.searchParams.delete("q");
  else url.searchParams.set("q", query);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
