// What the engine's parts go through on their way: taken apart, packed and cut by cargo xtask,
// unpacked and put together by a module of its own.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support.mjs';

function generated(name) {
  const file = path.join(ROOT, 'www/generated', name);
  return existsSync(file) ? readFileSync(file) : undefined;
}

test('each part of the engine is put together as it was, byte for byte', () => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(generated('unpacker.wasm')));
  const { memory, room, part, bytes } = exports;
  let number = 0;
  for (let packed; (packed = generated(`part${number}.lzma`)); number++) {
    new Uint8Array(memory.buffer).set(packed, room(packed.length));
    const whole = Buffer.from(memory.buffer, part(), bytes());
    assert.ok(whole.equals(generated(`part${number}.wasm`)), `part ${number}`);
  }
  assert.equal(number, 3);
});
