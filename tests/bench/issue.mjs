// What an issue more costs: how much of a site it changes, and how long that takes.
//
// The site has all its pages, as `backfile build` makes them unless told otherwise. The issue is that of the last date.
import { hash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lines } from './documents.mjs';
import { run, sum } from './measure.mjs';

/** Undefined for a corpus without dates, or with only one. */
export async function issueMore(corpus, folder, { cli, language }) {
  mkdirSync(folder, { recursive: true });
  const [out, before, issue] = ['site', 'before.jsonl', 'issue.jsonl'].map((name) => path.join(folder, name));
  const dates = await datesIn(corpus);
  const date = [...dates.keys()].sort().at(-1);
  if (!date || dates.size < 2) return undefined;
  await keep(corpus, before, (own) => own !== date);
  await keep(corpus, issue, (own) => own === date);
  const build = async (...args) => {
    const built = await run(cli, ['build', ...args, '--out', out, '--language', language]);
    if (built.failed) throw new Error(`an issue more: ${built.failed}`);
    return built.seconds;
  };
  const seconds = { all: await build(before) };
  const was = filesIn(out);
  seconds.more = await build(issue, '--add');
  const is = filesIn(out);
  const changed = [...is].filter(([name, file]) => was.get(name)?.hash !== file.hash).map(([, file]) => file);
  return { date, documents: dates.get(date), files: changed.length, bytes: bytesOf(changed), of: bytesOf([...is.values()]), seconds };
}

/** Date → documents; without those that have none. */
async function datesIn(corpus) {
  const dates = new Map();
  for await (const line of lines(corpus)) {
    const date = dateOf(line);
    if (date) dates.set(date, (dates.get(date) ?? 0) + 1);
  }
  return dates;
}

function keep(corpus, file, wanted) {
  async function* chosen() {
    for await (const line of lines(corpus)) if (wanted(dateOf(line))) yield `${line}\n`;
  }
  return pipeline(chosen, createWriteStream(file));
}

const dateOf = (line) => JSON.parse(line).date;

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(entries.map((entry) => fileAt(path.join(entry.parentPath ?? entry.path, entry.name))));
}

function fileAt(name) {
  const bytes = readFileSync(name);
  return [name, { bytes: bytes.length, hash: hash('sha256', bytes) }];
}

const bytesOf = (files) => sum(files.map(({ bytes }) => bytes));
