// The size budget: what a reader downloads before the first byte of the archive itself.
//
// Scripts compressed as hosts do it (gzip -9), the engine as it lies there: no host makes it smaller.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
/** What is reached and about 300 bytes; more with a standard library that is not compiled for size. */
const BUDGET = process.argv.includes('--ordinary-std') ? 82_500 : 76_400;

function loaded(folder, pattern) {
  return readdirSync(path.join(DIST, folder))
    .filter((name) => pattern.test(name))
    .map((name) => measure(path.join(folder, name)));
}

function measure(name) {
  const bytes = readFileSync(path.join(DIST, name));
  const sent = name.endsWith('.js') ? gzipSync(bytes, { level: 9 }) : bytes;
  return { name, raw: bytes.length, sent: sent.length };
}

function row(name, raw, sent) {
  return `${name.padEnd(44)}${String(raw).padStart(9)}${String(sent).padStart(9)}`;
}

const files = [...loaded('backfile', /\.(js|lzma)$/), ...loaded('assets', /\.js$/)];
const total = files.reduce((sum, { sent }) => sum + sent, 0);
console.log(row('loaded by a search', 'bytes', 'sent'));
for (const { name, raw, sent } of files) console.log(row(name, raw, sent));
console.log(row(`sum, budget ${BUDGET}`, '', total));
if (total > BUDGET) {
  console.error(`size: ${total - BUDGET} bytes over the budget. Make the engine or the scripts smaller.`);
  process.exitCode = 1;
}
