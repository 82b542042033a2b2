// The size budget: what a reader downloads before the first byte of the archive itself.
//
// Compressed as hosts do it (gzip -9), and without names: they change with every build.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
/** 80,000 until facets and hits came; they are what the rest is for (ARCHITECTURE.md, "Size before speed"). */
const BUDGET = 90_000;

function loaded(folder, pattern) {
  return readdirSync(path.join(DIST, folder))
    .filter((name) => pattern.test(name))
    .map((name) => measure(path.join(folder, name)));
}

function measure(name) {
  const bytes = readFileSync(path.join(DIST, name));
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

function row(name, raw, gzip) {
  return `${name.padEnd(44)}${String(raw).padStart(9)}${String(gzip).padStart(9)}`;
}

const files = [...loaded('backfile', /\.(js|wasm)$/), ...loaded('assets', /\.js$/)];
const total = files.reduce((sum, { gzip }) => sum + gzip, 0);
console.log(row('loaded by a search', 'bytes', 'gzip'));
for (const { name, raw, gzip } of files) console.log(row(name, raw, gzip));
console.log(row(`sum, budget ${BUDGET}`, '', total));
if (total > BUDGET) {
  console.error(`size: ${total - BUDGET} bytes over the budget. Make the engine or the scripts smaller.`);
  process.exitCode = 1;
}
