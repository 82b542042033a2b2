// The public module in a browser: what is fetched, shared, cancelled and started anew.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ARCHIVE, blankPage, browser, failing, host, isBlock, onBlocks, openPage, shareBrowserAndHost, smallArchive, startHost } from './support.mjs';

shareBrowserAndHost();

/** Runs a function in a page with `openArchive` at hand. */
async function inPage(t, run, argument) {
  const page = await blankPage(t, browser, host);
  host.requests.length = 0;
  host.asked.length = 0;
  await page.evaluate(async () => (globalThis.backfile = await import('/backfile/backfile.js')));
  return page.evaluate(run, argument);
}

/** The worker's script is the module's own; only the browser's note tells the two requests apart. */
const forWorker = (request) => request.headers['sec-fetch-dest'] === 'worker';
/** With their ranges. */
const extentsFetched = () => host.asked.filter((asked) => isBlock(asked.split(' ')[0]));
const slowBlocks = onBlocks(async (answer) => (await new Promise((resolve) => setTimeout(resolve, 400)), answer));

test('the worker, the first part of the engine and the manifest are asked for at once', async (t) => {
  const early = new Set();
  let release;
  const all = new Promise((resolve) => (release = resolve));
  host.rule = async (answer, path, request) => {
    if (!forWorker(request) && !/engine-0|manifest/.test(path)) return answer;
    early.add(path);
    if (early.size === 3) release();
    await all; // none is answered before all have been asked for
    return answer;
  };
  t.after(host.heal);
  await inPage(t, async () => (await backfile.openArchive()).close());
  assert.equal(early.size, 3);
});

test('two searches at once share what they fetch', async (t) => {
  host.rule = slowBlocks;
  t.after(host.heal);
  const same = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const [one, two] = await Promise.all([archive.search('的'), archive.search('的')]);
    return JSON.stringify(one) === JSON.stringify(two) && one.total > 0;
  });
  assert.ok(same);
  assert.equal(new Set(extentsFetched()).size, extentsFetched().length);
});

test('a warm search fetches nothing', async (t) => {
  const page = await blankPage(t, browser, host);
  await page.evaluate(async () => {
    globalThis.archive = await (await import('/backfile/backfile.js')).openArchive();
    await archive.search('的');
  });
  host.requests.length = 0;
  await page.evaluate(() => archive.search('的'));
  assert.deepEqual(host.requests, []);
});

test('a cancelled search rejects at once with its reason, and the next one is answered', async (t) => {
  host.rule = slowBlocks;
  t.after(host.heal);
  const { reason, waited, total } = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const stop = new AbortController();
    const cancelled = archive.search('的', { signal: stop.signal }).catch((thrown) => thrown);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    stop.abort(new Error('typed on'));
    const { message: reason } = await cancelled;
    const waited = performance.now() - start;
    return { reason, waited, total: (await archive.search('的')).total };
  });
  assert.equal(reason, 'typed on');
  assert.ok(waited < 200, `${waited} ms`);
  assert.ok(total > 0);
});

test('cancelling stops the downloads that no other search wants', async (t) => {
  const page = await blankPage(t, browser, host);
  await page.evaluate(async () => (globalThis.archive = await (await import('/backfile/backfile.js')).openArchive()));
  let stopped;
  const aborted = new Promise((resolve) => (stopped = resolve));
  let asked;
  const downloading = new Promise((resolve) => (asked = resolve));
  host.rule = (answer, path, request) => {
    if (!isBlock(path)) return answer;
    request.socket.once('close', () => stopped('aborted'));
    asked();
    return new Promise((resolve) => setTimeout(() => resolve(answer), 5000));
  };
  t.after(host.heal);
  await page.evaluate(() => {
    globalThis.stop = new AbortController();
    archive.search('的', { signal: stop.signal }).catch(() => undefined);
  });
  await downloading;
  await page.evaluate(() => stop.abort());
  assert.equal(await Promise.race([aborted, new Promise((resolve) => setTimeout(() => resolve('goes on'), 3000))]), 'aborted');
});

test('an aborted opening rejects with its reason', async (t) => {
  host.rule = async (answer, path) => (path.endsWith('.bf') && (await new Promise((resolve) => setTimeout(resolve, 1000))), answer);
  t.after(host.heal);
  const message = await inPage(t, () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('left')), 100);
    return backfile.openArchive({ signal: stop.signal }).catch((thrown) => thrown.message);
  });
  assert.equal(message, 'left');
});

test('a closed archive says so, also to searches under way', async (t) => {
  host.rule = slowBlocks;
  t.after(host.heal);
  const codes = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const running = archive.search('的').catch((thrown) => thrown.code);
    archive.close();
    return Promise.all([running, archive.search('的').catch((thrown) => thrown.code)]);
  });
  assert.deepEqual(codes, ['closed', 'closed']);
});

test('errors are BackfileErrors with code, file and message', async (t) => {
  host.rule = onBlocks(failing(404));
  t.after(host.heal);
  const error = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const thrown = await archive.search('的').catch((thrown) => thrown);
    return { ours: thrown instanceof backfile.BackfileError, code: thrown.code, url: thrown.url, message: thrown.message };
  });
  assert.ok(error.ours);
  assert.equal(error.code, 'missing');
  assert.ok(error.message.includes(error.url) && isBlock(error.url));
});

test('a repeated failure is "unreachable" after the retries that were asked for', async (t) => {
  host.rule = onBlocks(failing(503));
  t.after(host.heal);
  const code = await inPage(t, async () => {
    const archive = await backfile.openArchive({ retries: 1, backoff: 1 });
    return archive.search('的').catch((thrown) => thrown.code);
  });
  assert.equal(code, 'unreachable');
  // The search fails with the first block that has used up its retries; others may still have some.
  const fetched = extentsFetched();
  const times = fetched.map((path) => fetched.filter((other) => other === path).length);
  assert.equal(Math.max(...times), 2);
});

test('the engine starts although the host compresses it once more', async (t) => {
  host.rule = (answer, path) => (path.endsWith('.lzma') ? { ...answer, headers: { 'content-encoding': 'gzip' }, body: gzipSync(answer.body) } : answer);
  t.after(host.heal);
  assert.ok((await inPage(t, async () => (await (await backfile.openArchive()).search('的')).total)) > 0);
});

/** What becomes of an archive whose host does this to one part of the engine: of its opening, and of two searches. */
async function withPart(t, part, change, { healed = false } = {}) {
  host.rule = (answer, path) => (path.includes(`/engine-${part}-`) ? change(answer) : answer);
  t.after(host.heal);
  const page = await blankPage(t, browser, host);
  const first = await page.evaluate(async () => {
    const { openArchive } = await import('/backfile/backfile.js');
    const otherBytes = /its bytes are not those that were published/;
    const failure = ({ code, message }) => (otherBytes.test(message) ? `${code}: other bytes` : code);
    const codeOf = (promise) => promise.then((found) => found.total ?? 'opened', failure);
    globalThis.ask = (options) => codeOf(archive.search('的', options));
    return codeOf(openArchive({ retries: 0 }).then((opened) => (globalThis.archive = opened, {})));
  });
  if (first !== 'opened') return [first];
  const answers = [first, await page.evaluate(() => ask({})), await page.evaluate(() => ask({ facets: ['date'] }))];
  if (!healed) return answers;
  host.heal();
  return [...answers, await page.evaluate(() => ask({})), await page.evaluate(() => ask({ facets: ['date'] }))];
}

const flippedNearTheEnd = (answer) => {
  const body = Buffer.from(answer.body);
  body[body.length - 100] ^= 1;
  return { ...answer, body };
};

test('an engine with a flipped byte in any part is not run', async (t) => {
  const refused = 'unreachable: other bytes';
  assert.deepEqual(await withPart(t, 0, flippedNearTheEnd), [refused]);
  assert.deepEqual(await withPart(t, 1, flippedNearTheEnd), ['opened', refused, refused]);
  const [opened, total, narrowed] = await withPart(t, 2, flippedNearTheEnd);
  assert.ok(opened === 'opened' && total > 0);
  assert.equal(narrowed, refused);
});

test('a part of the engine that was missing is fetched by the next search', async (t) => {
  for (const part of [1, 2]) {
    const [, plain, narrowed, ...healed] = await withPart(t, part, failing(404), { healed: true });
    // Browsers say of a wrong hash that it got nothing, also where the wrong bytes are those of a 404: it is asked again.
    assert.equal(narrowed, 'missing');
    assert.ok(part === 1 ? plain === 'missing' : plain > 0);
    assert.ok(healed.every((total) => total > 0), `${healed}`);
  }
});

test('what a search asks for first is fetched while the second part of the engine is on its way', async (t) => {
  const blocks = new Promise((resolve) => {
    host.rule = async (answer, path) => {
      if (isBlock(path)) resolve();
      if (path.includes('/engine-1-')) await blocks; // comes no earlier than that
      return answer;
    };
  });
  t.after(host.heal);
  const [early, late] = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const early = await archive.search('的', { limit: 3 });
    return [early, await archive.search('的', { limit: 3 })];
  });
  assert.ok(early.total > 0);
  assert.deepEqual(early, late);
});

test('the third part of the engine is for those who filter, count or sort', async (t) => {
  const parts = () => new Set(host.requests.flatMap((path) => /engine-\d/.exec(path) ?? []));
  const page = await blankPage(t, browser, host);
  host.requests.length = 0;
  await page.evaluate(async () => {
    globalThis.archive = await (await import('/backfile/backfile.js')).openArchive();
    await archive.search('的', { limit: 5, offset: 5, prefix: true, firstPage: true });
    await archive.hits('的', ['的']);
  });
  assert.deepEqual([...parts()].sort(), ['engine-0', 'engine-1']);
  const totals = await page.evaluate(async () => {
    const asked = [{ from: '1900' }, { to: '2999' }, { filters: { date: ['2'] } }, { facets: ['date'] }, { order: 'newest' }];
    const answers = await Promise.all([{}, ...asked].map((options) => archive.search('的', options)));
    return answers.map(({ total }) => total);
  });
  assert.equal(parts().size, 3);
  assert.equal(new Set(totals.filter((_, at) => at !== 3)).size, 1, `${totals}`); // no year is 2
});

/** As the engine exports it: Binaryen renames functions, where there is one. */
const NAMES = new URL('../../www/generated/names.json', import.meta.url);
const SEARCH = existsSync(NAMES) ? new Map(JSON.parse(readFileSync(NAMES, 'utf8')).exports).get('engine_searchPlain') : 'engine_searchPlain';

/** Goes in front of the worker's script: the first search of this instance traps. */
const TRAP = `{
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const trap = () => { throw new WebAssembly.RuntimeError('unreachable'); };
    return { exports: { ...new Instance(...args).exports, ${SEARCH}: trap } };
  };
}`;
const SCRIPT = readFileSync(path.join(ARCHIVE, 'backfile/backfile.js'), 'utf8');

/** Answers the worker, and not the page, with a script of the test's own. */
const workerScript = (text) => ({ status: 200, headers: { 'content-type': 'text/javascript', 'cache-control': 'no-store' }, body: Buffer.from(text) });

test('what is written in another script is found and marked', async (t) => {
  const folder = smallArchive(t, [{ id: 'one', body: '国家图书馆' }, { id: 'two', body: '別的' }], '--articles', 'none');
  const other = await startHost(folder);
  t.after(() => other.close());
  const page = await blankPage(t, browser, other);
  const [marks, ...totals] = await page.evaluate(async () => {
    const { openArchive } = await import('/backfile/backfile.js');
    const marking = await openArchive();
    const [texts] = await marking.hits('国家 圖書', ['国家图书馆']);
    const archive = await openArchive();
    const totals = [];
    for (const query of ['国家', '國家圖書館', '图书', '别的', '别國']) totals.push((await archive.search(query)).total);
    return [texts, ...totals];
  });
  assert.deepEqual(marks, [[0, 2], [2, 4]]);
  assert.deepEqual(totals, [1, 1, 1, 1, 0]);
});

test('after a trap the search fails, and the next one has a new engine', async (t) => {
  let traps = 1;
  host.rule = (answer, path, request) => (forWorker(request) && traps-- > 0 ? workerScript(TRAP + SCRIPT) : answer);
  t.after(host.heal);
  const { code, message, total } = await inPage(t, async () => {
    const archive = await backfile.openArchive();
    const { code, message } = await archive.search('的').catch((thrown) => thrown);
    return { code, message, total: (await archive.search('的')).total };
  });
  assert.equal(code, 'internal');
  assert.match(message, /stopped unexpectedly/);
  assert.ok(total > 0);
});

test('a script that was replaced between page and worker is not used', async (t) => {
  const other = SCRIPT.replace(/"[0-9a-f]{16}"/, '"0123456789abcdef"');
  assert.notEqual(other, SCRIPT);
  host.rule = (answer, path, request) => (forWorker(request) ? workerScript(other) : answer);
  t.after(host.heal);
  const { code, message } = await inPage(t, () => backfile.openArchive().then(() => ({}), ({ code, message }) => ({ code, message })));
  assert.equal(code, 'missing');
  assert.match(message, /Reload the page/);
});

/** In a page without workers: the engine runs in the page. */
async function withoutWorkers(t, run) {
  const page = await blankPage(t, browser, host);
  await page.evaluate(async () => {
    delete globalThis.Worker;
    globalThis.backfile = await import('/backfile/backfile.js');
  });
  return page.evaluate(run);
}

test('without workers, a file that is missing is "missing", also after a trap', async (t) => {
  t.after(host.heal);
  host.rule = onBlocks(failing(404));
  const codes = await withoutWorkers(t, async () => {
    const archive = await backfile.openArchive();
    const codeOf = () => archive.search('的').then(() => 'answered', ({ code }) => code);
    const first = await codeOf();
    const parse = TextEncoder.prototype.encodeInto;
    TextEncoder.prototype.encodeInto = () => { throw new WebAssembly.RuntimeError('unreachable'); };
    const trapped = await codeOf();
    TextEncoder.prototype.encodeInto = parse;
    return [first, trapped, await codeOf()];
  });
  assert.deepEqual(codes, ['missing', 'internal', 'missing']);
});

test('a worker of the site that imports the module keeps its own messages', async (t) => {
  host.rule = (answer, path) => (path === '/own.js' ? workerScript(`
    import { openArchive } from '/backfile/backfile.js';
    onmessage = async ({ data }) => postMessage((await (await openArchive()).search(data)).total);
  `) : answer);
  t.after(host.heal);
  const total = await inPage(t, () => new Promise((resolve) => {
    const worker = new Worker('/own.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage('的');
  }));
  assert.ok(total > 0);
});

/** A host that sends the policy with every answer, workers included, or only with the page. */
const withPolicy = (policy, pattern) => (answer, path) => ({
  ...answer,
  headers: { ...answer.headers, ...(pattern.test(path) && { 'content-security-policy': policy }) },
});

async function underPolicy(t, pattern) {
  host.rule = withPolicy("default-src 'self'; script-src 'self'", pattern);
  t.after(host.heal);
  const page = await openPage(t, browser, host, { address: '/blank' });
  return page.evaluate(async () => {
    const { openArchive } = await import('/backfile/backfile.js');
    return openArchive().then(() => ({ code: 'opened' }), ({ code, message }) => ({ code, message }));
  });
}

test('a page whose policy forbids WebAssembly can search if its worker may', async (t) => {
  assert.equal((await underPolicy(t, /blank/)).code, 'opened');
});

test('a policy that forbids WebAssembly everywhere is named, with what to allow', async (t) => {
  const { code, message } = await underPolicy(t, /./);
  assert.equal(code, 'unsupported');
  assert.match(message, /'wasm-unsafe-eval'/);
});

test('a worker that may not start is named, with what to allow', async (t) => {
  host.rule = withPolicy("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", /blank/);
  t.after(host.heal);
  const page = await openPage(t, browser, host, { address: '/blank' });
  const code = await page.evaluate(async () => {
    const { openArchive } = await import('/backfile/backfile.js');
    return openArchive().then((archive) => archive.search('的').then(() => 'answered'), (thrown) => thrown.code);
  });
  assert.ok(['answered', 'missing'].includes(code), code); // some browsers throw at once, and the page itself answers
});
