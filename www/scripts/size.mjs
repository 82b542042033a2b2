// The size budget: what a reader downloads before the first byte of the archive itself.
//
// Scripts compressed as hosts do it (gzip -9), the engine as it lies there: no host makes it smaller.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
/** What is reached and up to 160 bytes; more with a standard library that is not compiled for size. */
const ORDINARY = process.argv.includes('--ordinary-std');
/** For a first search on a site of one's own. */
const FIRST = ORDINARY ? 69_700 : 63_700;
/** For all that there is. */
const ALL = ORDINARY ? 89_600 : 83_250;

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
const first = files.filter(({ name }) => /backfile\.js|engine-[01]/.test(name));

function check(what, some, budget) {
  const total = some.reduce((sum, { sent }) => sum + sent, 0);
  console.log(row(`${what}, budget ${budget}`, '', total));
  if (total <= budget) return;
  console.error(`size: ${total - budget} bytes over the budget. Make the engine or the scripts smaller.`);
  process.exitCode = 1;
}

console.log(row('what readers load', 'bytes', 'sent'));
for (const { name, raw, sent } of files) console.log(row(name, raw, sent));
check('for a first search', first, FIRST);
check('all', files, ALL);
