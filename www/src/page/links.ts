/** Addresses come out of the archive's data, so they are not trusted. */

/** The address if a reader may be sent there: http, https or relative to the page. Otherwise undefined. */
export function safeLink(url: string, page: string): string | undefined {
  if (url === "") return undefined;
  try {
    const { protocol, href } = new URL(url, page);
    return protocol === "http:" || protocol === "https:" ? href : undefined;
  } catch {
    return undefined;
  }
}
