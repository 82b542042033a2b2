// Every flipped byte and every truncation of every index file is reported: never a wrong answer,
// never a trap.
//
// The module runs in the page itself here (a page without workers is a supported home), where
// `fetch` answers from memory: tens of thousands of damaged archives are opened in seconds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { blankPage, filesIn, launch, smallArchive, startHost } from './support.mjs';

const DOCUMENTS = [
  { id: '1', title: '苇渡大桥通车', body: '苇渡大桥昨日通车，两岸群众奔走相告。', date: '2021-05-14', url: '1.html', section: '要闻' },
  { id: '2', title: 'Reed Ferry Bridge opens', body: 'The bridge at Reed Ferry was opened to traffic.', date: '2021-05-15' },
  { id: '3', title: '渡口', body: '渡口停航，群众改走大桥。', date: '2022' },
];
const QUERIES = ['大桥', '群众', '苇渡 通车', 'bridge', 'Reed Ferry', '渡', '没有'];
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

/** In the page: an archive whose files come from memory, and what a reader would get from it. */
function prepare({ files, queries }) {
  delete globalThis.Worker;
  const fetched = globalThis.fetch;
  const bytes = new Map(Object.entries(files).map(([name, base64]) => [name, Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
  const used = new Set();
  globalThis.fetch = async (url, options) => {
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    // The files behind packs are what has to be shown: no pack answers.
    if (name.endsWith('.pack')) return new Response('', { status: 404 });
    if (!name.endsWith('.bf')) return fetched(url, options);
    used.add(name);
    const body = globalThis.damage?.name === name ? globalThis.damage.bytes : bytes.get(name);
    return body ? new Response(body) : new Response('', { status: 404 });
  };
  globalThis.files = bytes;
  globalThis.used = used;
  globalThis.answers = async () => {
    const archive = await (await import('/backfile/backfile.js')).openArchive({ retries: 0 });
    const settled = await Promise.allSettled(queries.map((query) => archive.search(query)));
    archive.close();
    return settled.map(({ value, reason }) => (reason ? { error: reason.code ?? String(reason) } : { answer: JSON.stringify(value) }));
  };
}

/** In the page: damages one file in every possible way and gives what was not reported. */
async function unreported({ name, kind }) {
  const whole = files.get(name);
  globalThis.damage = undefined;
  const truth = await answers();
  const bad = [];
  for (let at = 0; at < whole.length; at++) {
    const bytes = kind === 'truncated' ? whole.slice(0, at) : whole.slice();
    if (kind === 'flipped') bytes[at] ^= 1 << at % 8;
    globalThis.damage = { name, bytes };
    const result = await answers().catch((thrown) => [{ error: thrown.code ?? String(thrown) }]);
    const reported = result.some(({ error }) => /^(damaged|not-backfile|newer-format|older-format|wrong-block)$/.test(error));
    const honest = result.every(({ error, answer }, index) => (error ? error !== 'internal' : answer === truth[index].answer));
    if (!reported || !honest) bad.push({ at, result: result.map(({ error, answer }) => error ?? answer?.slice(0, 80)) });
  }
  return { damaged: whole.length, bad: bad.slice(0, 3), count: bad.length };
}

/** Each layout's options, and how many index files they give at least. */
const LAYOUTS = {
  'all of it in the manifest': [[], 1],
  'one file beside it': [['--layout', 'packs'], 2],
  'files and packs': [['--layout', 'packs', '--one-file', '0'], 3],
};

/** Files answer whole, whatever part of them was asked for. */
for (const [layout, [options, least]] of Object.entries(LAYOUTS)) {
  test(`every damage to every index file is reported or not read: ${layout}`, { timeout: 600_000 }, async (t) => {
    const site = smallArchive(t, DOCUMENTS, ...options);
    const host = await startHost(site);
    t.after(host.close);
    const names = filesIn(site).filter((name) => name.endsWith('.bf'));
    assert.ok(least > 2 ? names.length > 2 : names.length === least, names.join());
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(path.join(site, name)).toString('base64')]));
    const page = await blankPage(t, browser, host);
    await page.evaluate(prepare, { files, queries: QUERIES });
    const truth = await page.evaluate(() => answers());
    assert.ok(truth.every(({ answer }) => answer), JSON.stringify(truth));
    assert.deepEqual(await page.evaluate(() => [...used].sort()), names, 'the queries have to need every file');
    for (const name of names) {
      for (const kind of ['flipped', 'truncated']) {
        const { damaged, bad, count } = await page.evaluate(unreported, { name, kind });
        assert.equal(count, 0, `${name}, ${kind}: ${count} of ${damaged} not reported, such as ${JSON.stringify(bad)}`);
      }
    }
  });
}
