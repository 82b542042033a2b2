// One engine, three homes: the native command, Node and a browser give the same answers.
//
// The cases are data (tests/cases/*.json), so that every engine runs the same ones.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BROWSER } from './browsers.mjs';
import { ARCHIVE, backfile, blankPage, launch, ROOT, startHost } from './support.mjs';

const WRITTEN = readdirSync(path.join(ROOT, 'tests/cases'))
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(path.join(ROOT, 'tests/cases', name), 'utf8')));

/** Pieces of the sample's pages as they stand there, line ends, quotation marks and damage included. */
const CUT = readdirSync(path.join(ROOT, 'tests/sample/pages'), { recursive: true })
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => pieces(readFileSync(path.join(ROOT, 'tests/sample/pages', name), 'utf8')));

function pieces(page) {
  const characters = [...page];
  const starts = Array.from({ length: 16 }, (_, index) => Math.floor((characters.length * index) / 16));
  return starts.map((start, index) => ({
    query: characters.slice(start, start + 1 + (index % 9)).join(''),
    options: { limit: 5, prefix: index % 2 === 0 },
  }));
}

const CASES = [...WRITTEN, ...CUT];

let browser;
let host;
let inNode;

before(async () => {
  browser = await launch();
  host = await startHost();
  const { openArchive } = await import(pathToFileURL(path.join(ARCHIVE, 'backfile/backfile.js')));
  inNode = await openArchive();
});
after(async () => {
  inNode?.close();
  await browser?.close();
  await host?.close();
});

function native({ query, options = {} }) {
  const flags = Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : value === false ? [] : [`--${name}`, String(value)]));
  return JSON.parse(backfile('search', ARCHIVE, '--json', ...flags, '--', query));
}

test('Node answers like the native command', async () => {
  for (const { query, options } of CASES) {
    assert.deepEqual(await inNode.search(query, options), native({ query, options }), `${query} ${JSON.stringify(options ?? {})}`);
  }
});

test(`${BROWSER} answers like Node`, async (t) => {
  const page = await blankPage(t, browser, host);
  const answers = await page.evaluate(async (cases) => {
    const archive = await (await import('/backfile/backfile.js')).openArchive();
    return Promise.all(cases.map(({ query, options }) => archive.search(query, options)));
  }, CASES);
  for (const [index, { query, options }] of CASES.entries()) assert.deepEqual(answers[index], await inNode.search(query, options), query);
});

test('the cases are worth running: some find much, some little, some nothing', async () => {
  const totals = await Promise.all(CASES.map(async ({ query, options }) => (await inNode.search(query, options)).total));
  assert.ok(totals.some((total) => total > 10) && totals.some((total) => total === 1) && totals.some((total) => total === 0), totals.join());
});

test('Node opens an archive by path, by URL and over HTTP', async () => {
  const { openArchive } = await import(pathToFileURL(path.join(ARCHIVE, 'backfile/backfile.js')));
  const bases = [path.relative('.', path.join(ARCHIVE, 'backfile')), pathToFileURL(path.join(ARCHIVE, 'backfile')), `${host.origin}/backfile/`];
  for (const base of bases) {
    const archive = await openArchive({ base });
    assert.deepEqual(archive.info, inNode.info);
    assert.deepEqual(await archive.search('的'), await inNode.search('的'));
    archive.close();
  }
});

test('Node says which file is missing', async () => {
  const { openArchive } = await import(pathToFileURL(path.join(ARCHIVE, 'backfile/backfile.js')));
  await assert.rejects(openArchive({ base: '/nowhere/at/all' }), (error) => error.code === 'missing' && /nowhere\/at\/all\/manifest\.bf/.test(error.message));
});

test('a search in Node can be cancelled', async () => {
  await assert.rejects(inNode.search('的', { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});
