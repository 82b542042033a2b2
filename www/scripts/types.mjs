// Writes the public declarations as one file, so that a site owner can copy a single backfile.d.ts.
//
// tsc writes one declaration file per module; the public ones are joined here, together with the
// interfaces that the Rust crate declares. `tests/web` compiles a small program against the result.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The modules whose declarations are public, in reading order. */
const PUBLIC_MODULES = ['backfile', 'errors'];

export function publicTypes(www) {
  emitDeclarations(www);
  const modules = PUBLIC_MODULES.map((name) => declarationsOf(www, name));
  return [...modules, engineTypes(www)].join('\n').replaceAll('EngineOptions', 'EngineSearchOptions');
}

function emitDeclarations(www) {
  const tsc = path.join(www, 'node_modules/typescript/bin/tsc');
  const flags = ['--declaration', '--emitDeclarationOnly', '--outDir', 'generated/types'];
  execFileSync(process.execPath, [tsc, '-p', '.', ...flags], { cwd: www, stdio: 'inherit' });
}

/** One module's declarations without its imports and re-exports: all of them end up in one file. */
function declarationsOf(www, name) {
  const text = readFileSync(path.join(www, `generated/types/src/${name}.d.ts`), 'utf8');
  return dropInternal(text.replace(/^(import|export) (type )?\{[^}]*\} from .*;\n/gm, ''));
}

/** Only what a program can meet: what goes over to the worker and helpers stay ours. */
function dropInternal(text) {
  return statements(text).filter((statement) => !/\b(ErrorData|thrown)\b/.test(statement)).join('');
}

/** What the glue declares of an archive's shapes; the engine itself and how it is started are ours alone. */
function engineTypes(www) {
  const text = readFileSync(path.join(www, 'generated/backfile_wasm.d.ts'), 'utf8');
  const shapes = statements(text).filter((statement) => /^export (interface|type) /m.test(statement));
  return shapes
    .filter((shape) => !/\b(InitInput|InitOutput|SyncInitInput|Outcome|Read|EngineError)\b/.test(shape))
    .map((shape) => shape.replace(/^export interface SearchOptions\b/m, 'interface EngineSearchOptions'))
    .join('');
}

/** Top-level statements, each with the comment before it: from column one to the line that closes all brackets. */
function statements(text) {
  const found = [];
  let lines = [];
  let depth = 0;
  for (const line of text.replace(/^\/\* .*\*\/$/gm, '').split('\n')) {
    if (line.startsWith('/**')) lines = []; // what stood before was about the whole module
    if (lines.length > 0 || line !== '') lines.push(line);
    if (/^\s*(\/?\*|\/\/)/.test(line)) continue;
    depth += count(line, /[{(<[]/g) - count(line, /[})\]]|(?<!=)>/g);
    if (depth > 0 || !/[;}]\s*$/.test(line)) continue;
    found.push(`${lines.join('\n')}\n`);
    lines = [];
  }
  return found;
}

function count(line, pattern) {
  return line.match(pattern)?.length ?? 0;
}
