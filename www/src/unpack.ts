/**
 * Unpacks the engine: a `.lzma` file with lc 3, lp 0 and pb 0, of known size.
 *
 * Browsers inflate what is in gzip's format and nothing better that all of them have. This format
 * takes a seventh less of the engine, more than the lines below, and on hosts that do not compress
 * `.wasm` it is less than half. They follow the specification in the LZMA SDK by Igor Pavlov, which
 * is in the public domain. The file is ours and the browser has held it against its hash, so nothing
 * is checked here.
 *
 * It runs twice in a new worker, much of it before it is compiled well. So nothing is allocated for a
 * symbol, and the bits of a tree are read in one loop over copies of the coder's state.
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

/**
 * The file may come in pieces: what has come is unpacked as far as it is asked for, and goes on from
 * there when there is more.
 */
export class Unpacker {
  readonly #bits: Bits;
  readonly #out: Uint8Array<ArrayBuffer>;
  /** The distances of the last four copies, less 1. */
  readonly #distances = [0, 0, 0, 0];
  #state = 0;
  #at = 0;

  constructor(packed: Uint8Array) {
    const header = new DataView(packed.buffer, packed.byteOffset);
    this.#out = new Uint8Array(header.getUint32(5, true));
    this.#bits = new Bits(packed, header.getUint32(14));
  }

  /** What follows the piece before. */
  add(packed: Uint8Array): void {
    this.#bits.add(packed);
  }

  /** All that is unpacked, once it has at least so many bytes; what has come has to be enough for them. */
  until(end: number): Uint8Array<ArrayBuffer> {
    const bits = this.#bits;
    const out = this.#out;
    const distances = this.#distances;
    let state = this.#state;
    let at = this.#at;
    end = Math.min(end, out.length);
    while (at < end) {
      if (!bits.bit(MATCH + state)) {
        out[at] = bits.literal(at && out[at - 1]!, state < 7 ? undefined : out[at - distances[0]! - 1]!);
        at++;
        state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
        continue;
      }
      let count = 1;
      let which = 3;
      let near;
      if (!bits.bit(AGAIN + state)) {
        count = bits.length(LENGTHS);
        near = bits.distance(count);
        state = state < 7 ? 7 : 10;
      } else {
        which = !bits.bit(AGAIN_0 + state) ? 0 : !bits.bit(AGAIN_1 + state) ? 1 : 2 + bits.bit(AGAIN_2 + state);
        const short = which === 0 && !bits.bit(AGAIN_0_LONG + state);
        if (!short) count = bits.length(LENGTHS_AGAIN);
        near = distances[which]!;
        state = state < 7 ? (short ? 9 : 8) : 11;
      }
      for (; which; which--) distances[which] = distances[which - 1]!;
      distances[0] = near;
      for (const copied = at + count; at < copied; at++) out[at] = out[at - near - 1]!;
    }
    this.#state = state;
    this.#at = at;
    return out;
  }
}

/** The range coder and what is built of its bits. */
class Bits {
  #bytes: Uint8Array;
  readonly #chances = new Uint16Array(CHANCES).fill(1024);
  #next = 18;
  #code: number;
  #range = 2 ** 32 - 1;

  constructor(bytes: Uint8Array, code: number) {
    this.#bytes = bytes;
    this.#code = code;
  }

  add(bytes: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#next);
    this.#bytes = new Uint8Array(rest.length + bytes.length);
    this.#bytes.set(rest);
    this.#bytes.set(bytes, rest.length);
    this.#next = 0;
  }

  /**
   * Bits with chances for each beginning, the high ones first. As long as they are those of
   * `expected`, 8 bits, the chances are others: `mask` is 256 until they differ, then 0.
   */
  #tree(place: number, limit: number, mask = 0, expected = 0): number {
    const chances = this.#chances;
    let r = this.#range;
    let c = this.#code;
    let number = 1;
    while (number < limit) {
      expected *= 2;
      const here = place + number + mask + (expected & mask);
      const chance = chances[here]!;
      const bound = (r >>> 11) * chance;
      number *= 2;
      if (c < bound) {
        r = bound;
        chances[here] = chance + ((2048 - chance) >> 5);
        mask &= ~expected;
      } else {
        r -= bound;
        c -= bound;
        chances[here] = chance - (chance >> 5);
        mask &= expected;
        number++;
      }
      if (r < 2 ** 24) {
        r *= 256;
        c = c * 256 + this.#bytes[this.#next++]!;
      }
    }
    this.#range = r;
    this.#code = c;
    return number - limit;
  }

  bit(place: number): number {
    return this.#tree(place - 1, 2);
  }

  /** The same, the low ones first. */
  #reversed(place: number, count: number): number {
    let number = 0;
    let beginning = 1;
    for (let i = 0; i < count; i++) {
      const last = this.bit(place + beginning);
      beginning = beginning * 2 + last;
      number += last << i;
    }
    return number;
  }

  /** Bits without chances. */
  #even(count: number): number {
    let number = 0;
    while (count--) {
      this.#range >>>= 1;
      number *= 2;
      if (this.#code >= this.#range) {
        this.#code -= this.#range;
        number++;
      }
      if (this.#range < 2 ** 24) {
        this.#range *= 256;
        this.#code = this.#code * 256 + this.#bytes[this.#next++]!;
      }
    }
    return number;
  }

  literal(before: number, copied: number | undefined): number {
    const place = LITERALS + LITERAL_CHANCES * (before >> 5);
    return this.#tree(place, 256, copied === undefined ? 0 : 256, copied);
  }

  length(place: number): number {
    if (!this.bit(place)) return 2 + this.#tree(place + 2, 8);
    if (!this.bit(place + 1)) return 10 + this.#tree(place + 10, 8);
    return 18 + this.#tree(place + 18, 256);
  }

  distance(length: number): number {
    const slot = this.#tree(SLOTS + 64 * Math.min(length - 2, 3), 64);
    if (slot < 4) return slot;
    const count = (slot >> 1) - 1;
    const base = (2 + (slot & 1)) << count;
    if (slot < 14) return base + this.#reversed(DISTANCES + base - slot, count);
    return base + this.#even(count - 4) * 16 + this.#reversed(ALIGNED, 4);
  }
}
