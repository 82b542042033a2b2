// Bundles src/ into dist/, the folder that the builder embeds and publishes with every archive.
//
// Three files keep their names, because people and the builder refer to them: index.html,
// backfile/backfile.js and backfile/backfile.d.ts. All others carry the hash of their content, so
// that hosts may let browsers keep them for ever and a page never mixes two builds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { publicTypes } from './types.mjs';

const WWW = fileURLToPath(new URL('..', import.meta.url));
/** As the page's script refers to it; imported when a reader first shows interest. */
const PUBLIC_MODULE = '../backfile/backfile.js';
const DIST = path.join(WWW, 'dist');

/** Bundles one entry and gives its text; nothing is written yet, since names depend on contents. */
async function bundle(entry, define = {}) {
  const constants = Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)]);
  const { outputFiles } = await build({
    absWorkingDir: WWW,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    external: ['node:*', PUBLIC_MODULE],
    legalComments: 'none',
    define: Object.fromEntries(constants),
    plugins: [shortScript],
  });
  return outputFiles[0].contents;
}

/** wasm-bindgen's script, shortened. */
const shortScript = {
  name: 'short script',
  setup({ onLoad }) {
    onLoad({ filter: /backfile_wasm\.js$/ }, ({ path: file }) => ({ contents: renamed(shortened(readFileSync(file, 'utf8'))) }));
  },
};

/** What cannot run: we call its functions as they want it, and whoever can inflate has `encodeInto`. */
const IDLE = [/if \(!\('encodeInto' in [^]*?\n\}/, /console\.warn\('using deprecated [^\n]*/g];

function shortened(script) {
  return IDLE.reduce((rest, idle) => {
    if (rest.search(idle) < 0) throw new Error(`wasm-bindgen's script has no ${idle} any more: leave it out of build.mjs`);
    return rest.replace(idle, '');
  }, script);
}

/** It calls the engine's imports and exports as Binaryen has renamed them; nothing is renamed where that is missing. */
function renamed(script) {
  const list = path.join(WWW, 'generated/names.json');
  if (!existsSync(list)) return script;
  const names = JSON.parse(readFileSync(list, 'utf8'));
  const imported = new Map(names.imports.map(([, long, short]) => [long, short]));
  const exported = new Map(names.exports);
  return script
    .replace('"./backfile_wasm_bg.js":', 'a:')
    .replace(/(?<=^\s+)\w+(?=: function)/gm, (long) => imported.get(long) ?? long)
    .replace(/(?<=\bwasm\.)\w+/g, (long) => exported.get(long) ?? long);
}

function hashed(folder, stem, extension, contents) {
  return write(`${folder}/${stem}-${hash(contents)}${extension}`, contents);
}

function hash(contents) {
  return createHash('sha256').update(contents).digest('hex').slice(0, 16);
}

function write(name, contents) {
  const file = path.join(DIST, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, contents);
  return name;
}

function integrityOf(contents) {
  return `sha256-${createHash('sha256').update(contents).digest('base64')}`;
}

/** The packed file of every part of the engine there is. */
function engineParts() {
  const generated = path.join(WWW, 'generated');
  const names = readdirSync(generated).filter((name) => /^part\d\.lzma$/.test(name)).sort();
  return names.map((name) => {
    const packed = readFileSync(path.join(generated, name));
    const file = path.basename(hashed('backfile', name.replace('part', 'engine-').replace('.lzma', ''), '.lzma', packed));
    return { file, integrity: integrityOf(packed) };
  });
}

async function buildModule() {
  const define = { SCRIPT_HASH: '', PARTS: engineParts(), UNPACKER: readFileSync(path.join(WWW, 'generated/unpacker.wasm'), 'latin1') };
  const SCRIPT_HASH = hash(await bundle('src/backfile.ts', define));
  write('backfile/backfile.js', await bundle('src/backfile.ts', { ...define, SCRIPT_HASH }));
  write('backfile/backfile.d.ts', publicTypes(WWW));
}

async function buildPage() {
  const script = await bundle('src/page/main.ts', { ARCHIVE_MODULE: PUBLIC_MODULE });
  const names = {
    '%SCRIPT%': hashed('assets', 'page', '.js', script),
    '%STYLE%': hashed('assets', 'page', '.css', await bundle('src/page/style.css')),
  };
  hashed('assets', 'article', '.js', await bundle('src/page/article.ts', { ARCHIVE_MODULE: PUBLIC_MODULE }));
  const html = readFileSync(path.join(WWW, 'index.html'), 'utf8');
  write('index.html', html.replace(/%[A-Z]+%/g, (slot) => names[slot] ?? slot));
}

rmSync(DIST, { recursive: true, force: true });
await buildModule();
await buildPage();
