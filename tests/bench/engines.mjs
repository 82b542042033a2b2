// The engines: how each is built from a corpus, and what of it is put on a host.
//
// A builder gets { corpus, out, language } and leaves in `out` all that a reader could download,
// libraries included; it gives what `run` of measure.mjs gives. Only the engine's own work is
// timed: where it needs pages, writing them is not.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { percentile, run } from './measure.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const NPM = path.join(HERE, 'node_modules');
const { transformSync } = createRequire(new URL('../../www/package.json', import.meta.url))('esbuild');

/** Memory of peers that run in Node is bounded by the machine, not by Node's own default. */
const node = (script, ...args) => run('node', ['--max-old-space-size=65536', path.join(HERE, 'builders', script), ...args]);

/** A library as a site would ship it. */
function publish(name, out, as) {
  const { code } = transformSync(readFileSync(path.join(NPM, name), 'utf8'), { minify: true, format: 'esm', legalComments: 'none' });
  writeFileSync(path.join(out, as), code);
}

const publishAsIs = (name, out) => copyFileSync(path.join(NPM, name), path.join(out, path.basename(name)));

function buildBackfile({ corpus, out, language, cli }) {
  return run(cli, ['build', corpus, '--out', out, '--language', language, '--articles', 'none']);
}

async function buildPagefind({ corpus, out, language }) {
  const pages = `${out}-pages`;
  rmSync(pages, { recursive: true, force: true });
  const written = await node('pages.mjs', corpus, pages, language);
  if (written.failed) return written;
  const built = await run('node', [path.join(NPM, 'pagefind/lib/runner/bin.cjs'), '--site', pages, '--output-path', path.join(out, 'pagefind')]);
  rmSync(pages, { recursive: true, force: true });
  return built;
}

function buildMinisearch({ corpus, out }) {
  publish('minisearch/dist/es/index.js', out, 'minisearch.js');
  return node('minisearch.mjs', corpus, out);
}

function buildSqlite({ corpus, out }) {
  publish('@sqlite.org/sqlite-wasm/dist/index.mjs', out, 'sqlite3.mjs');
  publishAsIs('@sqlite.org/sqlite-wasm/dist/sqlite3.wasm', out);
  return node('sqlite.mjs', corpus, out, 'archive.db.gz');
}

function buildSqliteRanges({ corpus, out }) {
  copyFileSync(path.join(NPM, 'sql.js-httpvfs/dist/index.js'), path.join(out, 'httpvfs.js'));
  publishAsIs('sql.js-httpvfs/dist/sqlite.worker.js', out);
  publishAsIs('sql.js-httpvfs/dist/sql-wasm.wasm', out);
  return node('sqlite.mjs', corpus, out, 'archive.db');
}

/** `shares`: another way to ask an engine whose files are there already. */
export const ENGINES = [
  { name: 'backfile', title: 'Backfile', build: buildBackfile },
  { name: 'pagefind', title: 'Pagefind 1.6.0', build: buildPagefind },
  { name: 'pagefind-quoted', title: 'Pagefind, query quoted', shares: 'pagefind' },
  { name: 'minisearch', title: 'MiniSearch 7.2.0, pairs', build: buildMinisearch },
  { name: 'sqlite', title: 'SQLite FTS5 trigram, downloaded (sqlite-wasm 3.54.1)', build: buildSqlite },
  { name: 'sqlite-ranges', title: 'SQLite FTS5 trigram, read by ranges (sql.js-httpvfs 0.8.12)', build: buildSqliteRanges },
];

/** A build that is over sooner says little alone: what else the machine does in that second counts as much. */
const SHORT = 10; // seconds
const TIMES = 5;

/** Builds into a new folder and gives the folder with what the building took. A short build is repeated: the middle one counts. */
export async function build(engine, folder, settings) {
  const out = path.join(folder, engine.shares ?? engine.name);
  if (engine.shares) return { out, shared: true };
  const runs = [await buildInto(out, engine, settings)];
  while (runs.length < TIMES && runs[0].seconds < SHORT && !runs.at(-1).failed) {
    runs.push(await buildInto(`${out}-${runs.length + 1}`, engine, settings));
  }
  const times = runs.map(({ seconds }) => seconds);
  return { out, seconds: percentile(times, 0.5), peak: Math.max(...runs.map(({ peak }) => peak)), failed: runs.at(-1).failed, times };
}

function buildInto(out, engine, settings) {
  mkdirSync(out, { recursive: true });
  return engine.build({ ...settings, out });
}
