// Warm and cold searches in a real Chromium, through the public module, as a site would use it.
//
//   node tests/bench/browser.mjs SITE QUERIES.jsonl [RESULT.json]
//
// Cold: a new browser context each time, from importing the module to ten results; once on the
// bare local connection and once on a slow link. Warm: the second of two equal searches, with the
// way to the worker and back. Counts are compared with the query file's; folding may find more
// than its literal scan, never less.
import { readFileSync, writeFileSync } from 'node:fs';
import { launch, startHost } from '../web/support.mjs';
import { slowLink } from './link.mjs';

const COLD_SEARCHES = 20;
const SLOW = { roundTrip: 150, bytesPerSecond: 200_000 };

const [site, queriesFile, resultFile] = process.argv.slice(2);
const queries = readFileSync(queriesFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

async function openModule(browser, host) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${host.origin}/no-page`);
  return { page, close: () => context.close() };
}

/** In the page: from nothing to ten results. */
async function coldSearch(query) {
  const start = performance.now();
  const { openArchive } = await import('/backfile/backfile.js');
  const archive = await openArchive();
  const opened = performance.now() - start;
  await archive.search(query, { limit: 10 });
  return { opened, milliseconds: performance.now() - start };
}

async function cold(browser, link) {
  const host = await startHost(site);
  const samples = [];
  for (const { q } of every(queries, COLD_SEARCHES)) {
    const { page, close } = await openModule(browser, host);
    const meter = slowLink(link);
    host.rule = meter.rule;
    samples.push({ q, ...(await page.evaluate(coldSearch, q)), bytes: meter.bytes, requests: meter.requests });
    host.heal();
    await close();
  }
  await host.close();
  return samples;
}

/** In the page: each query twice, the second time measured. */
async function warmSearches(queries) {
  const { openArchive } = await import('/backfile/backfile.js');
  const archive = await openArchive();
  const samples = [];
  for (const q of queries) {
    await archive.search(q, { limit: 10 });
    const start = performance.now();
    const { total } = await archive.search(q, { limit: 10 });
    samples.push({ q, total, milliseconds: performance.now() - start });
  }
  return samples;
}

async function warm(browser) {
  const host = await startHost(site);
  const { page, close } = await openModule(browser, host);
  const samples = await page.evaluate(warmSearches, queries.map(({ q }) => q));
  await close();
  await host.close();
  return samples;
}

/** `wanted` items, evenly spread. */
function every(items, wanted) {
  const step = Math.max(1, Math.floor(items.length / wanted));
  return items.filter((_, index) => index % step === 0).slice(0, wanted);
}

function percentile(values, share) {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function line(name, samples, field, digits) {
  const values = samples.map((sample) => sample[field]);
  const shown = [0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(digits).padStart(10));
  return `${name.padEnd(34)}${shown.join('')}`;
}

function counts(samples) {
  const truth = queries.map(({ count, count_tb: withTitles }) => withTitles ?? count);
  const compare = (holds) => samples.filter(({ total }, index) => holds(total, truth[index])).length;
  return `counts: ${compare((total, true_) => total === true_)} of ${samples.length} as scanned, ${compare((total, true_) => total > true_)} more, ${compare((total, true_) => total < true_)} fewer`;
}

const browser = await launch();
const measured = { warm: await warm(browser), cold: await cold(browser, {}), slow: await cold(browser, SLOW) };
await browser.close();

console.log(`${''.padEnd(34)}${['median', '95 %', '99 %', 'most'].map((name) => name.padStart(10)).join('')}`);
console.log(line('warm search, ms', measured.warm, 'milliseconds', 2));
console.log(line('cold first search, bytes', measured.cold, 'bytes', 0));
console.log(line('cold first search, requests', measured.cold, 'requests', 0));
console.log(line('cold first search, ms', measured.cold, 'milliseconds', 0));
console.log(line('the same, 1.6 Mbit/s and 150 ms', measured.slow, 'milliseconds', 0));
console.log(counts(measured.warm));
if (resultFile) writeFileSync(resultFile, JSON.stringify(measured, null, 1));
