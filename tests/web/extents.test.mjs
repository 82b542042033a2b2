// What lies between an extent that the engine wants and the network: ranges, packs, hosts that lie.
//
// The code of www/src/extents.ts, source.ts and transport.ts, bundled as it is for readers, fetches
// parts of files of known bytes from a real host; in the engine's place stands a keeper that
// compares every byte, so what it keeps is right. Everything runs in Node and in a browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BROWSER } from './browsers.mjs';
import { failing, flipped, launch, LIES, onRanges, openPage, ROOT, startHost, WRONG_TOTAL } from './support.mjs';

const { build } = createRequire(path.join(ROOT, 'www/package.json'))('esbuild');
const SIZES = { 'one.bf': 200_000, 'two.bf': 100_000, 'three.bf': 10_000 };
/** Where each file begins in the pack. */
const PACKED = { 'one.bf': 5_000, 'two.bf': 205_000, 'three.bf': 310_000 };
const PACK = 'pack.bf';
const TOTAL = 400_000;
const folder = mkdtempSync(path.join(tmpdir(), 'backfile-extents-'));
const homes = {};
let browser;
let host;
let log = [];

/** Known bytes: everybody can say what belongs where. Travels into the page as text. */
const byteAt = (file, at) => (file.charCodeAt(0) + at * 31 + (at >> 8) * 17) & 255;

function writeFiles() {
  const pack = Buffer.alloc(TOTAL, 0xee);
  for (const [file, size] of Object.entries(SIZES)) {
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => byteAt(file, at)));
    writeFileSync(path.join(folder, file), bytes);
    bytes.copy(pack, PACKED[file]);
  }
  writeFileSync(path.join(folder, PACK), pack);
}

async function bundled() {
  const contents = ['transport', 'source', 'extents'].map((name) => `export * from './${name}.ts';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: path.join(ROOT, 'www/src') },
    bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', external: ['node:*'],
  });
  return outputFiles[0].text;
}

/** The host follows `rule` and notes what was asked for. */
function follow(t, rule = (answer) => answer) {
  log = [];
  host.rule = (answer, pathname, request) => {
    if (!pathname.endsWith('.bf')) return answer;
    log.push(`${pathname.slice(1)} ${request.headers.range?.slice('bytes='.length) ?? 'whole'}`);
    return rule(answer, pathname, request);
  };
  t.after(host.heal);
}

/**
 * Loads rounds of extents, one after the other, in a session of their own; the extents of a round
 * that are in a list of their own belong to another search. Runs in Node and in pages.
 */
async function bring({ base, rounds, options, byteAt: source }) {
  const { Transport, Source, Extents } = globalThis.reader;
  const byteAt = (0, eval)(source);
  const wanted = new Map(rounds.flat(2).map((read) => [`${read.file} ${read.start}`, read]));
  const kept = [];
  const load = (file, start, bytes) => {
    const { bytes: length } = wanted.get(`${file} ${start}`);
    const sound = (length === 0 || bytes.length === length) && bytes.length > 0 && bytes.every((byte, at) => byte === byteAt(file, start + at));
    if (!sound) throw Object.assign(new Error(`${file} is damaged`), { code: 'damaged' });
    kept.push(`${file} ${start}+${bytes.length}`);
  };
  const settings = { concurrency: 8, retries: 2, backoff: 1, timeout: 10_000, ...options };
  const extents = new Extents({ load }, new Source(new Transport(new URL(base), settings)), async () => {});
  try {
    for (const round of rounds) await Promise.all((Array.isArray(round[0]) ? round : [round]).map((reads) => extents.load(reads, new AbortController().signal)));
  } catch ({ code, message }) {
    return { kept: kept.sort(), code, message };
  }
  return { kept: kept.sort() };
}

const plain = (file, start, bytes) => ({ file, start, bytes });
const packed = (file, start, bytes) => ({ file, start, bytes, pack: { file: PACK, start: PACKED[file] + start, total: TOTAL } });
const named = (...reads) => reads.map(({ file, start, bytes }) => `${file} ${start}+${bytes || SIZES[file]}`).sort();
const task = (rounds, { base = `${host.origin}/`, ...options } = {}) => ({ base, rounds, options, byteAt: String(byteAt) });

before(async () => {
  writeFiles();
  const code = await bundled();
  writeFileSync(path.join(folder, 'reader.mjs'), code);
  writeFileSync(path.join(folder, 'reader.js'), code);
  globalThis.reader = await import(pathToFileURL(path.join(folder, 'reader.mjs')));
  browser = await launch();
  host = await startHost(folder);
  homes.Node = () => bring;
  homes[BROWSER] = async (t) => {
    const page = await openPage(t, browser, host, { address: '/blank', bypassCSP: true });
    await page.evaluate(async () => (globalThis.reader = await import('/reader.js')));
    return (argument) => page.evaluate(bring, argument);
  };
});
after(async () => {
  await browser?.close();
  await host?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The same test in both homes. */
function everywhere(name, run) {
  for (const home of ['Node', BROWSER]) test(`${name} (${home})`, async (t) => run(t, await homes[home](t), home));
}

everywhere('what lies close together is one range, what does not is several', async (t, bring) => {
  follow(t);
  const reads = [plain('one.bf', 0, 100), plain('one.bf', 1_100, 400), plain('one.bf', 90_000, 50), plain('two.bf', 7, 1)];
  assert.deepEqual(await bring(task([reads])), { kept: named(...reads) });
  assert.deepEqual(log.sort(), ['one.bf 0-1499', 'one.bf 90000-90049', 'two.bf 7-7']);
});

everywhere('0 bytes are the whole file', async (t, bring) => {
  follow(t);
  const reads = [plain('one.bf', 0, 0), plain('two.bf', 0, 0)];
  assert.deepEqual(await bring(task([reads])), { kept: named(...reads) });
  assert.deepEqual(log.sort(), ['one.bf whole', 'two.bf whole']);
});

everywhere('a pack brings neighbours from two files at once', async (t, bring) => {
  follow(t);
  const reads = [packed('one.bf', 199_900, 100), packed('two.bf', 0, 100), packed('two.bf', 50_000, 9)];
  assert.deepEqual(await bring(task([reads])), { kept: named(...reads) });
  assert.deepEqual(log.sort(), ['pack.bf 204900-205099', 'pack.bf 255000-255008']);
});

everywhere('two searches that want the same extents share the downloads', async (t, bring) => {
  follow(t);
  const [one, two, three] = [packed('one.bf', 10, 10), packed('one.bf', 70_000, 10), packed('two.bf', 70_000, 10)];
  assert.deepEqual(await bring(task([[[one, two], [two, three]]])), { kept: named(one, two, three) });
  assert.equal(log.length, 3);
});

for (const [lie, change] of Object.entries(LIES)) {
  everywhere(`a host that ${lie} is found out: plain files`, async (t, bring) => {
    follow(t, onRanges(folder, change));
    const first = [plain('one.bf', 3_000, 100), plain('one.bf', 90_000, 100), plain('two.bf', 1, 5)];
    const [other, later] = [plain('three.bf', 20, 10), [plain('one.bf', 150_000, 10), plain('one.bf', 20, 10)]];
    assert.deepEqual(await bring(task([first, [other], later])), { kept: named(...first, other, ...later) });
    assert.equal(log.at(-1), 'three.bf whole', 'what has come as a whole is not asked for again');
    assert.equal(log.filter((line) => !line.endsWith('whole')).length, 3, 'no range is asked for after the first round');
    assert.ok(log.filter((line) => line === 'one.bf whole').length <= 1, 'one of two reads asks for the whole file');
  });
}

for (const [lie, change] of Object.entries({ ...LIES, 'says another size': WRONG_TOTAL, 'has no packs': failing(404), 'forbids packs': failing(403) })) {
  // Chromium's cache may keep what comes before a body is given up, and answer the next range rightly from it.
  everywhere(`a host that ${lie} is found out: packs`, async (t, bring) => {
    const onPack = onRanges(folder, change);
    follow(t, (answer, pathname) => (pathname === `/${PACK}` ? onPack(answer, pathname) : answer));
    const [first, later] = [[packed('one.bf', 3_000, 100), packed('two.bf', 1, 5)], [packed('one.bf', 90_000, 100)]];
    assert.deepEqual(await bring(task([first, later])), { kept: named(...first, ...later) });
    assert.equal(log.at(-1), 'one.bf 90000-90099', 'plain files are asked for ranges, and no pack any more');
    assert.ok(log.includes('pack.bf 8000-8099') && log.every((line) => !line.endsWith('whole')));
  });
}

everywhere('a pack that comes as a whole is not downloaded', async (t, bring) => {
  let [release, close] = [];
  const rest = new Promise((resolve) => (release = resolve));
  const closed = new Promise((resolve) => (close = resolve));
  t.after(() => release());
  follow(t, (answer, pathname, request) => {
    if (pathname !== `/${PACK}`) return answer;
    request.socket.once('close', close);
    return { ...onRanges(folder, LIES['ignores Range'])(answer, pathname), rest };
  });
  const read = packed('one.bf', 9, 9);
  assert.deepEqual(await bring(task([[read]])), { kept: named(read) });
  const late = new Promise((resolve) => setTimeout(() => resolve('goes on'), 5_000).unref());
  assert.notEqual(await Promise.race([closed, late]), 'goes on', 'the connection is given up while the rest is still to come');
});

everywhere('a whole file that is under way serves other reads of it', async (t, bring, home) => {
  let release;
  const rest = new Promise((resolve) => (release = resolve));
  const ignoring = onRanges(folder, LIES['ignores Range']);
  let closed = 0;
  follow(t, (answer, pathname, request) => {
    request.socket.once('close', () => (closed++, release()));
    if (log.length === 2) setTimeout(release, 5_000).unref();
    return { ...ignoring(answer, pathname), rest };
  });
  const [one, other] = [plain('one.bf', 3_000, 100), plain('one.bf', 190_000, 100)];
  assert.deepEqual(await bring(task([[one, other]])), { kept: named(one, other) });
  assert.equal(log.length, 2);
  if (home !== 'firefox') assert.equal(closed, 1, 'the second body is not downloaded'); // which was seen to go on with some
});

everywhere('the whole files that came last are kept, and no more', async (t, bring) => {
  const files = Array.from({ length: 17 }, (_, index) => `file-${index}.bf`);
  for (const file of files) writeFileSync(path.join(folder, file), Buffer.from(Array.from({ length: 100 }, (_, at) => byteAt(file, at))));
  follow(t, onRanges(folder, LIES['ignores Range']));
  const rounds = files.map((file) => [plain(file, 0, 10)]);
  const again = [16, 1, 0].map((index) => [plain(files[index], 50, 10)]);
  assert.deepEqual(await bring(task([...rounds, ...again])), { kept: named(...rounds.flat(), ...again.flat()) });
  assert.equal(log.filter((line) => !line.startsWith('file-0.bf')).length, 16, log.join());
});

everywhere('a connection that is cut within a range is tried again as a range', async (t, bring) => {
  let cuts = 1;
  follow(t, (answer) => (cuts-- > 0 ? { ...answer, cut: 20 } : answer));
  const read = packed('one.bf', 3_000, 100);
  assert.deepEqual(await bring(task([[read]])), { kept: named(read) });
  assert.deepEqual(log, ['pack.bf 8000-8099', 'pack.bf 8000-8099']);
});

everywhere('damage is fetched past caches, then as a whole file, and then not asked for like that again', async (t, bring) => {
  const seen = [];
  follow(t, (answer, _, { headers }) => {
    if (answer.status === 206 || answer.status === 200) seen.push(headers['cache-control'] ?? 'cached');
    return answer.status === 206 ? flipped(answer) : answer;
  });
  const [first, later] = [plain('one.bf', 3_000, 100), plain('two.bf', 3_000, 100)];
  assert.deepEqual(await bring(task([[first], [later]])), { kept: named(first, later) });
  assert.deepEqual(log, ['one.bf 3000-3099', 'one.bf 3000-3099', 'one.bf whole', 'two.bf whole']);
  assert.equal(seen[1], 'no-cache');
});

everywhere('damage in a cache is repaired by one request, for what is damaged only', async (t, bring) => {
  let damage = 1;
  follow(t, (answer) => (damage-- > 0 ? { ...answer, body: Buffer.concat([Buffer.from([answer.body[0] ^ 1]), answer.body.subarray(1)]) } : answer));
  const reads = [packed('one.bf', 3_000, 100), packed('one.bf', 3_200, 100)];
  assert.deepEqual(await bring(task([reads])), { kept: named(...reads) });
  assert.deepEqual(log, ['pack.bf 8000-8299', 'pack.bf 8000-8099']);
});

everywhere('a pack that is damaged is replaced by the plain file', async (t, bring) => {
  follow(t, (answer, pathname) => (pathname === `/${PACK}` ? flipped(answer) : answer));
  const [first, later] = [packed('one.bf', 3_000, 100), packed('two.bf', 3_000, 100)];
  assert.deepEqual(await bring(task([[first], [later]])), { kept: named(first, later) });
  assert.deepEqual(log, ['pack.bf 8000-8099', 'pack.bf 8000-8099', 'one.bf whole', 'two.bf 3000-3099']);
});

everywhere('what is damaged everywhere is reported with its file', async (t, bring) => {
  follow(t, (answer) => ({ ...answer, body: Buffer.from(answer.body).fill(0) }));
  const { kept, code, message } = await bring(task([[packed('one.bf', 3_000, 100)]]));
  assert.deepEqual([kept, code, message], [[], 'damaged', 'one.bf is damaged']);
  assert.deepEqual(log, ['pack.bf 8000-8099', 'pack.bf 8000-8099', 'one.bf whole']);
});

everywhere('a host that is overloaded is tried again like before, and its packs stay trusted', async (t, bring) => {
  follow(t, failing(503));
  const read = packed('one.bf', 3_000, 100);
  assert.equal((await bring(task([[read]]))).code, 'unreachable');
  assert.equal(log.length, 3);
  let refusals = 2;
  follow(t, (answer) => (refusals-- > 0 ? failing(503)() : answer));
  assert.deepEqual(await bring(task([[read]])), { kept: named(read) });
  assert.deepEqual(new Set(log), new Set(['pack.bf 8000-8099']));
});

everywhere('a host that is gone is "unreachable", soon enough', async (t, bring) => {
  const gone = await startHost(folder);
  await gone.close();
  const start = performance.now();
  const { code, message } = await bring(task([[packed('one.bf', 3_000, 100)]], { base: `${gone.origin}/`, backoff: 100 }));
  assert.equal(code, 'unreachable');
  assert.match(message, /one\.bf/);
  assert.ok(performance.now() - start < 1500, 'the pauses are taken once, not for each way to ask');
});

everywhere('a plain file that is missing is "missing" after one request', async (t, bring) => {
  follow(t, failing(404));
  const { code, message } = await bring(task([[plain('one.bf', 3_000, 100)]]));
  assert.equal(code, 'missing');
  assert.match(message, /one\.bf/);
  assert.equal(log.length, 1);
});

everywhere('no more requests run at once than allowed', async (t, bring) => {
  let [running, most] = [0, 0];
  follow(t, async (answer) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 50));
    running--;
    return answer;
  });
  const reads = Array.from({ length: 12 }, (_, index) => plain('one.bf', index * 10_000, 10));
  assert.deepEqual(await bring(task([reads], { concurrency: 3 })), { kept: named(...reads) });
  assert.equal(most, 3);
});

test('an archive of another origin is read, whether or not it shows its ranges', async (t) => {
  const other = await startHost(folder);
  t.after(other.close);
  const reads = [packed('one.bf', 3_000, 100), plain('two.bf', 5, 5)];
  // Chromium may put a whole file together from a range in its cache and further ones, so it is not counted what comes after.
  const cases = {
    'ranges are shown': [{ 'access-control-expose-headers': 'content-range' }, ['/pack.bf', '/two.bf']],
    'ranges are hidden': [{}, ['/one.bf', '/pack.bf', '/two.bf']],
  };
  for (const [name, [headers, files]] of Object.entries(cases)) {
    const bring = await homes[BROWSER](t);
    other.requests.length = 0;
    other.rule = (answer) => ({ ...answer, headers: { ...answer.headers, 'access-control-allow-origin': '*', ...headers } });
    assert.deepEqual(await bring(task([reads], { base: `${other.origin}/` })), { kept: named(...reads) }, name);
    assert.deepEqual([...new Set(other.requests)].sort(), files, name);
  }
});

test('an archive of another origin that forbids to ask for ranges is read', async (t) => {
  const other = await startHost(folder);
  t.after(other.close);
  const bring = await homes[BROWSER](t);
  other.rule = (answer, _, request) => {
    if (request.headers.range) request.socket.destroy();
    return { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': '*' } };
  };
  const reads = [packed('one.bf', 3_000, 100), plain('two.bf', 5, 5)];
  assert.deepEqual(await bring(task([reads], { base: `${other.origin}/` })), { kept: named(...reads) });
});

test('a disk is read without packs', async () => {
  const reads = [packed('one.bf', 3_000, 100), plain('two.bf', 5, 5), { ...plain('two.bf', 9, 9), pack: { file: 'nowhere.bf', start: 0, total: 9 } }];
  assert.deepEqual(await bring(task([reads], { base: pathToFileURL(`${folder}/`).href })), { kept: named(...reads) });
});

test('a download ends when the last search that wants one of its extents has given up', async (t) => {
  let closed = 0;
  follow(t, (answer, _, request) => {
    request.socket.once('close', () => closed++);
    return { ...answer, rest: new Promise((resolve) => setTimeout(resolve, 600)) };
  });
  const { Transport, Source, Extents } = globalThis.reader;
  const extents = new Extents({ load: () => undefined }, new Source(new Transport(new URL(`${host.origin}/`), { concurrency: 8, retries: 0, backoff: 1, timeout: 5_000 })), async () => {});
  const stops = [new AbortController(), new AbortController()];
  const [one, two] = [plain('one.bf', 0, 100), plain('one.bf', 200, 100)];
  const loads = [extents.load([one, two], stops[0].signal), extents.load([two], stops[1].signal)].map((load) => load.catch((thrown) => thrown.name));
  await new Promise((resolve) => setTimeout(resolve, 100));
  stops[0].abort();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(closed, 0, 'the other search still wants it');
  stops[1].abort();
  assert.deepEqual(await Promise.all(loads), ['AbortError', 'AbortError']);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([closed, log.length], [1, 1]);
});

test('a whole file that one search gives up comes for the others', async (t) => {
  const given = [];
  follow(t, (answer) => {
    given.push(answer);
    return given.length === 1 ? { ...answer, rest: new Promise((resolve) => setTimeout(resolve, 5_000).unref()) } : answer;
  });
  const { Transport } = globalThis.reader;
  const transport = new Transport(new URL(`${host.origin}/`), { concurrency: 8, retries: 0, backoff: 1, timeout: 10_000 });
  const stop = new AbortController();
  const first = transport.read('one.bf', { signal: stop.signal }).catch((thrown) => thrown.name);
  const second = transport.read('one.bf');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(log, ['one.bf whole'], 'the second waits for what is on its way');
  stop.abort();
  assert.deepEqual([await first, (await second).length], ['AbortError', SIZES['one.bf']]);
  assert.deepEqual(log, ['one.bf whole', 'one.bf whole']);
});
