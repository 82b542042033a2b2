// A plain static host that counts what it sends: gzip for text and wasm, ranges for all that it
// sends as it is, and, if asked, a slow link before it.
//
// `www/scripts/serve.mjs` compresses anew for each request, which would be charged to engines with
// large files; this host keeps what it has compressed, as hosts do.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { slowLink } from './link.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Requests below this path are the benchmark's own and are neither counted nor slowed down. */
export const OWN = '/own/';

/**
 * Serves `folder`, and the benchmark's adapters below `OWN`. `rewrite` may change a file's bytes,
 * for measuring only. `host.measure(link)` starts a new count, on a new link.
 */
export async function startHost(folder, adapters, { rewrite = (body) => body } = {}) {
  const compressed = new Map();
  const host = { meter: slowLink(), log: [] };
  host.measure = (link) => {
    host.log = [];
    return (host.meter = slowLink(link));
  };

  async function respond(request, response) {
    const { pathname } = new URL(request.url, 'http://localhost');
    const own = pathname.startsWith(OWN);
    const file = own ? path.join(adapters, pathname.slice(OWN.length)) : path.join(folder, decodeURIComponent(pathname));
    const answer = await answerFor(file, request);
    if (!own) {
      host.log.push({ pathname, bytes: answer.body.length });
      await host.meter.rule(answer);
    }
    response.writeHead(answer.status, { 'content-length': answer.body.length, ...answer.headers }).end(answer.body);
  }

  async function answerFor(file, { method, headers: asked }) {
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return { status: 404, headers: {}, body: Buffer.alloc(0) };
    const type = TYPES[path.extname(file)];
    const headers = { 'content-type': type ?? 'application/octet-stream', 'cache-control': 'max-age=600' };
    if (type && !asked.range) return { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: await gzipped(file) };
    const [first, last] = range(asked.range, found.size);
    const body = method === 'HEAD' ? Buffer.alloc(0) : await read(file, first, last);
    const described = { ...headers, 'accept-ranges': 'bytes', 'content-length': last + 1 - first };
    if (!asked.range) return { status: 200, headers: described, body };
    return { status: 206, headers: { ...described, 'content-range': `bytes ${first}-${last}/${found.size}` }, body };
  }

  function gzipped(file) {
    if (!compressed.has(file)) compressed.set(file, compress(file, rewrite));
    return compressed.get(file);
  }

  const server = http.createServer((request, response) => {
    respond(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  host.origin = `http://127.0.0.1:${server.address().port}`;
  host.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return host;
}

async function compress(file, rewrite) {
  const plain = rewrite(await buffer(createReadStream(file)), file);
  const gzip = createGzip({ level: 6 });
  gzip.end(plain);
  return buffer(gzip);
}

function range(header, size) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [undefined, 0, ''];
  return [Number(first), Math.min(last ? Number(last) : Infinity, size - 1)];
}

async function read(file, first, last) {
  const handle = await open(file);
  try {
    const { buffer: body } = await handle.read(Buffer.alloc(last + 1 - first), 0, last + 1 - first, first);
    return body;
  } finally {
    await handle.close();
  }
}
