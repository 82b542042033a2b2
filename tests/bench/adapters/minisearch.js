import { excerpt } from './excerpt.js';
import { OPTIONS } from './minisearch-options.js';

let index;

export async function init() {
  const [{ default: MiniSearch }, json] = await Promise.all([import('/minisearch.js'), fetch('/index.json').then((response) => response.text())]);
  index = MiniSearch.loadJSON(json, OPTIONS);
}

export async function search(query, limit) {
  const found = index.search(query);
  const shown = found.slice(0, limit);
  return { total: found.length, ids: shown.map(({ id }) => id), excerpts: shown.map(({ body }) => excerpt(body, query)) };
}
