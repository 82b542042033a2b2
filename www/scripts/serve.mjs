// Serves a folder the way a plain static host does: right types, gzip for text, ETags, ranges.
//
//   node scripts/serve.mjs DIR [--port N]
//
// Only for this machine. Tests import `serve` and use `intercept` to make the host misbehave.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const HASHED = /-[0-9a-f]{16}\.\w+$|\/[0-9a-f]{16,}\//;

/** The answer for one file: status, headers, body; `intercept` may change it or return another. */
export async function serve(folder, { port = 0, intercept = (answer) => answer } = {}) {
  const root = path.resolve(folder);
  const server = http.createServer((request, response) => {
    respond(root, request, intercept).then(
      (answer) => send(response, answer, request.method),
      (error) => send(response, { status: 500, headers: {}, body: Buffer.from(String(error)) }, request.method),
    );
  });
  await listen(server, port);
  return { server, origin: `http://127.0.0.1:${server.address().port}`, close: () => close(server) };
}

/** The wanted port, or any other if it is taken. */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' && port ? resolve(listen(server, 0)) : reject(error)));
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

async function respond(root, request, intercept) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const answer = await answerFor(root, pathname, request.headers);
  return intercept(answer, pathname, request);
}

async function answerFor(root, pathname, headers) {
  const body = await find(root, pathname);
  if (!body) return plain(404, 'not found');
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
  const common = { etag, 'cache-control': HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache' };
  if (headers['if-none-match'] === etag) return { status: 304, headers: common, body: Buffer.alloc(0) };
  return content(pathname, body, headers, common);
}

function plain(status, text) {
  return { status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(text) };
}

/** The file's bytes; a folder is its index.html. Nothing outside the root. */
async function find(root, pathname) {
  const name = decodeURIComponent(pathname);
  const file = path.join(root, name.endsWith('/') ? `${name}index.html` : name);
  if (!file.startsWith(root + path.sep)) return undefined;
  return readFile(file).catch(() => undefined);
}

function content(pathname, body, headers, common) {
  const extension = path.extname(pathname) || (pathname.endsWith('/') ? '.html' : '');
  const type = TYPES[extension];
  const described = { ...common, 'content-type': type ?? 'application/octet-stream' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (range) return slice(body, range, described);
  if (!type || !/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return { status: 200, headers: { ...described, 'accept-ranges': 'bytes' }, body };
  return { status: 200, headers: { ...described, 'content-encoding': 'gzip', vary: 'accept-encoding' }, body: gzipSync(body) };
}

function slice(body, [, first, last], headers) {
  const start = Number(first);
  if (start >= body.length) return { status: 416, headers: { ...headers, 'content-range': `bytes */${body.length}` }, body: Buffer.alloc(0) };
  const end = Math.min(last ? Number(last) : Infinity, body.length - 1);
  return { status: 206, headers: { ...headers, 'content-range': `bytes ${start}-${end}/${body.length}` }, body: body.subarray(start, end + 1) };
}

/** Tests may let an answer break off after `cut` bytes, or hold back its second half until `rest` resolves. */
function send(response, { status, headers, body, cut, rest }, method) {
  response.writeHead(status, { 'content-length': body.length, ...headers });
  if (method === 'HEAD' || status === 304) return response.end();
  if (cut !== undefined) return response.write(body.subarray(0, cut), () => response.destroy());
  if (!rest) return response.end(body);
  const half = body.length >> 1;
  response.write(body.subarray(0, half));
  return rest.then(() => response.end(body.subarray(half)));
}

async function main([folder, flag, port]) {
  if (!folder || (flag && flag !== '--port')) throw new Error('usage: serve.mjs DIR [--port N]');
  const { origin } = await serve(folder, { port: Number(port ?? 8080) });
  console.log(`${folder} is served at ${origin}/ (Ctrl-C ends it)`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
