// The benchmark can measure our engine: it looks into the worker, which a change of the engine may close to it.
//
// What it finds is not looked at here but for what has to be so; the peers are not installed for tests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAST, openBench } from '../bench/browser.mjs';
import { memoryOver, stopGrams } from '../bench/ours.mjs';
import { ARCHIVE } from './support.mjs';

const ENGINE = { name: 'backfile' };
const SETTINGS = { language: 'zh-CN', patience: 60, budget: 60 };
const QUERIES = ['的', '大桥', '鹭陵'].map((q) => ({ q }));

test('the benchmark measures cold and warm searches', async () => {
  const bench = await openBench(ENGINE, ARCHIVE, SETTINGS);
  const cold = await bench.cold(QUERIES, FAST);
  const { samples } = await bench.warm(QUERIES);
  await bench.close();
  assert.deepEqual(cold.map(({ q, late }) => [q, late]), QUERIES.map(({ q }) => [q, undefined]));
  assert.ok(cold.every(({ bytes, requests }) => bytes > 10_000 && requests > 3), JSON.stringify(cold));
  assert.ok(samples.every(({ total, ids }) => total > 0 && ids.length > 0), JSON.stringify(samples));
});

test('the benchmark sees what common terms and many queries take', async () => {
  const [common] = await stopGrams(ENGINE, ARCHIVE, QUERIES.slice(0, 1), SETTINGS);
  assert.ok(common.bytes > 0 && common.requests > 0);
  const sizes = await memoryOver(ENGINE, ARCHIVE, QUERIES, SETTINGS);
  assert.deepEqual(sizes.map(({ queries }) => queries), [0, 1, 2, 3]);
  assert.ok(sizes.every(({ bytes }) => bytes >= 2 ** 20), JSON.stringify(sizes));
});
