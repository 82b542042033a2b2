// An archive that is too large to rank all of it: the first page before the number, in every home of the engine.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { backfile, launch, openPage, settled, smallArchive, startHost } from './support.mjs';

const WORDS = ['年月', '大桥', '今天', '通车', '春耕', '，', '戏台'];

/** Above 65,536, from which on lengths are not ranked by. Which words a document has follows from its number. */
const DOCUMENTS = Array.from({ length: 66_000 }, (_, number) => ({
  id: `d${String(number).padStart(5, '0')}`,
  title: `第${number % 10}号`,
  date: `${1990 + Math.floor(number / 2000)}`,
  body: Array.from({ length: 6 }, (_, at) => WORDS[((number * 7919 + at * 104_729) >> (at * 2)) % WORDS.length]).join(''),
}));

const QUERIES = ['年月大桥', '大桥 年月', '年月', '，今天通车', '没有', '号'];
const ORDERS = ['relevance', 'newest', 'oldest'];

let browser;
let host;
let site;
let archive;
const later = [];

before(async () => {
  site = smallArchive({ after: (run) => later.push(run) }, DOCUMENTS, '--language', 'zh-CN', '--articles', 'none');
  browser = await launch();
  host = await startHost(site);
  archive = await (await import(pathToFileURL(path.join(site, 'backfile/backfile.js')))).openArchive();
});
after(async () => {
  archive?.close();
  await browser?.close();
  await host?.close();
  later.forEach((run) => run());
});

test('every order is the native one', async () => {
  for (const query of QUERIES) {
    for (const order of ORDERS) {
      const native = JSON.parse(backfile('search', site, '--json', '--order', order, '--', query));
      assert.deepEqual(await archive.search(query, { order }), native, `${query} ${order}`);
    }
  }
});

test('the first page is that of a whole search, and its number is never too high', async () => {
  let early = 0;
  for (const query of QUERIES) {
    for (const order of ORDERS) {
      const first = await archive.search(query, { order, firstPage: true });
      const whole = await archive.search(query, { order });
      assert.deepEqual([first.results, first.order], [whole.results, whole.order], `${query} ${order}`);
      assert.ok(whole.exact && (first.exact ? first.total === whole.total : first.total <= whole.total), `${query} ${order}`);
      early += first.exact ? 0 : 1;
    }
  }
  assert.ok(early > 3, `${early} pages came before the number`);
});

test('the page shows results at once, then their number, and goes on in the same order', async (t) => {
  const page = await openPage(t, browser, host);
  const query = '年月大桥';
  const { total, order } = await archive.search(query);
  assert.equal(order, 'newest');
  await page.evaluate(() => {
    globalThis.seen = [];
    const status = document.getElementById('status');
    new MutationObserver(() => globalThis.seen.push([status.textContent, document.querySelectorAll('#results > li').length])).observe(status, { childList: true });
  });
  await page.fill('#query', query);
  const figure = new Intl.NumberFormat('zh-CN').format(total);
  await settled(page, `共 ${figure} 篇，新的在前`);
  const seen = await page.evaluate(() => globalThis.seen);
  assert.ok(seen.some(([status]) => /^至少 [\d,]+ 篇，新的在前$/.test(status)), JSON.stringify(seen));
  const { results } = await archive.search(query, { limit: 20 });
  await page.click('#more');
  await settled(page, `已列出 20 篇，共 ${figure} 篇，新的在前`);
  const dates = await page.$$eval('#results time', (times) => times.map((time) => time.dateTime));
  assert.deepEqual(dates, results.map((result) => result.date));
});

test('nobody counts the matches of what is on its way to another query', async (t) => {
  const page = await openPage(t, browser, host);
  const early = [];
  for (const query of WORDS.flatMap((word) => WORDS.map((next) => word + next))) {
    const { exact, results } = await archive.search(query, { prefix: true, firstPage: true });
    if (!exact && results.length > 0) early.push(query);
  }
  const typed = early.slice(-4);
  assert.equal(typed.length, 4, early.join(' '));
  // The page's time stands still unless it is told to go on; that of the engine, which is a worker, does not.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1_000);
  const figure = (total) => new Intl.NumberFormat('zh-CN').format(total);
  for (const query of typed) {
    const { total } = await archive.search(query, { prefix: true, firstPage: true });
    await page.fill('#query', query);
    await page.clock.runFor(60); // the box waits for another key, too
    await settled(page, `至少 ${figure(total)} 篇，新的在前`);
    await page.clock.runFor(399);
    await setTimeout(300);
    assert.match(await page.textContent('#status'), /^至少/, query);
  }
  const { total } = await archive.search(typed.at(-1), { prefix: true });
  await page.clock.runFor(1);
  await settled(page, `共 ${figure(total)} 篇，新的在前`);
});
