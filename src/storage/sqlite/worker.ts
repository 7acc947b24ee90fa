// The store's thread: a sync to disk takes milliseconds, and the gateway's own thread has sockets to serve meanwhile.
// One message is one transaction; messages are answered in order, so a read sees every commit answered before it.
// It holds the signing key, the file and the lock; it knows nothing of what events mean.

import { parentPort, workerData } from 'node:worker_threads';
import { originOf, rawPublicKey, verifierKeyOf } from '../../record/checkpoint.ts';
import type { FaultParts, FromWorker, ToWorker, WorkerOptions } from './message.ts';
import { asStoreFault, type OpenedStore, openStoreFile } from './opening.ts';
import { readingOf } from './reading.ts';
import { writingOf } from './writing.ts';

/** Longest time that a durable event waits for a signed checkpoint. */
const checkpointDelayMs = 10_000;

const options = workerData as WorkerOptions;
const port = parentPort;
if (port === null) throw new Error('the store runs in a worker thread');
const tell = (message: FromWorker) => port.postMessage(message);

function partsOf(error: unknown): FaultParts {
  const fault = asStoreFault(error, options.file);
  return { ...fault.reason, retry: fault.retry };
}

function serve(store: OpenedStore): void {
  const reading = readingOf(store.db, options.stream);
  const { db } = store;
  const writing = writingOf({ db, stream: options.stream, privateKey: options.privateKey, wallMs: Date.now });
  let timer: NodeJS.Timeout | null = null;
  const signSoon = () => {
    if (timer !== null || writing.unsigned() === 0) return;
    timer = setTimeout(() => {
      timer = null;
      sign();
    }, checkpointDelayMs);
  };
  // A checkpoint that cannot be written now is due again: what stops it stops the next commit too, and is told there.
  const sign = () => {
    try {
      writing.checkpoint();
    } catch {
      signSoon();
    }
  };
  sign();
  port?.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'commit': {
        tell({ kind: 'committed', answers: writing.commit(message.changes) });
        return signSoon();
      }
      case 'read':
        try {
          return tell({ kind: 'read', id: message.id, answer: reading.answer(message.read) });
        } catch (error) {
          return tell({ kind: 'read-failed', id: message.id, fault: partsOf(error) });
        }
      case 'probe':
        return tell({ kind: 'probed', writable: writing.probe() });
      case 'close': {
        if (timer !== null) clearTimeout(timer);
        sign();
        if (timer !== null) clearTimeout(timer);
        store.close();
        tell({ kind: 'closed' });
        return port.close();
      }
    }
  });
}

try {
  const verifierKey = verifierKeyOf(originOf(options.stream), rawPublicKey(options.privateKey));
  const store = openStoreFile(options.file, { stream: options.stream, verifierKey });
  try {
    if (options.pagesMax !== null) store.db.pragma(`max_page_count = ${options.pagesMax}`);
    serve(store);
  } catch (error) {
    store.close();
    throw error;
  }
  tell({ kind: 'opened' });
} catch (error) {
  tell({ kind: 'not-opened', fault: partsOf(error) });
}
