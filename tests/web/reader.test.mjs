// A reader of the site, in any browser: searches, goes through the results, reads an article and
// comes back, by keyboard alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROWSER } from './browsers.mjs';
import { browser, host, openPage, shareBrowserAndHost, shot } from './support.mjs';

const QUERY = '大桥';
shareBrowserAndHost();

/** Waits until the function gives something in the page, and gives that. */
async function until(page, run, argument) {
  for (let tries = 100; ; tries--) {
    const value = await page.evaluate(run, argument).catch(() => undefined); // between two pages there is nowhere to run
    if (value) return value;
    assert.ok(tries > 0, `never true: ${run}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the page says of the search when it is done with it. */
const said = (page, query) => until(page, (query) => document.querySelector('#query').value === query && document.querySelectorAll('.result').length > 0 && document.querySelector('#status').textContent, query);

test('searches, reads and comes back', async (t) => {
  const page = await openPage(t, browser, host);
  await page.keyboard.press('/');
  await page.keyboard.type(QUERY);
  assert.match(await said(page, QUERY), /^共 \d+ 篇$/);
  const marks = await page.evaluate(() => [...document.querySelectorAll('.excerpt mark')].map((mark) => mark.textContent));
  assert.ok(marks.length > 0 && marks.every((mark) => mark === QUERY), `${marks}`);
  assert.equal(await page.evaluate(() => new URL(location).searchParams.get('q')), QUERY);
  await shot(page, `reader-results-${BROWSER}`);

  await page.keyboard.press('ArrowDown');
  const title = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Enter');
  assert.equal(await until(page, () => document.querySelector('article mark') && document.querySelector('h1').textContent), title);
  await page.keyboard.press('n');
  await until(page, () => document.querySelectorAll('article mark').length < 2 || document.querySelectorAll('article mark')[1].className === 'now');
  const lines = await page.evaluate(() => [...document.querySelectorAll('.about-article dd a')].map((link) => getComputedStyle(link).textDecorationLine));
  assert.ok(lines.length > 0 && lines.every((line) => line === 'underline'), `links look like links: ${lines}`);
  await shot(page, `reader-article-${BROWSER}`);

  await page.evaluate(() => void history.back());
  await said(page, QUERY);
});

test('nothing is wider than the window', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${encodeURIComponent('的')}` });
  await said(page, '的');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
