// What is fetched before anybody asks for it: the directory, as the manifest's first bytes say.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { blankPage, failing, flipped, launch, smallArchive, startHost } from './support.mjs';

/** Bodies that do not pack, so that the archive is too large for one file. */
const DOCUMENTS = Array.from({ length: 6_000 }, (_, number) => ({
  id: `d${number}`,
  title: `第${number % 10}号`,
  date: `${1990 + Math.floor(number / 200)}`,
  body: `大桥 ${[...createHash('sha256').update(`${number}`).digest('base64')].join(' ')}`,
}));
const DIRECTORY = /\/n0000\.bf$/;

let browser;
let host;
const later = [];

before(async () => {
  const site = smallArchive({ after: (run) => later.push(run) }, DOCUMENTS, '--language', 'zh-CN', '--articles', 'none');
  browser = await launch();
  host = await startHost(site);
});
after(async () => {
  await browser?.close();
  await host?.close();
  later.forEach((run) => run());
});

/** Opens the archive and searches it, while the host follows a rule; gives the total or the error, and what was asked of the directory. */
async function search(t, rule, { workers = true } = {}) {
  host.asked.length = 0;
  host.rule = rule;
  t.after(host.heal);
  const page = await blankPage(t, browser, host);
  const failures = [];
  page.on('pageerror', (error) => failures.push(error.message));
  const found = await page.evaluate(async (workers) => {
    if (!workers) delete globalThis.Worker;
    const { openArchive } = await import('/backfile/backfile.js');
    try {
      const archive = await openArchive({ retries: 1, backoff: 1 });
      return (await archive.search('第7号')).total;
    } catch ({ code, url }) {
      return { code, url };
    }
  }, workers);
  assert.deepEqual(failures, []);
  return { found, asked: host.asked.filter((asked) => DIRECTORY.test(asked.split(' ')[0])) };
}

/** Changes the first so many answers about the directory. */
const firstOnes = (count, change) => (answer, path) => (DIRECTORY.test(path) && count-- > 0 ? change(answer) : answer);

for (const workers of [true, false]) {
  test(`the directory is asked for while the engine is on its way, and once, ${workers ? 'with' : 'without'} workers`, async (t) => {
    const directory = new Promise((resolve) => later.push(resolve));
    const { found, asked } = await search(t, async (answer, path) => {
      if (DIRECTORY.test(path)) later.at(-1)();
      // Without workers nobody reads the manifest before the engine has come.
      if (path.includes('/engine-0-') && workers) await directory;
      return answer;
    }, { workers });
    assert.equal(found, 600);
    assert.equal(asked.length, 1, `${asked}`);
  });
}

test('a directory that does not come at once is asked for again', async (t) => {
  const { found, asked } = await search(t, firstOnes(1, failing(503)));
  assert.equal(found, 600);
  assert.equal(asked.length, 2, `${asked}`);
});

test('a directory that is damaged on its way is fetched past the caches', async (t) => {
  const { found, asked } = await search(t, firstOnes(1, flipped));
  assert.equal(found, 600);
  assert.ok(asked.length > 1, `${asked}`);
});

test('a directory that is missing is reported by the search', async (t) => {
  const { found } = await search(t, firstOnes(Infinity, failing(404)));
  assert.equal(found.code, 'missing');
  assert.match(found.url, DIRECTORY);
});

test('a host without ranges is found out by it, and searched', async (t) => {
  const { found } = await search(t, (answer, path, request) => (request.headers.range && /\.bf$/.test(path) ? failing(416)() : answer));
  assert.equal(found, 600);
});

test('a header that leads elsewhere is damage, and what it leads to is not', async (t) => {
  const elsewhere = (answer, path) => {
    if (!path.endsWith('manifest.bf')) return answer;
    const body = Buffer.from(answer.body);
    body.writeUInt32LE(100, 12);
    body[16] ^= 1;
    return { ...answer, body };
  };
  const { found, asked } = await search(t, elsewhere);
  assert.equal(found.code, 'damaged');
  assert.ok(asked.every((asked) => asked.endsWith('bytes=0-99')), `${asked}`);
});
