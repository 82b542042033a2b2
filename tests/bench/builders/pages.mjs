// One small page for each document, the input of engines that index sites.
//
//   node builders/pages.mjs CORPUS OUT LANGUAGE
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { documents } from '../documents.mjs';

const [corpus, out, language] = process.argv.slice(2);
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escape = (text) => text.replace(/[&<>]/g, (c) => escapes[c]);

function page({ title, body }) {
  const paragraphs = body.split('\n').filter((line) => line.trim()).map((line) => `<p>${escape(line)}</p>`);
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body><main data-pagefind-body><h1>${escape(title)}</h1>
${paragraphs.join('\n')}</main></body></html>`;
}

mkdirSync(out, { recursive: true });
for await (const document of documents(corpus)) {
  writeFileSync(path.join(out, `${encodeURIComponent(document.id)}.html`), page(document));
}
