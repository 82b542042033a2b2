/** The messages between the page and the worker. */
import type { ArchiveInfo, EngineCode, Place, SearchOptions, SearchResponse } from "./engine.js";
import type { ErrorData } from "./errors.js";
import type { TransportOptions } from "./transport.js";

/** A hash of the script, put in by the build. */
declare const SCRIPT_HASH: string;

/** Page and worker load the same address one after the other, and have to get the same script. */
export const BUILD = SCRIPT_HASH;

/** Tells our worker from one of the site's that imports the module. */
export const WORKER_NAME = "backfile-engine";

/** What it takes to open an archive, once there is an engine. */
export interface OpenRequest {
  manifest: Uint8Array;
  /** The folder of `manifest.bf`, with a slash at its end. */
  base: string;
  transport: TransportOptions;
}

export type ToWorker =
  | { kind: "start"; build: string; transport: TransportOptions }
  /** The first part of the engine. */
  | { kind: "engine"; code: EngineCode }
  | { kind: "open"; request: OpenRequest }
  | { kind: "search"; id: number; query: string; options: SearchOptions }
  | { kind: "hits"; id: number; query: string; texts: readonly string[]; prefix: boolean }
  | { kind: "cancel"; id: number };

export type FromWorker =
  | { kind: "opened"; info: ArchiveInfo }
  | { kind: "not-opened"; error: ErrorData }
  | { kind: "answer"; id: number; response: SearchResponse }
  | { kind: "marked"; id: number; places: Place[][] }
  | { kind: "no-answer"; id: number; error: ErrorData }
  /** The engine trapped: nothing that this worker says from now on can be trusted. */
  | { kind: "trapped"; error: ErrorData };
