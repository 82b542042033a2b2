// Backfile and its peers on one corpus, one table: see README.md beside this file.
//
//   node tests/bench/run.mjs [CORPUS.jsonl[.gz] [QUERIES.jsonl]] [OPTIONS]
//
//   --documents N      documents of a generated corpus (default 2000)
//   --from FILE        generate from this text instead of the sample archive's; may be repeated
//   --replaced PERCENT of the characters, so that pairs keep growing in number (default 4)
//   --seed N           of the generated corpus and queries (default 1)
//   --queries N        substrings to ask for where no file of queries is given (default 240)
//   --engines A,B      only these (default all)
//   --cold N           cold searches on each link (default 20)
//   --patience S       seconds after which a search is given up (default 120)
//   --budget S         seconds for an engine's cold searches on one link (default 180)
//   --memory N         different queries over which our engine's memory is watched (default 1000; 0: not)
//   --language TAG     of the text (default zh-CN)
//   --save             also keep the table in tests/bench/results
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { FAST, openBench, SLOW } from './browser.mjs';
import { documents } from './documents.mjs';
import { build, ENGINES } from './engines.mjs';
import { issueMore } from './issue.mjs';
import { publishedIn } from './measure.mjs';
import { memoryOver, stopGrams } from './ours.mjs';
import { remarks, table } from './table.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
const OUT = path.join(TARGET, 'bench');
const RESULTS = path.join(ROOT, 'tests/bench/results');
const CLI = path.resolve(ROOT, process.env.BACKFILE_CLI ?? path.join(TARGET, 'release/backfile'));

const text = (value) => ({ type: 'string', default: value });
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    documents: text('2000'),
    from: { type: 'string', multiple: true, default: [] },
    replaced: text('4'),
    seed: text('1'),
    queries: text('240'),
    engines: text(ENGINES.map(({ name }) => name).join(',')),
    cold: text('20'),
    patience: text('120'),
    budget: text('180'),
    memory: text('1000'),
    language: text('zh-CN'),
    save: { type: 'boolean', default: false },
  },
});

const say = (message) => console.error(`bench: ${message}`);

/** One of the Rust programs beside this file; its notes go to the terminal. */
async function tool(name, ...args) {
  const { stdout, stderr } = await promisify(execFile)(path.join(TARGET, 'release/examples', name), args, { maxBuffer: 2 ** 30, encoding: 'buffer' });
  if (stderr.length) process.stderr.write(stderr);
  return stdout;
}

// --- corpus and queries ---------------------------------------------------------------------------

async function corpusFile() {
  if (positionals[0]) return path.resolve(positionals[0]);
  const file = path.join(OUT, `generated-${options.documents}.jsonl`);
  const from = options.from.length ? ['--from', ...options.from] : [];
  say(`generating ${options.documents} documents`);
  await tool('bench_corpus', '--documents', options.documents, '--seed', options.seed, '--replaced', options.replaced, '--out', file, ...from);
  return file;
}

async function* lines(bytes) {
  for await (const line of createInterface({ input: Readable.from([bytes]) })) if (line) yield JSON.parse(line);
}

/** Query → count and ids, in the order in which queries are asked. */
async function truthOf(corpus) {
  const asked = positionals[1] ? ['--queries', path.resolve(positionals[1])] : ['--count', options.queries];
  say('scanning for the truth');
  const truth = new Map();
  for await (const answer of lines(await tool('bench_truth', corpus, '--seed', options.seed, ...asked))) {
    truth.set(answer.q, { ...answer, ids: new Set(answer.ids) });
  }
  return truth;
}

async function manyQueries(corpus) {
  const queries = [];
  const bytes = await tool('bench_truth', corpus, '--no-scan', '--count', options.memory, '--seed', String(Number(options.seed) + 1));
  for await (const query of lines(bytes)) queries.push(query);
  return queries;
}

// --- measuring ------------------------------------------------------------------------------------

async function measure(engine, folder, settings, queries) {
  say(`${engine.title}: building`);
  const result = { ...engine, wanted: Math.min(Number(options.cold), queries.length), built: await build(engine, folder, settings) };
  if (result.built.failed) return { ...result, failed: result.built.failed };
  result.published = publishedIn(result.built.out);
  try {
    await search(result, settings, queries);
  } catch (error) {
    result.failed = error.message.split('\n')[0];
  }
  if (result.failed) say(`${engine.title} failed: ${result.failed}`);
  return result;
}

/** A browser for each part, so that one that breaks takes nothing with it. */
async function search(result, settings, queries) {
  const parts = {
    warm: (bench) => bench.warm(queries),
    fast: (bench) => bench.cold(spread(queries, Number(options.cold)), FAST),
    slow: (bench) => bench.cold(spread(queries, Number(options.cold)), SLOW),
  };
  for (const [name, part] of Object.entries(parts)) {
    say(`${result.title}: ${name}`);
    const bench = await openBench(result, result.built.out, settings);
    try {
      result[name] = await part(bench);
    } finally {
      await bench.close();
    }
  }
}

/** `wanted` items, evenly spread. */
function spread(items, wanted) {
  const step = Math.max(1, Math.floor(items.length / wanted));
  return items.filter((_, index) => index % step === 0).slice(0, wanted);
}

async function onlyOurs(engine, settings, corpus, truth) {
  if (!engine || engine.failed) return {};
  say('Backfile: commonest terms, memory, an issue more');
  const folder = engine.built.out;
  const commonest = [...truth.values()].sort((one, two) => two.count - one.count).slice(0, 5);
  const stops = [...truth.values()].filter(({ kind, count }) => kind === 'stop' && count > 0);
  return {
    stops: await stopGrams(engine, folder, stops.length ? stops : commonest, settings),
    memory: Number(options.memory) ? await memoryOver(engine, folder, await manyQueries(corpus), settings) : undefined,
    native: JSON.parse(await tool('native_search', folder, queryFile(truth))),
    issue: await issueMore(corpus, `${folder}-issue`, settings),
  };
}

function queryFile(truth) {
  const file = path.join(OUT, 'queries.jsonl');
  writeFileSync(file, [...truth.keys()].map((q) => `${JSON.stringify({ q })}\n`).join(''));
  return file;
}

// --- reporting ------------------------------------------------------------------------------------

async function heading(corpus, truth) {
  const { count, bytes } = await weigh(corpus);
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}`;
  return `${path.basename(corpus)}: ${count.toLocaleString('en-US')} documents, ${(bytes / 1e6).toFixed(1)} MB of titles and bodies; ${truth.size} queries. ${machine}, Node ${process.version}.`;
}

/** Documents, and bytes of titles and bodies. */
async function weigh(file) {
  const weight = { count: 0, bytes: 0 };
  for await (const { title, body } of documents(file)) {
    weight.count++;
    weight.bytes += Buffer.byteLength(title) + Buffer.byteLength(body);
  }
  return weight;
}

function keepDetails(stem, details) {
  writeFileSync(path.join(OUT, `${stem}.json`), JSON.stringify({ options, ...details }, undefined, 1));
}

function save(stem, report) {
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(path.join(RESULTS, `${today}-${stem}.md`), `# ${today}: Backfile and peers\n\n${report}\n`);
}

async function main() {
  mkdirSync(OUT, { recursive: true });
  const corpus = await corpusFile();
  if (!existsSync(corpus)) throw new Error(`${corpus} does not exist`);
  const stem = path.basename(corpus).replace(/\.jsonl(\.gz)?$/, '');
  const truth = await truthOf(corpus);
  const settings = { corpus, cli: CLI, language: options.language, patience: Number(options.patience), budget: Number(options.budget) };
  const wanted = options.engines.split(',');
  const folder = path.join(OUT, stem, String(Date.now()));
  const engines = [];
  for (const engine of ENGINES.filter(({ name }) => wanted.includes(name))) {
    engines.push(await measure(engine, folder, settings, [...truth.values()].map(({ q }) => ({ q }))));
    keepDetails(stem, { engines }); // an interrupted run has taken a long time too
  }
  const ours = await onlyOurs(engines.find(({ name }) => name === 'backfile'), settings, corpus, truth);
  const report = [await heading(corpus, truth), table(engines, truth), remarks(engines, ours)].join('\n\n');
  console.log(report);
  keepDetails(stem, { engines, ours });
  if (options.save) save(stem, report);
  removeOthers(folder);
}

/**
 * What earlier runs built. Not before something is built: ext4 looks at every file that was deleted in the last half
 * minute before it makes a new one, which doubles the time of whoever builds after a large deletion.
 */
function removeOthers(folder) {
  const runs = path.dirname(folder);
  const others = readdirSync(runs).filter((name) => name !== path.basename(folder));
  for (const name of others) rmSync(path.join(runs, name), { recursive: true });
}

await main();
