// Documents of a .jsonl or .jsonl.gz file, one after the other.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

export async function* documents(file) {
  for await (const line of lines(file)) {
    const { id, title = '', body = '' } = JSON.parse(line);
    yield { id, title, body };
  }
}

/** Each document as it stands there. */
export async function* lines(file) {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line.trim()) yield line;
}
