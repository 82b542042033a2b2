/**
 * Where the bytes lie that the engine asks for, and how they are asked for.
 *
 * An archive is plain files; that is what every host can serve. Ranges of them, and packs (the
 * same bytes in a few large files), save requests and bytes where a host answers them rightly.
 * Whoever does not is found out by the first answer and not asked like that again: from then on
 * plain files do, whole ones if need be. Nobody has to set anything.
 */
import type { Read } from "./engine.js";
import { orAborted } from "./abort.js";
import { Refused, WHOLE } from "./transport.js";
import type { Range, ReadOptions, Transport } from "./transport.js";

/** Reads this close together are asked for as one: a request costs more than so many bytes. */
const NEAR = 1024;

/** The file that a session starts with. */
export const MANIFEST = "manifest.bf";

/** A read, and where its bytes begin in the file that is asked for. */
interface Place {
  read: Read;
  at: number;
}

/** One request and the reads that it brings. */
export interface Request extends Range {
  file: string;
  places: Place[];
}

/** A read and what came for it. */
export interface Delivery {
  read: Read;
  bytes: Uint8Array;
  /** How it came. */
  request: Request;
}

export class Source {
  readonly #transport: Transport;
  readonly #manifest: Uint8Array;
  #packs = true;
  /** What is on its way before anybody has asked for it. */
  #early: { file: string; end: number; arriving: Promise<Uint8Array> } | undefined;

  /** A small archive lies in its manifest as a whole, which has been fetched already. */
  constructor(transport: Transport, manifest: Uint8Array) {
    this.#transport = transport;
    this.#manifest = manifest;
  }

  /** Asks for what will be needed. If that fails, those who need it find out why. */
  fetchEarly({ file, bytes: end }: Read): void {
    if (!this.#transport.ranges) return;
    const arriving = this.#transport.read(file, {}, { start: 0, end });
    arriving.catch(() => (this.#early = undefined));
    this.#early = { file, end, arriving };
  }

  url(file: string): string {
    return this.#transport.url(file);
  }

  /** The requests that bring these reads, as things stand with this host; `whole` asks for plain files only. */
  plan(reads: readonly Read[], whole = false): Request[] {
    const requests: Request[] = [];
    for (const request of reads.map((read) => this.#requestFor(read, whole)).sort(inOrder)) {
      const last = requests.at(-1);
      if (last?.file !== request.file || request.start > last.end + NEAR) {
        requests.push(request);
      } else {
        last.end = Math.max(last.end, request.end);
        last.places.push(...request.places);
      }
    }
    return requests;
  }

  /** All that a request was to bring, by other requests if the host refuses this one. */
  async fetch(request: Request, options: ReadOptions): Promise<Delivery[]> {
    try {
      const bytes = request.file === MANIFEST ? this.#manifest.subarray(request.start, request.end) : await (this.#takeEarly(request, options) ?? this.#transport.read(request.file, options, request));
      return request.places.map((place) => ({ read: place.read, bytes: cut(bytes, request, place), request }));
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      this.distrust(request, thrown.message);
      const instead = this.plan(request.places.map(({ read }) => read));
      return (await Promise.all(instead.map((other) => this.fetch(other, options)))).flat();
    }
  }

  /** Once: whoever asks again wants it anew. */
  #takeEarly({ file, start, end }: Request, { signal }: ReadOptions): Promise<Uint8Array> | undefined {
    const early = this.#early;
    if (early?.file !== file || early.end < end) return undefined;
    this.#early = undefined;
    return Promise.resolve(orAborted(early.arriving, signal)).then((bytes) => bytes.subarray(start, end));
  }

  /** Not asked like that again. The console's lowest level says so to whoever looks into a host. */
  distrust({ file, total }: Request, why: string): void {
    if (total) this.#packs = false;
    else this.#transport.ranges = false;
    console.debug(`backfile: no more ${total ? "packs" : "ranges"} after ${this.url(file)}: ${why}`);
  }

  #requestFor(read: Read, whole: boolean): Request {
    const { start: at, bytes } = read;
    if (whole || !bytes || !this.#transport.ranges) return { ...WHOLE, file: read.file, places: [{ read, at }] };
    const pack = this.#packs ? read.pack : undefined;
    const { file, start } = pack ?? read;
    return { file, start, end: start + bytes, total: pack?.total, places: [{ read, at: start }] };
  }
}

/** A read of 0 bytes is the whole file. */
function cut(bytes: Uint8Array, { start }: Range, { read, at }: Place): Uint8Array {
  return bytes.subarray(at - start, at - start + (read.bytes || Infinity));
}

function inOrder(one: Request, other: Request): number {
  if (one.file === other.file) return one.start - other.start;
  return one.file < other.file ? -1 : 1;
}
