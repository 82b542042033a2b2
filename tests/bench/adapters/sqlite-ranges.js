// The database stays on the host; sql.js-httpvfs fetches the pages that a query touches.
import { excerpt } from './excerpt.js';
import { queryFor } from './sqlite-query.js';

let worker;

export async function init() {
  await script('/httpvfs.js');
  const config = { serverMode: 'full', requestChunkSize: 4096, url: new URL('/archive.db', location.href).href };
  worker = await globalThis.createDbWorker([{ from: 'inline', config }], '/sqlite.worker.js', '/sql-wasm.wasm');
}

function script(src) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject });
    document.head.append(element);
  });
}

export async function search(query, limit) {
  const { count, first, values } = queryFor(query);
  const [{ total }] = await worker.db.query(count, values);
  const rows = await worker.db.query(first, [...values, limit]);
  return { total, ids: rows.map(({ id }) => id), excerpts: rows.map(({ body }) => excerpt(body, query)) };
}
