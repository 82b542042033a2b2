// The whole database is downloaded and opened in memory, in the page's own thread.
import { excerpt } from './excerpt.js';
import { queryFor } from './sqlite-query.js';

let db;

export async function init() {
  const [sqlite3, bytes] = await Promise.all([load(), download('/archive.db.gz')]);
  db = new sqlite3.oo1.DB();
  const pointer = sqlite3.wasm.allocFromTypedArray(bytes);
  const flags = sqlite3.capi.SQLITE_DESERIALIZE_FREEONCLOSE;
  db.checkRc(sqlite3.capi.sqlite3_deserialize(db.pointer, 'main', pointer, bytes.length, bytes.length, flags));
}

async function load() {
  const { default: sqlite3InitModule } = await import('/sqlite3.mjs');
  return sqlite3InitModule({ locateFile: (name) => `/${name}` });
}

async function download(url) {
  const { body } = await fetch(url);
  const inflated = new Response(body.pipeThrough(new DecompressionStream('gzip')));
  return new Uint8Array(await inflated.arrayBuffer());
}

export async function search(query, limit) {
  const { count, first, values } = queryFor(query);
  const total = db.selectValue(count, values);
  const rows = db.selectObjects(first, [...values, limit]);
  return { total, ids: rows.map(({ id }) => id), excerpts: rows.map(({ body }) => excerpt(body, query)) };
}
