// The search page as a reader meets it: typing, keys, addresses, states, looks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ARCHIVE, AXE, browser, host, openPage, settled, shareBrowserAndHost, shot, smallArchive, startHost, titles } from './support.mjs';

const COMMON = '的'; // in nearly every page of the sample
const COUNT = /^共 \d+ 篇$/;
shareBrowserAndHost();

test('nothing of the archive is fetched before the box has the focus', async (t) => {
  host.requests.length = 0;
  const page = await openPage(t, browser, host);
  await page.waitForTimeout(300);
  assert.deepEqual(host.requests.filter((path) => path.startsWith('/backfile/')), []);
  await page.locator('#query').focus();
  await page.waitForResponse((response) => response.url().endsWith('/backfile/manifest.bf'));
});

test('results come while typing, with count, marks and dates', async (t) => {
  const page = await openPage(t, browser, host);
  await page.locator('#query').pressSequentially(COMMON);
  await settled(page, COUNT);
  assert.equal(await page.locator('.result').count(), 10);
  assert.equal(await page.locator('.excerpt mark').first().textContent(), COMMON);
  assert.match(await page.locator('.source time').first().textContent(), /^\d{4}年/);
  assert.equal(new URL(page.url()).searchParams.get('q'), COMMON);
});

test('an unfinished composition is not searched, the finished one is', async (t) => {
  const page = await openPage(t, browser, host);
  await page.locator('#query').focus();
  const devtools = await page.context().newCDPSession(page);
  for (const text of ['d', 'de']) await devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await page.waitForTimeout(400);
  assert.equal(await page.locator('#status').textContent(), '');
  assert.equal(new URL(page.url()).search, '');
  await devtools.send('Input.insertText', { text: COMMON });
  await settled(page, COUNT);
  assert.equal(await page.locator('#query').inputValue(), COMMON);
});

test('Esc during a composition belongs to the input method', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${COMMON}` });
  await settled(page, COUNT);
  await page.evaluate(() => document.getElementById('query').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', isComposing: true, bubbles: true })));
  assert.equal(await page.locator('#query').inputValue(), COMMON);
});

test('everything can be done with the keyboard', async (t) => {
  const page = await openPage(t, browser, host);
  const focused = () => page.evaluate(() => document.activeElement.className || document.activeElement.id);
  await page.keyboard.press('/');
  assert.equal(await focused(), 'query');
  await page.keyboard.insertText(COMMON);
  await settled(page, COUNT);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('.entry')].indexOf(document.activeElement)), 1);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await focused(), 'query');
  for (let step = 0; step <= 10; step++) await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'more');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('.result').length > 10);
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'query');
  assert.equal(await page.locator('#query').inputValue(), '');
  assert.equal(await page.locator('.result').count(), 0);
});

test('what is typed before the script has come is searched when it has', async (t) => {
  let release;
  const typed = new Promise((resolve) => (release = resolve));
  host.rule = async (answer, pathname) => (/page-.*\.js$/.test(pathname) && (await typed), answer);
  t.after(host.heal);
  const page = await openPage(t, browser, host, { address: '/?q=大桥', wait: 'commit' });
  await page.locator('#query').pressSequentially(COMMON);
  release();
  await settled(page, COUNT);
  assert.equal(await page.locator('#query').inputValue(), COMMON);
  assert.equal(new URL(page.url()).searchParams.get('q'), COMMON);
});

test('an address with a query shows its results, and the box can be cleared', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${encodeURIComponent(COMMON)}` });
  await settled(page, COUNT);
  assert.ok((await page.title()).startsWith(`${COMMON} – `));
  await page.locator('#clear').click();
  assert.equal(await page.locator('.result').count(), 0);
  assert.equal(new URL(page.url()).search, '');
});

test('"more" goes on where the list ended, up to the last result, and keeps the focus in the list', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${COMMON}` });
  await settled(page, COUNT);
  const total = Number((await page.locator('#status').textContent()).match(/\d+/)[0]);
  const first = await titles(page);
  await page.locator('#more').focus();
  for (let shown = 10; shown < total; shown += 10) {
    await page.keyboard.press('Enter');
    await page.waitForFunction((wanted) => document.querySelectorAll('.result').length === wanted, Math.min(total, shown + 10));
    if (shown + 10 < total) assert.equal(await page.evaluate(() => document.activeElement.id), 'more');
  }
  assert.deepEqual((await titles(page)).slice(0, 10), first);
  assert.ok(await page.locator('#more').isHidden());
  assert.ok(await page.evaluate(() => document.activeElement.matches('.entry')));
});

test('a query that nothing contains says so', async (t) => {
  const page = await openPage(t, browser, host, { address: '/?q=龘龘龘龘' });
  await settled(page, '没有一篇包含“龘龘龘龘”');
  assert.ok(await page.locator('#hint').isVisible());
  assert.equal(await page.locator('.result').count(), 0);
});

test('the newest query wins, however slow the earlier ones are', async (t) => {
  const page = await openPage(t, browser, host);
  for (const query of ['大', '小', '龘龘', COMMON, '龘龘龘']) await page.locator('#query').fill(query);
  await settled(page, '没有一篇包含“龘龘龘”');
  await page.waitForTimeout(300);
  assert.equal(await page.locator('.result').count(), 0);
});

test('a slow answer is announced after a moment', async (t) => {
  const page = await openPage(t, browser, host);
  host.rule = async (answer, path) => (path.endsWith('.bf') && (await new Promise((resolve) => setTimeout(resolve, 500))), answer);
  t.after(host.heal);
  await page.locator('#query').fill(COMMON);
  await settled(page, '正在检索');
  assert.equal(await page.locator('#results').getAttribute('aria-busy'), 'true');
  await settled(page, COUNT);
  assert.equal(await page.locator('#results').getAttribute('aria-busy'), 'false');
});

test('the page speaks the language of its archive, whoever reads it', async (t) => {
  const page = await openPage(t, browser, host, { locale: 'en-GB' });
  assert.equal(await page.locator('#query').getAttribute('placeholder'), '输入要找的字句');
  assert.match(await page.locator('html').getAttribute('lang'), /^zh/);
  const english = await startHost(smallArchive(t, [{ id: 'a', title: 'A', body: 'Reed Ferry' }], '--language', 'en'));
  t.after(english.close);
  const other = await openPage(t, browser, english, { locale: 'zh-CN' });
  assert.equal(await other.locator('#query').getAttribute('placeholder'), 'Words as they were printed');
  assert.match(await other.locator('html').getAttribute('lang'), /^en/);
  await shot(other, 'idle-en');
  await other.locator('#query').fill('Reed');
  await settled(other, '1 ');
});

test('an archive in traditional Chinese is searched in traditional Chinese', async (t) => {
  const taiwan = await startHost(smallArchive(t, [{ id: 'a', title: '渡船', date: '2023-01-10', body: '縣府昨日表示' }], '--language', 'zh-TW'));
  t.after(taiwan.close);
  const page = await openPage(t, browser, taiwan, { address: '/?q=縣府' });
  assert.equal(await page.locator('#query').getAttribute('placeholder'), '輸入要找的字句');
  await settled(page, '共 1 篇');
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-TW');
});

test('a parameter of somebody else is no filter, not even at first', async (t) => {
  const page = await openPage(t, browser, host);
  host.rule = async (answer, path) => (path.endsWith('.bf') && (await new Promise((resolve) => setTimeout(resolve, 400))), answer);
  t.after(host.heal);
  await page.goto(`${host.origin}/?utm=x`);
  await page.waitForTimeout(200);
  assert.ok(await page.locator('#chosen').isHidden());
  await page.waitForTimeout(600);
  assert.ok(await page.locator('#chosen').isHidden());
  assert.equal(await page.locator('#status').textContent(), '');
  assert.ok(await page.locator('.browse').isVisible());
});

test('without a network, what has been loaded is still searched, and the rest when it is back', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${COMMON}` });
  await settled(page, COUNT);
  await page.context().setOffline(true);
  await page.locator('#query').fill('大桥');
  await settled(page, '这次检索没有完成');
  assert.match(await page.locator('#reason').textContent(), /网络/);
  await page.locator('#query').fill(COMMON);
  await settled(page, COUNT);
  await page.locator('#query').fill('大桥');
  await settled(page, '这次检索没有完成');
  await page.context().setOffline(false);
  await settled(page, COUNT);
});

test('a page that is opened from a disk says that it has to be served', async (t) => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(pathToFileURL(path.join(ARCHIVE, 'index.html')).href);
  const message = page.locator('#unstarted');
  await message.waitFor();
  await page.waitForTimeout(2500);
  await shot(page, 'from-disk');
  assert.match(await message.textContent(), /静态网站.*static web server/s);
});

test('a page that starts does not say that it did not', async (t) => {
  const page = await openPage(t, browser, host);
  assert.equal(await page.locator('#unstarted').count(), 0);
});

for (const colorScheme of ['light', 'dark']) {
  test(`no accessibility or policy violations, ${colorScheme}`, async (t) => {
    const page = await openPage(t, browser, host, { colorScheme, viewport: { width: 1200, height: 1000 } });
    const audit = async (state) => {
      await page.evaluate(readFileSync(AXE, 'utf8'));
      const { violations } = await page.evaluate(() => axe.run({ resultTypes: ['violations'] }));
      assert.deepEqual(violations.map(({ id, nodes }) => `${state}: ${id} ${nodes.map((node) => node.html)}`), []);
    };
    await audit('idle');
    await page.locator('#query').fill(COMMON);
    await settled(page, COUNT);
    await shot(page, `results-${colorScheme}`);
    await audit('results');
    await page.locator('#query').fill('龘龘龘');
    await settled(page, '没有一篇');
    await audit('nothing');
    assert.deepEqual(await page.evaluate(() => violations), []);
  });
}

test('a phone of 360 pixels shows everything without scrolling sideways', async (t) => {
  const page = await openPage(t, browser, host, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await page.locator('#query').fill(COMMON);
  await settled(page, COUNT);
  await shot(page, 'results-360');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
