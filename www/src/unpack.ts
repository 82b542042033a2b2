/**
 * Unpacks the engine: a `.lzma` file with lc 3, lp 0 and pb 0, of known size.
 *
 * Browsers inflate what is in gzip's format and nothing better that all of them have. This format
 * takes a seventh less of the engine, more than the lines below, and on hosts that do not compress
 * `.wasm` it is less than half. They follow the specification in the LZMA SDK by Igor Pavlov, which
 * is in the public domain. The file is ours and the browser has held it against its hash, so nothing
 * is checked here.
 */

/** Where the chances of each kind of bits begin. */
const MATCH = 0;
const AGAIN = 12;
const AGAIN_0 = 24;
const AGAIN_1 = 36;
const AGAIN_2 = 48;
const AGAIN_0_LONG = 60;
const SLOTS = 72;
const DISTANCES = 328;
const ALIGNED = 456;
const LENGTHS = 472;
const LENGTHS_AGAIN = 746;
const LITERALS = 1020;
const LITERAL_CHANCES = 0x300;
const CHANCES = LITERALS + 8 * LITERAL_CHANCES;

export function unpack(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new DataView(packed.buffer, packed.byteOffset);
  const out = new Uint8Array(header.getUint32(5, true));
  const bits = new Bits(packed, header.getUint32(14));
  /** The distances of the last four copies, less 1. */
  let distances = [0, 0, 0, 0];
  let state = 0;
  for (let at = 0; at < out.length; ) {
    const near = distances[0]!;
    if (!bits.bit(MATCH + state)) {
      out[at] = bits.literal(out[at - 1] ?? 0, state < 7 ? undefined : out[at - near - 1]!);
      at++;
      state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      continue;
    }
    let length = 1;
    if (!bits.bit(AGAIN + state)) {
      length = bits.length(LENGTHS);
      distances = [bits.distance(length), ...distances];
      state = state < 7 ? 7 : 10;
    } else {
      const which = !bits.bit(AGAIN_0 + state) ? 0 : !bits.bit(AGAIN_1 + state) ? 1 : 2 + bits.bit(AGAIN_2 + state);
      const short = which === 0 && !bits.bit(AGAIN_0_LONG + state);
      if (!short) length = bits.length(LENGTHS_AGAIN);
      distances.unshift(...distances.splice(which, 1));
      state = state < 7 ? (short ? 9 : 8) : 11;
    }
    distances.length = 4;
    for (const end = at + length; at < end; at++) out[at] = out[at - distances[0]! - 1]!;
  }
  return out;
}

/** The range coder and what is built of its bits. */
class Bits {
  readonly #bytes: Uint8Array;
  readonly #chances = new Uint16Array(CHANCES).fill(1024);
  #at = 18;
  #code: number;
  #range = 2 ** 32 - 1;

  constructor(bytes: Uint8Array, code: number) {
    this.#bytes = bytes;
    this.#code = code;
  }

  bit(place: number): number {
    const chance = this.#chances[place]!;
    const bound = (this.#range >>> 11) * chance;
    const bit = this.#code < bound ? 0 : 1;
    this.#chances[place] = chance + (bit ? -(chance >> 5) : (2048 - chance) >> 5);
    this.#range = bit ? this.#range - bound : bound;
    return this.#take(bit, bound);
  }

  #take(bit: number, bound: number): number {
    if (bit) this.#code -= bound;
    if (this.#range < 2 ** 24) {
      this.#range *= 256;
      this.#code = this.#code * 256 + (this.#bytes[this.#at++] ?? 0);
    }
    return bit;
  }

  /** Bits with chances for each beginning, the high ones first. */
  #tree(place: number, count: number): number {
    let number = 1;
    for (let i = 0; i < count; i++) number = number * 2 + this.bit(place + number);
    return number - (1 << count);
  }

  /** The same, the low ones first. */
  #reversed(place: number, count: number): number {
    let [number, beginning] = [0, 1];
    for (let i = 0; i < count; i++) {
      const bit = this.bit(place + beginning);
      beginning = beginning * 2 + bit;
      number += bit << i;
    }
    return number;
  }

  /** Bits without chances. */
  #even(count: number): number {
    let number = 0;
    for (let i = 0; i < count; i++) {
      this.#range >>>= 1;
      number = number * 2 + this.#take(this.#code < this.#range ? 0 : 1, this.#range);
    }
    return number;
  }

  literal(before: number, copied: number | undefined): number {
    const place = LITERALS + LITERAL_CHANCES * (before >> 5);
    let symbol = 1;
    for (let mask = 128; copied !== undefined && symbol < 256; mask >>= 1) {
      const expected = copied & mask ? 1 : 0;
      const bit = this.bit(place + ((1 + expected) << 8) + symbol);
      symbol = symbol * 2 + bit;
      if (bit !== expected) copied = undefined;
    }
    while (symbol < 256) symbol = symbol * 2 + this.bit(place + symbol);
    return symbol & 255;
  }

  length(place: number): number {
    if (!this.bit(place)) return 2 + this.#tree(place + 2, 3);
    if (!this.bit(place + 1)) return 10 + this.#tree(place + 10, 3);
    return 18 + this.#tree(place + 18, 8);
  }

  distance(length: number): number {
    const slot = this.#tree(SLOTS + 64 * Math.min(length - 2, 3), 6);
    if (slot < 4) return slot;
    const count = (slot >> 1) - 1;
    const base = (2 + (slot & 1)) << count;
    if (slot < 14) return base + this.#reversed(DISTANCES + base - slot, count);
    return base + this.#even(count - 4) * 16 + this.#reversed(ALIGNED, 4);
  }
}
