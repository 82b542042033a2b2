// The pages of a site as a reader meets them: hits are marked and stepped through, nothing breaks the policy, and
// everything but that works without scripts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AXE, ROOT, launch, openPage, shot, smallArchive, startHost } from './support.mjs';

/** The sample's articles by its truth, with the metadata that a site shows. */
function articles() {
  const { pages } = JSON.parse(readFileSync(path.join(ROOT, 'tests/sample/truth.json'), 'utf8'));
  return pages.flatMap(({ date, page, file, articles }) => {
    const text = [...readFileSync(path.join(ROOT, 'tests/sample', file), 'utf8')];
    const cut = (spans = []) => spans.map(([from, to]) => text.slice(from, to).join('').trim());
    return articles.map(({ headline, shoulder, sub, byline, kind, spans }, index) => {
      const captions = cut(spans.caption);
      const reporter = byline?.split('记者')[1]?.split('通讯员')[0].trim().split(' ') ?? [];
      const body = [...cut(spans.body), ...captions].join('\n');
      return { id: `${file.slice(6, -4)}-${index + 1}`, title: headline, date, page, order: index + 1, kind, shoulder, sub, byline, captions, reporter, body };
    });
  });
}

const QUERY = '苇渡';
const hash = (query) => `#q=${encodeURIComponent(query)}`;
const ARTICLE = '/articles/2019-10-18/01-1.html';
const WHOLE = `/issues/2019-10-18.html#2019-10-18/01-1&q=${encodeURIComponent(QUERY)}`;

let browser;
const hosts = {};
const undo = [];

before(async () => {
  browser = await launch();
  const later = { after: (step) => undo.push(step) };
  for (const mode of ['files', 'issues']) {
    hosts[mode] = await startHost(smallArchive(later, articles(), '--title', '鹭陵报', '--articles', mode));
  }
});

after(async () => {
  await browser?.close();
  for (const host of Object.values(hosts)) await host.close();
  for (const step of undo) step();
});

const count = (page) => page.locator('.hits output');
const violations = (page) => page.evaluate(() => globalThis.violations);

async function marked(page) {
  await page.locator('mark.now').waitFor();
}

test('an article marks what was searched for, and n, p and the buttons step through it', async (t) => {
  const page = await openPage(t, browser, hosts.files, { address: ARTICLE + hash(QUERY) });
  await marked(page);
  const total = await page.locator('mark').count();
  assert.ok(total > 3);
  assert.deepEqual(new Set(await page.locator('mark').allTextContents()), new Set([QUERY]));
  assert.equal(await count(page).textContent(), `1 / ${total} 处`);
  await page.keyboard.press('n');
  assert.equal(await count(page).textContent(), `2 / ${total} 处`);
  await page.locator('.hits button').nth(1).click();
  assert.equal(await count(page).textContent(), `3 / ${total} 处`);
  for (let step = 0; step < 3; step++) await page.keyboard.press('p');
  assert.equal(await count(page).textContent(), `${total} / ${total} 处`);
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('mark.now').getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.deepEqual(await violations(page), []);
  await shot(page, 'article-hits');
});

test('marks change no text, follow the address, and go with Esc', async (t) => {
  const page = await openPage(t, browser, hosts.files, { address: ARTICLE });
  const text = () => page.locator('article').evaluate((article) => [...article.querySelectorAll('[data-text]')].map((element) => element.textContent));
  const before = await text();
  await page.evaluate((hash) => (location.hash = hash), hash(QUERY));
  await marked(page);
  assert.deepEqual(await text(), before);
  await page.evaluate((hash) => (location.hash = hash), hash('龘龘'));
  await count(page).filter({ hasText: '本文中没有' }).waitFor();
  assert.equal(await page.locator('mark').count(), 0);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.hits').count(), 0);
  assert.equal(new URL(page.url()).hash, '');
  assert.deepEqual(await text(), before);
});

test('in an issue of whole articles, the one in the address is marked', async (t) => {
  const page = await openPage(t, browser, hosts.issues, { address: WHOLE });
  await marked(page);
  const articles = await page.locator('mark').evaluateAll((marks) => [...new Set(marks.map((mark) => mark.closest('article').id))]);
  assert.deepEqual(articles, ['2019-10-18/01-1']);
  await page.keyboard.press('Escape');
  assert.equal(decodeURIComponent(new URL(page.url()).hash), '#2019-10-18/01-1');
  assert.deepEqual(await violations(page), []);
});

test('without the archive the article is there and says what is missing', async (t) => {
  hosts.files.rule = (answer, pathname) => (pathname.endsWith('manifest.bf') ? { status: 404, headers: {}, body: Buffer.alloc(0) } : answer);
  t.after(() => hosts.files.heal());
  const page = await openPage(t, browser, hosts.files, { address: ARTICLE + hash(QUERY) });
  await count(page).filter({ hasText: '无法标出' }).waitFor();
  assert.match(await page.locator('h1').textContent(), /苇渡大桥/);
});

test('nothing is fetched for an article that nobody searched for', async (t) => {
  hosts.files.requests.length = 0;
  const page = await openPage(t, browser, hosts.files, { address: ARTICLE });
  await page.waitForTimeout(300);
  assert.deepEqual(hosts.files.requests.filter((path) => path.startsWith('/backfile/')), []);
  await page.keyboard.press('/');
  await page.waitForURL(/index\.html#query$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'query');
});

test('everything but the search can be read without scripts', async (t) => {
  const page = await openPage(t, browser, hosts.files, { javaScriptEnabled: false });
  assert.ok(await page.locator('#query').isHidden(), 'no box that does nothing');
  await page.locator('.latest .headline').first().click();
  assert.equal(await page.locator('article h1').count(), 1);
  await page.locator('.nav a').first().click();
  await page.locator('.years a').last().click();
  await page.locator('.month td a').first().click();
  assert.match(await page.locator('h1').textContent(), /2019年10月18日/);
  await page.locator('.entries .headline').first().click();
  assert.match(await page.locator('h1').textContent(), /苇渡大桥完成选址论证/);
});

test('pages keep to their policy, their width and the rules of accessibility', async (t) => {
  const addresses = ['/index.html', ARTICLE, '/404.html', '/issues/2024-06-28.html', '/calendar/index.html', '/calendar/2024.html', '/people/index.html'];
  for (const address of addresses) {
    const page = await openPage(t, browser, hosts.files, { address, viewport: { width: 360, height: 740 } });
    for (const size of ['100%', '200%']) {
      const overflow = await page.evaluate((size) => {
        document.documentElement.style.fontSize = size;
        return document.documentElement.scrollWidth - innerWidth;
      }, size);
      assert.ok(overflow <= 0, `${address} is ${overflow} too wide for letters of ${size}`);
    }
    assert.deepEqual(await violations(page), [], address);
    const bare = await openPage(t, browser, hosts.files, { address, bypassCSP: true });
    await bare.addScriptTag({ path: AXE });
    const { violations: found } = await bare.evaluate(() => globalThis.axe.run());
    assert.deepEqual(found.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], address);
  }
});
