// Cold and warm searches in a real Chromium, the same for every engine.
//
// Cold: a new browser context for each query, from the first import to ten results with their
// excerpts; the adapter is there before the clock starts. Warm: the second of two equal searches,
// with the way to a worker and back where the engine has one.
import { fileURLToPath } from 'node:url';
import { launch } from '../web/support.mjs';
import { OWN, startHost } from './host.mjs';
import { privateMemory, sum } from './measure.mjs';

const ADAPTERS = fileURLToPath(new URL('adapters/', import.meta.url));
const LIMIT = 10;

export const FAST = {};
export const SLOW = { roundTrip: 150, bytesPerSecond: 200_000 };

export class TooSlow extends Error {}

/** One engine's published folder behind a host, and a browser of its own. */
export async function openBench(engine, folder, { language, patience, budget, rewrite }) {
  const host = await startHost(folder, ADAPTERS, { rewrite });
  const browser = await launch();

  async function openPage() {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${host.origin}${OWN}blank.html`);
    await page.evaluate(prepare, { adapter: `${OWN}${engine.name}.js`, language });
    return { page, close: () => context.close() };
  }

  /** Gives up after `patience` seconds: some engines would download for an hour. */
  async function within(work) {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new TooSlow(`more than ${patience} s`)), patience * 1000)));
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function coldSearch(q, link) {
    const { page, close } = await openPage();
    const meter = host.measure(link);
    try {
      const times = await within(page.evaluate(fromNothing, { q, limit: LIMIT }));
      return { q, ...times, bytes: meter.bytes, requests: meter.requests };
    } catch (error) {
      if (!(error instanceof TooSlow)) throw error;
      return { q, late: true, milliseconds: patience * 1000, bytes: meter.bytes, requests: meter.requests };
    } finally {
      host.measure();
      await close();
    }
  }

  /** As many of the queries as `budget` seconds allow, at least one. */
  async function cold(queries, link) {
    await coldSearch(queries[0].q, FAST); // the host compresses now what it will send
    const samples = [];
    const started = performance.now();
    for (const { q } of queries) {
      samples.push(await coldSearch(q, link));
      if (performance.now() - started > budget * 1000) break;
    }
    return samples;
  }

  async function warm(queries) {
    const { page, close } = await openPage();
    const before = await rendererMemory(browser);
    await within(page.evaluate(start));
    const samples = [];
    for (const { q } of queries) samples.push({ q, ...(await within(page.evaluate(askTwice, { q, limit: LIMIT }))) });
    const memory = (await rendererMemory(browser)) - before;
    await close();
    return { samples, memory };
  }

  const close = async () => {
    await browser.close();
    await host.close();
  };
  return { host, openPage, cold, warm, close };
}

// --- in the page ----------------------------------------------------------------------------------

async function prepare({ adapter, language }) {
  document.documentElement.lang = language; // Pagefind cuts queries as the page's language asks
  globalThis.engine = await import(adapter);
}

async function fromNothing({ q, limit }) {
  const started = performance.now();
  await engine.init();
  const opened = performance.now() - started;
  await engine.search(q, limit);
  return { opened, milliseconds: performance.now() - started };
}

export const start = () => engine.init();

async function askTwice({ q, limit }) {
  await engine.search(q, limit);
  const started = performance.now();
  const { total, ids } = await engine.search(q, limit);
  return { total, ids, milliseconds: performance.now() - started };
}

// --- memory ---------------------------------------------------------------------------------------

/** What all pages of a browser have to themselves, workers included; 0 where /proc does not tell. */
async function rendererMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return sum(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => privateMemory(id)));
}
