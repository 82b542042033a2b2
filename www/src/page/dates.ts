/** Dates of print: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, written out in the reader's language. */

const SHAPES: ReadonlyArray<[RegExp, Intl.DateTimeFormatOptions]> = [
  [/^\d{4}-\d{2}-\d{2}$/, { year: "numeric", month: "long", day: "numeric" }],
  [/^\d{4}-\d{2}$/, { year: "numeric", month: "long" }],
  [/^\d{4}$/, { year: "numeric" }],
];

/** The date as readers write it, or as it stands if it has none of the three shapes. In English as the builder has it. */
export function longDate(date: string, language: string): string {
  const options = SHAPES.find(([shape]) => shape.test(date))?.[1];
  const time = new Date(date);
  if (!options || Number.isNaN(time.getTime())) return date;
  return new Intl.DateTimeFormat(language.startsWith("zh") ? language : "en-GB", { ...options, timeZone: "UTC" }).format(time);
}
