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

/** An address of this site with the query behind it, so that the page can mark what was searched; others stay as they are. */
export function withQuery(url: string, query: string): string {
  const isForeign = /^([a-z][a-z\d+.-]*:|[\\/]{2})/i.test(url.trim());
  if (url === "" || isForeign || query.trim() === "") return url;
  return `${url}${url.includes("#") ? "&" : "#"}q=${encodeURIComponent(query.trim())}`;
}
