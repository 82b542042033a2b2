// node builders/sqlite.mjs CORPUS OUT (archive.db | archive.db.gz)
//
// As sql.js-httpvfs advises for databases that are read over ranges: optimised, then vacuumed.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import sqlite3InitModule from '@sqlite.org/sqlite-wasm';
import { documents } from '../documents.mjs';

const [corpus, out, name] = process.argv.slice(2);
const sqlite3 = await sqlite3InitModule();
const db = new sqlite3.oo1.DB(':memory:');
db.exec("PRAGMA page_size = 4096; CREATE VIRTUAL TABLE docs USING fts5(id UNINDEXED, title, body, tokenize = 'trigram'); BEGIN");
const insert = db.prepare('INSERT INTO docs (id, title, body) VALUES (?, ?, ?)');
for await (const { id, title, body } of documents(corpus)) insert.bind([id, title, body]).stepReset();
insert.finalize();
db.exec("COMMIT; INSERT INTO docs (docs) VALUES ('optimize'); VACUUM");
const bytes = sqlite3.capi.sqlite3_js_db_export(db);
writeFileSync(path.join(out, name), name.endsWith('.gz') ? gzipSync(bytes) : bytes);
