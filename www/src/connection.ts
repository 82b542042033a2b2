/**
 * A way to a running engine: through a worker where there are workers, directly elsewhere.
 *
 * A connection lives as long as its engine. After a trap it is lost for good and the archive
 * opens another.
 */
import { follow, orAborted } from "./abort.js";
import type { ArchiveInfo, EngineCode, Place, SearchOptions, SearchResponse } from "./engine.js";
import { asBackfileError, BackfileError, fromData, isTrap } from "./errors.js";
import { BUILD, WORKER_NAME } from "./protocol.js";
import type { FromWorker, OpenRequest, ToWorker } from "./protocol.js";
import type { Session } from "./session.js";
import type { TransportOptions } from "./transport.js";

export interface Connection {
  readonly info: ArchiveInfo;
  /** The engine has trapped; open another connection. */
  readonly lost: boolean;
  search(query: string, options: SearchOptions, signal: AbortSignal | undefined): Promise<SearchResponse>;
  /** Where the query stands in each of the texts. */
  hits(query: string, texts: readonly string[], prefix: boolean): Promise<Place[][]>;
  close(reason: BackfileError): void;
}

/** Someone waits for an answer. */
interface Waiting {
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

type Answer = FromWorker & { kind: "answer" | "marked" };
/** A question that has not got its number yet. */
type Question = (id: number) => ToWorker;

/** A worker whose script is on its way or in the cache, and the news if it does not arrive. */
export interface StartedWorker {
  readonly worker: Worker;
  readonly failed: Promise<never>;
}

/** Starts the script, which asks for the engine's second part. The first part and the manifest follow as soon as they are there. */
export function startWorker(script: string, transport: TransportOptions): StartedWorker {
  const worker = new Worker(script, { type: "module", name: WORKER_NAME });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(scriptFailed(event, script));
  });
  failed.catch(() => undefined); // whoever connects hears of it; nobody may
  send(worker, { kind: "start", build: BUILD, transport });
  return { worker, failed };
}

/** Hands the worker the engine's first part, which it unpacks while the manifest may still be on its way. */
export function startEngine({ worker }: StartedWorker, code: EngineCode): void {
  send(worker, { kind: "engine", code });
}

/** Opens the archive in the worker. */
export function connectWorker({ worker, failed }: StartedWorker, request: OpenRequest): Promise<Connection> {
  const opened = new Promise<Connection>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "opened") return resolve(new WorkerConnection(worker, data.info));
      reject("error" in data ? fromData(data.error) : new BackfileError("internal", `the worker sent "${data.kind}" before it was open`));
    };
  });
  send(worker, { kind: "open", request });
  return Promise.race([opened, failed]);
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}

function scriptFailed(event: ErrorEvent, script: string): BackfileError {
  const reason = event.message || "its script could not be loaded";
  return new BackfileError(
    "missing",
    `${script}: the search worker does not start (${reason}). Reload the page; if that does not help, upload the archive's files again, and allow worker-src 'self' if the page sets a Content-Security-Policy.`,
    script,
  );
}

class WorkerConnection implements Connection {
  readonly info: ArchiveInfo;
  lost = false;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Why it was closed; a worker that is gone would never answer what comes later. */
  #closed: BackfileError | undefined;

  constructor(worker: Worker, info: ArchiveInfo) {
    this.info = info;
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#receive(event.data);
    worker.onerror = (event) => this.close(asBackfileError(event.message));
  }

  async search(query: string, options: SearchOptions, signal: AbortSignal | undefined): Promise<SearchResponse> {
    const answer = await this.#ask((id) => ({ kind: "search", id, query, options }), signal);
    if (answer.kind === "answer") return answer.response;
    throw mixedUp();
  }

  async hits(query: string, texts: readonly string[], prefix: boolean): Promise<Place[][]> {
    const answer = await this.#ask((id) => ({ kind: "hits", id, query, texts, prefix }));
    if (answer.kind === "marked") return answer.places;
    throw mixedUp();
  }

  #ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    return new Promise<Answer>((resolve, reject) => {
      const cancel = (): void => this.#cancel(id, signal);
      const settle = (): void => signal?.removeEventListener("abort", cancel);
      signal?.addEventListener("abort", cancel);
      this.#waiting.set(id, {
        resolve: (answer) => (settle(), resolve(answer)),
        reject: (reason) => (settle(), reject(reason)),
      });
      send(this.#worker, question(id));
    });
  }

  close(reason: BackfileError): void {
    this.lost = true;
    this.#closed = reason;
    this.#worker.terminate();
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "answer":
      case "marked":
        return this.#take(message.id)?.resolve(message);
      case "no-answer":
        return this.#take(message.id)?.reject(fromData(message.error));
      case "trapped":
        return this.close(fromData(message.error));
    }
  }

  #cancel(id: number, signal: AbortSignal | undefined): void {
    this.#take(id)?.reject(signal?.reason);
    send(this.#worker, { kind: "cancel", id });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function mixedUp(): BackfileError {
  return new BackfileError("internal", "the worker answered another question");
}

/** The engine in this very thread: Node, and pages that may not start the worker. */
export class LocalConnection implements Connection {
  lost = false;
  readonly #session: Session;
  readonly #onTrap: () => void;
  readonly #closed = new AbortController();

  constructor(session: Session, onTrap: () => void) {
    this.#session = session;
    this.#onTrap = onTrap;
  }

  get info(): ArchiveInfo {
    return this.#session.info;
  }

  async search(query: string, options: SearchOptions, signal: AbortSignal | undefined): Promise<SearchResponse> {
    const stop = new AbortController();
    const unlink = [signal, this.#closed.signal].map((source) => follow(source, stop));
    try {
      return await orAborted(this.#session.search(query, options, stop.signal), stop.signal);
    } catch (thrown) {
      if (stop.signal.aborted) throw stop.signal.reason;
      if (isTrap(thrown)) this.#giveUp();
      throw asBackfileError(thrown);
    } finally {
      for (const forget of unlink) forget();
    }
  }

  async hits(query: string, texts: readonly string[], prefix: boolean): Promise<Place[][]> {
    this.#closed.signal.throwIfAborted();
    try {
      return await this.#session.hits(query, texts, prefix);
    } catch (thrown) {
      if (isTrap(thrown)) this.#giveUp();
      throw asBackfileError(thrown);
    }
  }

  close(reason: BackfileError): void {
    this.lost = true;
    this.#closed.abort(reason);
  }

  #giveUp(): void {
    this.lost = true;
    this.#onTrap();
  }
}
