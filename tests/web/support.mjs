// What the browser tests share: the built archive, a host that can misbehave, one browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { serve } from '../../www/scripts/serve.mjs';
import { launch } from './browsers.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const ARCHIVE = path.join(ROOT, 'dist/archive');
export const SHOTS = path.join(ROOT, 'dist/screenshots');
const CLI = path.resolve(ROOT, process.env.BACKFILE_CLI ?? 'target/release/backfile');

/** Dev tools live below www; Node looks for packages only above the file that asks. */
const require = createRequire(path.join(ROOT, 'www/package.json'));
export const AXE = require.resolve('axe-core/axe.min.js');

export { launch };

/** Runs the `backfile` command and gives what it prints. */
export function backfile(...args) {
  return execFileSync(CLI, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

/** Builds a small archive in a new folder and has it removed after the test; `options` are of the command line. */
export function smallArchive(t, documents, ...options) {
  const folder = mkdtempSync(path.join(tmpdir(), 'backfile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const input = path.join(folder, 'documents.jsonl');
  writeFileSync(input, documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
  backfile('build', input, '--whole-pages', '--out', path.join(folder, 'site'), ...options);
  return path.join(folder, 'site');
}

/** All files of a folder, as paths below it. */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/**
 * A static host that keeps a log of requests (`asked` has their ranges as well) and follows a rule:
 * `host.rule = (answer, pathname) => answer` changes what it answers, until `host.heal()`.
 */
export async function startHost(folder = ARCHIVE) {
  assert.ok(existsSync(folder), `${folder} does not exist; run ./build.sh --no-serve`);
  const host = { requests: [], asked: [], rule: undefined, heal: () => (host.rule = undefined) };
  const intercept = (answer, pathname, request) => {
    host.requests.push(pathname);
    host.asked.push(`${pathname} ${request.headers.range ?? ''}`);
    return host.rule ? host.rule(answer, pathname, request) : answer;
  };
  return Object.assign(host, await serve(folder, { intercept }));
}

/** Index files, as opposed to scripts, the engine and the manifest. */
export const isBlock = (pathname) => /\/backfile\/.+\.bf$/.test(pathname) && !pathname.endsWith('manifest.bf');

/** Applies a change to the blocks only. */
export const onBlocks = (change) => (answer, pathname) => (isBlock(pathname) && (answer.status === 200 || answer.status === 206) ? change(answer) : answer);

export const failing = (status) => () => ({ status, headers: { 'content-type': 'text/plain' }, body: Buffer.from('no') });

/** The middle byte of a file, changed. Hosts without compression, so that it is the file's own. */
export function flipped(answer) {
  const body = Buffer.from(answer.body);
  body[body.length >> 1] ^= 0x20;
  return { ...answer, body };
}

/** Applies a change to answers to ranges only; it also gets the whole file and the range. */
export const onRanges = (folder, change) => (answer, pathname) => {
  if (answer.status !== 206) return answer;
  const [start, end, total] = answer.headers['content-range'].match(/\d+/g).map(Number);
  return change(answer, { whole: readFileSync(path.join(folder, pathname)), start, end, total });
};

const withHeaders = (answer, headers) => ({ ...answer, headers: { ...answer.headers, ...headers } });

const saying = (range) => (answer, part) => withHeaders(answer, { 'content-range': range(part) });

/** What hosts and proxies do to a request for a range, other than answering it. Changes for `onRanges`. */
export const LIES = {
  'ignores Range': ({ headers }, { whole }) => ({ status: 200, headers: { ...headers, 'content-range': '' }, body: whole }),
  'refuses every range': ({ headers }) => ({ status: 416, headers, body: Buffer.alloc(0) }),
  'says another range': saying(({ start, end, total }) => `bytes ${start + 1}-${end + 1}/${total}`),
  'sends a shorter range and says so': (answer, { start, end, total }) => ({ ...withHeaders(answer, { 'content-range': `bytes ${start}-${end - 1}/${total}` }), body: answer.body.subarray(0, -1) }),
  'sends another range and says so': (answer, { whole, start, end, total }) => ({ ...withHeaders(answer, { 'content-range': `bytes 0-${end - start}/${total}` }), body: whole.subarray(0, end - start + 1) }),
  'says no range': ({ headers: { 'content-range': _, ...headers }, ...answer }) => ({ ...answer, headers }),
  'sends a short body': (answer) => ({ ...answer, body: answer.body.subarray(0, answer.body.length >> 1) }),
  'sends the whole file as a range': (answer, { whole }) => ({ ...answer, body: whole }),
  'compresses whatever it sends': (answer) => ({ ...withHeaders(answer, { 'content-encoding': 'gzip' }), body: gzipSync(answer.body) }),
  'cuts ranges out of the compressed file': (answer, { whole, start, end }) => ({ ...withHeaders(answer, { 'content-encoding': 'gzip' }), body: gzipSync(whole).subarray(start, end + 1) }),
};

/** A lie that only those can notice who know the size of the file. */
export const WRONG_TOTAL = saying(({ start, end, total }) => `bytes ${start}-${end}/${total - 1}`);

/** A page on the search page of the host; errors of its scripts fail the test. */
export async function openPage(t, browser, host, { address = '/', wait = 'load', ...context } = {}) {
  const inContext = await browser.newContext({ locale: 'zh-CN', ...context });
  t.after(() => inContext.close());
  const page = await inContext.newPage();
  page.on('pageerror', (error) => assert.fail(`script error in the page: ${error.message}`));
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(host.origin + address, { waitUntil: wait });
  return page;
}

/** A page of the host's origin without scripts, to call the public module in. */
export function blankPage(t, browser, host) {
  return openPage(t, browser, host, { address: '/blank', bypassCSP: true });
}

export const settled = (page, pattern) => page.locator('#status', { hasText: pattern }).waitFor();

export const titles = (page) => page.locator('.entry').allTextContents();

export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}

/** The browser and the host of a test file that has called `shareBrowserAndHost`. */
export let browser;
export let host;

/** One browser and one host of the sample archive, from a test file's first test to its last. */
export function shareBrowserAndHost() {
  before(async () => {
    browser = await launch();
    host = await startHost();
  });
  after(async () => {
    await browser?.close();
    await host?.close();
  });
}
