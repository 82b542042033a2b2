// An archive's text comes from anywhere; the page shows it as text and links only to pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, settled, smallArchive, startHost } from './support.mjs';

const DOCUMENTS = [
  { id: 'script', title: '<img src=x onerror="globalThis.hacked=1">', body: '苇渡 <script>globalThis.hacked=1</script> &amp; 结束', url: 'javascript:globalThis.hacked=1', date: '2021-05-14', section: '<b>要闻</b>' },
  { id: 'data', title: '资料', body: '苇渡资料', url: 'data:text/html,<script>1</script>', date: '2021-05' },
  { id: 'relative', title: '相对', body: '苇渡相对', url: 'pages/1.html?a=1&b=2', date: '2021' },
  { id: 'absolute', title: '绝对', body: '苇渡绝对', url: 'https://luling.example.org/1' },
  { id: 'untitled-and-nowhere', title: '', body: 'Reed Ferry, known at home as 苇渡' },
];
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

test('markup in the data is text, and only web addresses are links', async (t) => {
  const host = await startHost(smallArchive(t, DOCUMENTS));
  t.after(host.close);
  const page = await openPage(t, browser, host, { address: '/?q=苇渡' });
  await settled(page, '5');
  const shown = await page.locator('.result').evaluateAll((items) => items.map((item) => [item.querySelector('.entry').textContent, item.querySelector('a')?.getAttribute('href') ?? null]));
  assert.deepEqual(Object.fromEntries(shown), {
    [DOCUMENTS[0].title]: null,
    资料: null,
    相对: `${host.origin}/pages/1.html?a=1&b=2#q=${encodeURIComponent('苇渡')}`,
    绝对: 'https://luling.example.org/1',
    'untitled-and-nowhere': `${host.origin}/articles/untitled-and-nowhere.html#q=${encodeURIComponent('苇渡')}`,
  });
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.deepEqual(await page.evaluate(() => violations), []);
  assert.equal(await page.locator('.results :is(script, img, b)').count(), 0);
  assert.ok((await page.locator('.results').textContent()).includes('<script>globalThis.hacked=1</script> &amp; 结束'));
});

test('results say their language, and dates of every length are shown', async (t) => {
  const host = await startHost(smallArchive(t, DOCUMENTS));
  t.after(host.close);
  const page = await openPage(t, browser, host, { address: '/?q=苇渡' });
  await settled(page, '5');
  const languages = await page.locator('.result').evaluateAll((items) => items.map((item) => item.lang));
  assert.ok(languages.every((language) => /^zh/.test(language)), languages.join());
  assert.deepEqual((await page.locator('.result time').allTextContents()).sort(), ['2021年', '2021年5月', '2021年5月14日']);
});
