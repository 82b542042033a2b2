// node builders/minisearch.mjs CORPUS OUT
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import MiniSearch from 'minisearch';
import { OPTIONS } from '../adapters/minisearch-options.js';
import { documents } from '../documents.mjs';

const [corpus, out] = process.argv.slice(2);
const index = new MiniSearch(OPTIONS);
for await (const document of documents(corpus)) index.add(document);
writeFileSync(path.join(out, 'index.json'), JSON.stringify(index));
