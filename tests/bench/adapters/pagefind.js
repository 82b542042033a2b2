let pagefind;

export async function init() {
  pagefind = await import('/pagefind/pagefind.js');
  await pagefind.options({ excerptLength: 30 });
  await pagefind.init();
}

/** Addresses are escaped file names, and file names are escaped ids. */
const idOf = (url) => decodeURIComponent(decodeURIComponent(url)).replace(/^.*\//, '').replace(/\.html$/, '');

export async function search(query, limit) {
  const { results } = await pagefind.search(query);
  const shown = await Promise.all(results.slice(0, limit).map((result) => result.data()));
  return { total: results.length, ids: shown.map(({ url }) => idOf(url)) };
}
