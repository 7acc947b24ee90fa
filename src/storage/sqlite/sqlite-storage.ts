// The storage port on SQLite: this side frames drafts, gathers what is submitted while a transaction runs, and hands the
// lot to the worker as the next one (group commit). It never touches the file. worker.ts is the other side.
// A dead worker is an unwritable journal: everything pending is refused and nothing is retried behind the caller's back.

import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { HoldpointError } from '../../platform/fault.ts';
import type { SealedEvent } from '../../record/event.ts';
import { frameOf, sealedFrom } from '../../record/seal.ts';
import type { Change, Storage } from '../storage.ts';
import { sealedFromText } from './event-text.ts';
import type {
  ChangeAnswer,
  FaultParts,
  FramedChange,
  FromWorker,
  PackedAnswers,
  Read,
  ReadAnswers,
  ToWorker,
  WorkerOptions,
} from './message.ts';
import { packBatch, unpackAnswers } from './packing.ts';

export interface SqliteStorageOptions {
  readonly file: string;
  /** Name of this journal, `[a-z0-9._-]`, e.g. the instance's name; part of every event and checkpoint. */
  readonly stream: string;
  /** ed25519 private key, or its 32-byte seed. */
  readonly signer: KeyObject | Uint8Array;
  /** Tests only: bound on the file's pages, to meet a full disk. */
  readonly pagesMax?: number;
  /** Tests only: starts the worker, to be able to end it. */
  readonly start?: (url: URL, options: WorkerStart) => Worker;
}

type WorkerStart = ConstructorParameters<typeof Worker>[1];

/** Changes in one transaction at most, so that one burst cannot keep everyone waiting for seconds. */
const batchChangesMax = 2048;
const batchBodyBytesMax = 16 * 1024 * 1024;
const probeEveryMs = 1000;
/** PKCS#8 wrapping of a raw ed25519 seed (RFC 8410 section 7). */
const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Pending {
  readonly change: Change;
  readonly framed: FramedChange;
  readonly resolve: (events: readonly SealedEvent[]) => void;
  readonly reject: (fault: HoldpointError) => void;
}

interface Waiting {
  readonly resolve: (answer: ReadAnswers[keyof ReadAnswers]) => void;
  readonly reject: (fault: HoldpointError) => void;
}

/** Opens the store, creating it where there is none. Rejects with a HoldpointError that names the file. */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  if (!/^[a-z0-9._-]{1,64}$/.test(options.stream)) throw new TypeError('a stream is named by [a-z0-9._-]');
  const privateKey = options.signer instanceof Uint8Array ? keyFromSeed(options.signer) : options.signer;
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('the journal is signed with an ed25519 key');
  const { file, stream, pagesMax } = options;
  const workerData: WorkerOptions = { file, stream, privateKey, pagesMax: pagesMax ?? null };
  const start = options.start ?? ((url: URL, how: WorkerStart) => new Worker(url, how));
  const worker = start(workerFile(), { workerData, execArgv: [], env: {} });
  await opened(worker);
  return storageOver(worker, stream);
}

/** Beside this file: a source beside the sources, worker.js where a program was made into one file (cli/program.ts). */
function workerFile(): URL {
  const { url } = import.meta;
  return new URL(`./worker${url.slice(url.lastIndexOf('.'))}`, url);
}

function keyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new TypeError('an ed25519 seed has 32 bytes');
  return createPrivateKey({ key: Buffer.concat([seedPrefix, seed]), format: 'der', type: 'pkcs8' });
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(gone(cause));
    worker.once('error', fail);
    worker.once('exit', fail);
    worker.once('message', (message: FromWorker) => {
      worker.off('error', fail);
      worker.off('exit', fail);
      if (message.kind === 'opened') return resolve();
      void worker.terminate();
      reject(message.kind === 'not-opened' ? faultFrom(message.fault) : gone(message.kind));
    });
  });
}

/** The port over a worker that has opened the store. */
function storageOver(worker: Worker, stream: string): Storage {
  const tell = (message: ToWorker) => worker.postMessage(message);
  const flag = writableFlag(() => tell({ kind: 'probe' }));
  const reads = readLane(tell);
  const commits = commitLane(tell, stream, flag.set);
  let ended: HoldpointError | null = null;
  let closing: PromiseWithResolvers<void> | null = null;

  const end = (cause: unknown) => {
    if (ended !== null) return;
    ended = closing === null ? gone(cause) : closedFault();
    flag.end();
    commits.end(ended);
    reads.end(ended);
    closing?.resolve();
  };
  worker.on('error', end);
  worker.on('messageerror', end);
  worker.on('exit', (code) => end(`exit ${code}`));
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'committed') commits.settle(message.answers);
    else if (message.kind === 'probed') flag.set(message.writable);
    else if (message.kind === 'read' || message.kind === 'read-failed') reads.settle(message);
  });

  const refusal = () => ended ?? (closing === null ? null : closedFault());
  const ask = async <K extends Read['kind']>(read: Read & { readonly kind: K }): Promise<ReadAnswers[K]> => {
    const refused = refusal();
    if (refused !== null) throw refused;
    return (await reads.ask(read)) as ReadAnswers[K];
  };
  return {
    async commit(change) {
      const refused = refusal();
      if (refused !== null) throw refused;
      return commits.submit(change);
    },
    get writable() {
      return flag.value();
    },
    row: (table, key) => ask({ kind: 'row', table, key }),
    rows: (table) => ask({ kind: 'rows', table }),
    newestHold: (retryKey) => ask({ kind: 'newestHold', retryKey }),
    holds: (query) => ask({ kind: 'holds', query }),
    openHoldCount: () => ask({ kind: 'openHoldCount' }),
    body: (id) => ask({ kind: 'body', id }),
    events: async (query) => (await ask({ kind: 'events', query })).map(sealedFromText),
    head: () => ask({ kind: 'head' }),
    close() {
      if (ended !== null) return Promise.resolve();
      if (closing === null) {
        closing = Promise.withResolvers<void>();
        commits.whenIdle(() => tell({ kind: 'close' }));
      }
      return closing.promise;
    },
  };
}

/** Group commit: one transaction runs; what is submitted meanwhile is the next one. */
function commitLane(tell: (message: ToWorker) => void, stream: string, setWritable: (value: boolean) => void) {
  let queue: Pending[] = [];
  let running: readonly Pending[] = [];
  let scheduled = false;
  let idle: (() => void) | null = null;

  const flush = () => {
    scheduled = false;
    if (running.length > 0) return;
    if (queue.length === 0) {
      idle?.();
      idle = null;
      return;
    }
    const count = batchLength(queue);
    running = queue.slice(0, count);
    queue = queue.slice(count);
    tell({ kind: 'commit', batch: packBatch(running.map(({ framed }) => framed)) });
  };
  // setImmediate, not a microtask: all who were resumed by the last commit have submitted again by then.
  const flushSoon = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  return {
    submit(change: Change): Promise<readonly SealedEvent[]> {
      const framed = framedOf(change, stream);
      return new Promise((resolve, reject) => {
        queue.push({ change, framed, resolve, reject });
        flushSoon();
      });
    },
    settle(packed: PackedAnswers) {
      const done = running;
      const answers = unpackAnswers(
        packed,
        done.map(({ framed }) => framed.events.length),
      );
      running = [];
      // The flag first: whoever is told of a failure must find the journal unwritable.
      setWritable(!answers.some((answer) => answer.kind === 'refused' && answer.unwritable));
      for (const [index, pending] of done.entries()) {
        const answer = answers[index];
        if (answer?.kind === 'sealed') pending.resolve(sealedOf(pending.change, answer, stream));
        else pending.reject(answer === undefined ? gone('an answer is missing') : faultFrom(answer.fault));
      }
      flushSoon();
    },
    whenIdle(run: () => void) {
      idle = run;
      flushSoon();
    },
    end(fault: HoldpointError) {
      for (const pending of [...running, ...queue]) pending.reject(fault);
      running = [];
      queue = [];
    },
  };
}

/** How many of the waiting changes make the next transaction; one at least. */
function batchLength(queue: readonly Pending[]): number {
  let bytes = 0;
  for (const [index, { framed }] of queue.entries()) {
    for (const body of framed.bodies) bytes += body.bytes?.length ?? 0;
    if (index > 0 && (bytes > batchBodyBytesMax || index >= batchChangesMax)) return index;
  }
  return queue.length;
}

function readLane(tell: (message: ToWorker) => void) {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  return {
    ask(read: Read): Promise<ReadAnswers[keyof ReadAnswers]> {
      return new Promise((resolve, reject) => {
        waiting.set(next, { resolve, reject });
        tell({ kind: 'read', id: next, read });
        next += 1;
      });
    },
    settle(message: FromWorker & { readonly kind: 'read' | 'read-failed' }) {
      const asker = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'read') asker?.resolve(message.answer);
      else asker?.reject(faultFrom(message.fault));
    },
    end(fault: HoldpointError) {
      for (const asker of waiting.values()) asker.reject(fault);
      waiting.clear();
    },
  };
}

/** Whether the last transaction was written. Nobody commits while it is false, so the way back is a probe of our own. */
function writableFlag(probe: () => void) {
  let writable = true;
  let ended = false;
  let timer: NodeJS.Timeout | null = null;
  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    value: () => writable,
    set(value: boolean) {
      if (ended) return;
      writable = value;
      stop();
      if (!value) timer = setTimeout(probe, probeEveryMs).unref();
    },
    end() {
      ended = true;
      writable = false;
      stop();
    },
  };
}

function framedOf(change: Change, stream: string): FramedChange {
  const events = change.events.map((draft) => ({
    ...frameOf(draft, stream),
    kind: draft.kind,
    atMs: draft.atMs,
    actionId: draft.actionId,
    holdId: draft.holdId,
    agent: draft.agent,
  }));
  return { events, rows: change.rows ?? [], bodies: change.bodies ?? [] };
}

function sealedOf(
  change: Change,
  answer: ChangeAnswer & { readonly kind: 'sealed' },
  stream: string,
): readonly SealedEvent[] {
  return change.events.map((draft, index) => {
    const leaf = answer.hashes[index * 2] ?? '';
    const chain = answer.hashes[index * 2 + 1] ?? '';
    return sealedFrom(draft, answer.firstSeq + index, stream, leaf, chain);
  });
}

function faultFrom(parts: FaultParts): HoldpointError {
  return new HoldpointError(parts.code, parts);
}

function gone(cause: unknown): HoldpointError {
  return new HoldpointError('journal-unwritable', {
    what: 'The journal could not be written.',
    why: 'The thread that writes it has ended; without a record nothing but plain reads goes through.',
    next: 'Restart the gateway; what was acknowledged before is in the journal.',
    retry: 'after-fix',
    cause,
  });
}

function closedFault(): HoldpointError {
  return new HoldpointError('journal-unwritable', {
    what: 'The journal is closed.',
    why: 'The gateway is shutting down.',
    next: 'Start the gateway and send the request again.',
    retry: 'later',
  });
}
