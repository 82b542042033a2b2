/** The messages between the page and the worker. */
import type { ArchiveInfo, EngineCode, SearchOptions, SearchResponse } from "./engine.js";
import type { ErrorData } from "./errors.js";
import type { TransportOptions } from "./transport.js";

/** What it takes to open an archive. */
export interface OpenRequest {
  engine: EngineCode;
  manifest: Uint8Array;
  /** The folder of `manifest.bf`, with a slash at its end. */
  base: string;
  transport: TransportOptions;
}

export type ToWorker =
  | { kind: "open"; request: OpenRequest }
  | { kind: "search"; id: number; query: string; options: SearchOptions }
  | { kind: "cancel"; id: number };

export type FromWorker =
  | { kind: "opened"; info: ArchiveInfo }
  | { kind: "not-opened"; error: ErrorData }
  | { kind: "answer"; id: number; response: SearchResponse }
  | { kind: "no-answer"; id: number; error: ErrorData }
  /** The engine trapped: nothing that this worker says from now on can be trusted. */
  | { kind: "trapped"; error: ErrorData };
