// A reader of the site, in any browser: searches, opens an article, steps through what is marked in
// it, and comes back. Scripts stand in for the hands; `page.test.mjs` has real keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROWSER } from './browsers.mjs';
import { browser, host, openPage, shareBrowserAndHost, shot } from './support.mjs';

const QUERY = '大桥';
shareBrowserAndHost();

/** Waits until the function gives something in the page, and gives that. */
async function until(page, run, argument) {
  for (let tries = 100; ; tries--) {
    const value = await page.evaluate(run, argument);
    if (value) return value;
    if (tries === 0) assert.fail(`never true: ${run}; ${await page.evaluate(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const state = () => JSON.stringify([location.href, ...['#query', '#status', '#results'].map((id) => document.querySelector(id)?.value ?? document.querySelector(id)?.textContent)]);

/** What the page says of the search when it is done with it. */
const said = (page, query) => until(page, (query) => document.querySelector('#query').value === query && document.querySelectorAll('.result').length > 0 && document.querySelector('#status').textContent, query);

test('searches, reads and comes back', async (t) => {
  const page = await openPage(t, browser, host);
  await page.evaluate((query) => {
    const box = document.querySelector('#query');
    box.focus();
    box.value = query;
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }, QUERY);
  assert.match(await said(page, QUERY), /^共 \d+ 篇$/);
  const marks = await page.evaluate(() => [...document.querySelectorAll('.excerpt mark')].map((mark) => mark.textContent));
  assert.ok(marks.length > 0 && marks.every((mark) => mark === QUERY), `${marks}`);
  assert.equal(await page.evaluate(() => new URL(location).searchParams.get('q')), QUERY);
  await shot(page, `reader-results-${BROWSER}`);

  const [title, address] = await page.evaluate(() => [document.querySelector('.entry').textContent, document.querySelector('.entry').href]);
  await page.goto(address);
  assert.equal(await until(page, () => document.querySelector('article mark') && document.querySelector('h1').textContent), title);
  await page.evaluate(() => document.querySelectorAll('.hits button')[1].click());
  await until(page, () => document.querySelectorAll('article mark')[1].className === 'now');
  const lines = await page.evaluate(() => [...document.querySelectorAll('.about-article dd a')].map((link) => getComputedStyle(link).textDecorationLine));
  assert.ok(lines.length > 0 && lines.every((line) => line === 'underline'), `links look like links: ${lines}`);
  await shot(page, `reader-article-${BROWSER}`);

  await page.goBack();
  await said(page, QUERY);
});

test('nothing is wider than the window', async (t) => {
  const page = await openPage(t, browser, host, { address: `/?q=${encodeURIComponent('的')}` });
  await said(page, '的');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
