// What a reader sees when the host or the network fails: an error with a retry that works,
// never an empty list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AXE, browser, failing, flipped, host, onBlocks, openPage, settled, shareBrowserAndHost, shot } from './support.mjs';
import { readFileSync } from 'node:fs';

const COMMON = '的';
const COUNT = /^共 \d+ 篇$/;
const FAILED = '这次检索没有完成';
shareBrowserAndHost();

async function assertFailureShown(page) {
  await settled(page, FAILED);
  assert.ok(await page.locator('#failure').isVisible());
  assert.equal(await page.locator('.result').count(), 0);
  return page.locator('#details').textContent();
}

async function assertRetryWorks(page) {
  host.heal();
  await page.locator('#retry').click();
  await settled(page, COUNT);
  assert.ok(await page.locator('#failure').isHidden());
  assert.equal(await page.locator('.result').count(), 10);
}

/** One byte of the only file of blocks, in whatever part of it is sent: the middle of what is asked for first. */
function flippedInFile() {
  let place;
  return (answer) => {
    const start = Number(/\d+/.exec(answer.headers['content-range'] ?? '0')[0]);
    const body = Buffer.from(answer.body);
    place ??= start + (body.length >> 1);
    if (place >= start && place < start + body.length) body[place - start] ^= 0x20;
    return { ...answer, body };
  };
}

const CASES = {
  'a host that is overloaded (503)': [failing(503), /HTTP 503/],
  'a host that has lost the file (404)': [failing(404), /404/],
  'a flipped byte': [flippedInFile(), /\.bf/],
  'a truncated file': [(answer) => ({ ...answer, body: answer.body.subarray(0, answer.body.length >> 1) }), /\.bf/],
  'a connection that breaks off': [(answer) => ({ ...answer, cut: answer.body.length >> 1 }), /\.bf/],
  'a host that answers every address with a page': [(answer) => ({ ...answer, headers: { 'content-type': 'text/html' }, body: Buffer.from('<!doctype html><title>Home</title>') }), /\.bf/],
};

for (const [name, [change, reason]] of Object.entries(CASES)) {
  test(`${name} is shown with a retry that works`, async (t) => {
    t.after(host.heal);
    const page = await openPage(t, browser, host);
    host.rule = onBlocks(change);
    await page.locator('#query').fill(COMMON);
    assert.match(await assertFailureShown(page), reason);
    await assertRetryWorks(page);
  });
}

test('a damaged manifest is shown with a retry that works', async (t) => {
  t.after(host.heal);
  const page = await openPage(t, browser, host);
  host.rule = (answer, path) => (path.endsWith('manifest.bf') ? flipped(answer) : answer);
  await page.locator('#query').fill(COMMON);
  assert.match(await assertFailureShown(page), /manifest\.bf/);
  await assertRetryWorks(page);
});

test('scripts that are missing are shown with a retry that works', async (t) => {
  for (const missing of [/backfile\.js/, /engine-/]) {
    const page = await openPage(t, browser, host);
    host.rule = (answer, path) => (missing.test(path) ? failing(404)() : answer);
    await page.locator('#query').fill(COMMON);
    assert.match(await assertFailureShown(page), missing);
    await assertRetryWorks(page);
  }
});

test('one bad answer of a cache on the way is repaired without a word', async (t) => {
  t.after(host.heal);
  const page = await openPage(t, browser, host);
  const seen = new Set();
  host.rule = (answer, path) => onBlocks((block) => (seen.has(path) ? block : (seen.add(path), flipped(block))))(answer, path);
  await page.locator('#query').fill(COMMON);
  await settled(page, COUNT);
  assert.ok(seen.size > 0);
});

test('a passing 503 is ridden out', async (t) => {
  t.after(host.heal);
  const page = await openPage(t, browser, host);
  let refusals = 2;
  host.rule = onBlocks((answer) => (refusals-- > 0 ? failing(503)() : answer));
  await page.locator('#query').fill(COMMON);
  await settled(page, COUNT);
});

test('a lost network is shown, and the search goes on by itself when it is back', async (t) => {
  const page = await openPage(t, browser, host);
  await page.locator('#query').focus();
  await page.waitForFunction(() => document.getElementById('about').textContent !== '');
  await page.context().setOffline(true);
  await page.locator('#query').fill(COMMON);
  await assertFailureShown(page);
  await shot(page, 'failure');
  await page.evaluate(readFileSync(AXE, 'utf8'));
  assert.deepEqual((await page.evaluate(() => axe.run())).violations.map(({ id }) => id), []);
  await page.context().setOffline(false);
  await settled(page, COUNT);
});

test('a network that is said to be back before it is is tried again', async (t) => {
  t.after(host.heal);
  const page = await openPage(t, browser, host);
  let refusals = 0;
  host.rule = onBlocks(() => (refusals++, failing(503)()));
  await page.locator('#query').fill(COMMON);
  await assertFailureShown(page);
  const attempt = refusals;
  await page.evaluate(() => dispatchEvent(new Event('online')));
  while (refusals < 2 * attempt) await page.waitForTimeout(20);
  host.heal();
  await settled(page, COUNT);
});

test('when "more" fails, what is listed stays', async (t) => {
  t.after(host.heal);
  const page = await openPage(t, browser, host);
  await page.locator('#query').fill(COMMON);
  await settled(page, COUNT);
  await page.evaluate(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message.kind !== 'search' || message.options.offset === 0) return post.call(this, message, ...rest);
      this.onmessage({ data: { kind: 'no-answer', id: message.id, error: { code: 'unreachable', message: 'far away' } } });
      Worker.prototype.postMessage = post;
    };
  });
  await page.locator('#more').click();
  await settled(page, FAILED);
  assert.equal(await page.locator('.result').count(), 10);
  await page.locator('#retry').click();
  await page.waitForFunction(() => document.querySelectorAll('.result').length > 10);
});
