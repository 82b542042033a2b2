// What only Backfile is asked: the worst queries there are, and whether memory has a bound.
import { FAST, openBench, start } from './browser.mjs';

const PAUSES = 10; // looks at the memory between the first query and the last

/** Bytes and requests of the commonest terms, after the start. */
export async function stopGrams(engine, folder, queries, settings) {
  const bench = await openBench(engine, folder, settings);
  const samples = [];
  for (const { q } of queries) {
    const { page, close } = await bench.openPage();
    await page.evaluate(start);
    const meter = bench.host.measure(FAST);
    await page.evaluate((q) => engine.search(q, 10), q);
    samples.push({ q, bytes: meter.bytes, requests: meter.requests });
    await close();
  }
  await bench.close();
  return samples;
}

/**
 * The size of the engine's memory while many different queries are asked. WebAssembly memory never
 * shrinks, and nothing outside the worker can see it; so, for this measurement only, the host sends
 * the worker with a line before it that remembers each memory of what is instantiated: that of the
 * unpacker, and that of the engine, which its parts share.
 */
const REMEMBER = `const memories = (globalThis.engineMemories = new Set());
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    const own = Object.values(this.exports).filter((it) => it instanceof WebAssembly.Memory);
    own.forEach((memory) => memories.add(memory));
  }
};
`;

/** The module's own script is the worker's too. */
const isWorker = (file) => /backfile\.js$/.test(file);
const rewrite = (body, file) => (isWorker(file) ? Buffer.concat([Buffer.from(REMEMBER), body]) : body);

export async function memoryOver(engine, folder, queries, settings) {
  const bench = await openBench(engine, folder, { ...settings, rewrite });
  const { page, close } = await bench.openPage();
  await page.evaluate(start);
  const size = () => page.workers()[0].evaluate(() => [...globalThis.engineMemories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
  const sizes = [{ queries: 0, bytes: await size() }];
  const step = Math.max(1, Math.floor(queries.length / PAUSES));
  for (let asked = 0; asked < queries.length; asked += step) {
    const some = queries.slice(asked, asked + step).map(({ q }) => q);
    await page.evaluate(async (some) => {
      for (const q of some) await engine.search(q, 10);
    }, some);
    sizes.push({ queries: asked + some.length, bytes: await size() });
  }
  await close();
  await bench.close();
  return sizes;
}
