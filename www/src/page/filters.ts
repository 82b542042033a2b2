/**
 * What the reader has narrowed the search to: values of fields, and what is said of them in the address.
 *
 * Values of one field are alternatives. A value of a hierarchy stands for all below it, so a value and one above it are
 * never chosen together. The first and the last date that are wanted, `from` and `to`, are kept like fields of one value.
 */
import type { ArchiveInfo } from "../backfile.js";

/** By field; no field without values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export const NO_FILTERS: Filters = {};

/** Between the levels of a hierarchy. */
const LEVEL = " ▸ ";

export function isEmpty(filters: Filters): boolean {
  return Object.keys(filters).length === 0;
}

export function isChosen(filters: Filters, field: string, value: string): boolean {
  return filters[field]?.includes(value) ?? false;
}

/** With the value chosen if it was not, and the other way round. */
export function toggled(filters: Filters, field: string, value: string): Filters {
  const own = filters[field] ?? [];
  const others = own.filter((other) => other !== value && !isBelow(field, other, value) && !isBelow(field, value, other));
  return withValues(filters, field, own.includes(value) ? others : [...others, value]);
}

function withValues(filters: Filters, field: string, values: readonly string[]): Filters {
  const { [field]: _, ...others } = filters;
  return values.length > 0 ? { ...others, [field]: values } : others;
}

/** With another first or last date, or with none. */
export function limited(filters: Filters, end: string, date: string): Filters {
  return withValues(filters, end, date === "" ? [] : [date]);
}

/** The fields that can be chosen from, in the order in which they are shown. */
export function facetsOf(info: ArchiveInfo): string[] {
  return ["date", ...info.facets];
}

/** The two ends of a range of dates, unless the archive has no dates, or calls its own fields so. */
export function rangeOf({ facets, firstDate }: ArchiveInfo): string[] {
  return firstDate ? ["from", "to"].filter((end) => !facets.includes(end)) : [];
}

/** Only what can be chosen in the archive. */
export function known(filters: Filters, info: ArchiveInfo): Filters {
  return only(filters, [...rangeOf(info), ...facetsOf(info)]);
}

/** Only these fields. */
export function only(filters: Filters, fields: readonly string[]): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([field]) => fields.includes(field)));
}

/** The value above: of a month its year. */
export function parentOf(field: string, value: string): string | undefined {
  const end = field === "date" ? value.lastIndexOf("-") : value.lastIndexOf(LEVEL);
  return end < 0 ? undefined : value.slice(0, end);
}

export function isBelow(field: string, value: string, above: string): boolean {
  return value.startsWith(above + (field === "date" ? "-" : LEVEL));
}

/** What the value is called below the one above it. */
export function lastLevel(value: string): string {
  const end = value.lastIndexOf(LEVEL);
  return end < 0 ? value : value.slice(end + LEVEL.length);
}
