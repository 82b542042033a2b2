/**
 * What the reader has narrowed the search to: values of fields, and what is said of them in the address.
 *
 * Values of one field are alternatives. A value of a hierarchy stands for all below it, so a value and one above it are
 * never chosen together.
 */

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

/** Only the fields that the archive has. */
export function known(filters: Filters, fields: readonly string[]): Filters {
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
