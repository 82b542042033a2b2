/**
 * What a manifest says before the engine can read it: the first query needs the directory of a
 * segment, if that is small, and where it lies stands in the first bytes (FORMAT.md, "Sections").
 *
 * They have not been checked, and need not be: they only have something fetched that nobody may ask
 * for, and what comes is checked like everything else.
 */
import type { Read } from "./engine.js";

/** More is not said by any manifest that is sound. */
const MOST = 24_576;

export function earlyRead(manifest: Uint8Array): Read | undefined {
  if (manifest.length < 24) return undefined;
  const header = new DataView(manifest.buffer, manifest.byteOffset);
  const bytes = header.getUint32(12, true);
  const tag = header.getBigUint64(16, true).toString(16).padStart(16, "0");
  return bytes > 0 && bytes <= MOST ? { file: `${tag}/n0000.bf`, start: 0, bytes } : undefined;
}
