// What an issue more costs: how much of a site it changes, and how long that takes.
//
// The site has all its pages, as `backfile build` makes them unless told otherwise. The issue is that of the last date.
import { hash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lines } from './documents.mjs';
import { filesBelow, run, sum } from './measure.mjs';

/** Undefined for a corpus without dates, or with only one; only `failed` if it cannot be built. */
export async function issueMore(corpus, folder, { cli, language }) {
  const dates = await datesOf(corpus);
  const known = dates.filter(Boolean);
  const date = known.reduce((last, own) => (own > last ? own : last), '');
  if (known.every((own) => own === date)) return undefined;
  mkdirSync(folder, { recursive: true });
  const [out, before, issue] = ['site', 'before.jsonl', 'issue.jsonl'].map((name) => path.join(folder, name));
  await keep(corpus, before, (number) => dates[number] !== date);
  await keep(corpus, issue, (number) => dates[number] === date);
  const build = (...args) => run(cli, ['build', ...args, '--out', out, '--language', language]);
  const all = await build(before);
  if (all.failed) return { failed: all.failed };
  const was = hashesIn(out);
  const more = await build(issue, '--add');
  if (more.failed) return { failed: more.failed };
  const is = hashesIn(out);
  const changed = [...is].filter(([name, file]) => was.get(name)?.hash !== file.hash).map(([, file]) => file);
  const documents = known.filter((own) => own === date).length;
  return { date, documents, files: changed.length, bytes: bytesOf(changed), of: bytesOf([...is.values()]), seconds: { all: all.seconds, more: more.seconds } };
}

/** The date of each document; undefined for those that have none. */
async function datesOf(corpus) {
  const dates = [];
  for await (const line of lines(corpus)) dates.push(JSON.parse(line).date);
  return dates;
}

function keep(corpus, file, wanted) {
  async function* chosen() {
    let number = 0;
    for await (const line of lines(corpus)) if (wanted(number++)) yield `${line}\n`;
  }
  return pipeline(chosen, createWriteStream(file));
}

function hashesIn(folder) {
  return new Map(filesBelow(folder).map(hashOf));
}

function hashOf(file) {
  const bytes = readFileSync(file);
  return [file, { bytes: bytes.length, hash: hash('sha256', bytes) }];
}

const bytesOf = (files) => sum(files.map(({ bytes }) => bytes));
