/** Query and filters in the page's address, so that a search can be kept, sent and come back to. */
import type { Filters } from "./filters.js";

export function queryInAddress(): string {
  return new URLSearchParams(location.search).get("q") ?? "";
}

/** Everything else, whether the archive has such a field or not: nobody knows that before it is open. */
export function filtersInAddress(): Filters {
  const filters: Record<string, string[]> = {};
  for (const [field, value] of new URLSearchParams(location.search)) {
    if (field !== "q" && value !== "") (filters[field] ??= []).push(value);
  }
  return filters;
}

/** Replaces instead of adding: a reader's way back must not lead through every letter. */
export function keepInAddress(query: string, filters: Filters): void {
  const url = new URL(location.href);
  url.search = "";
  if (query.trim() !== "") url.searchParams.set("q", query);
  for (const [field, values] of Object.entries(filters)) for (const value of values) url.searchParams.append(field, value);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
