// The store's thread: a sync to disk takes milliseconds, and the gateway's own thread has sockets to serve meanwhile.
// One message is one transaction; messages are answered in order, so a read sees every commit answered before it.
// It holds the signing key, the file and the lock; it knows nothing of what events mean.

import { parentPort, workerData } from 'node:worker_threads';
import { HoldpointError } from '../../platform/fault.ts';
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

/** Binds the file to this stream and key at its birth, and refuses any other afterwards. */
function bindIdentity(store: OpenedStore): void {
  const key = verifierKeyOf(originOf(options.stream), rawPublicKey(options.privateKey));
  const read = store.db.prepare('SELECT value FROM meta WHERE key = ?').pluck();
  const write = store.db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  if (store.fresh) {
    store.db
      .transaction(() => {
        write.run('stream', options.stream);
        write.run('verifierKey', key);
      })
      .immediate();
  }
  if (read.get('stream') === options.stream && read.get('verifierKey') === key) return;
  throw new HoldpointError('store-other-key', {
    what: `The journal ${options.file} belongs to another instance.`,
    why: 'Its stream or its signing key is not the one of this home: one of the two was replaced.',
    next: 'Restore the key that belongs to this journal, or move the journal away to begin a new one.',
    retry: 'no',
  });
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
  const store = openStoreFile(options.file);
  try {
    if (options.pagesMax !== null) store.db.pragma(`max_page_count = ${options.pagesMax}`);
    bindIdentity(store);
    serve(store);
  } catch (error) {
    store.close();
    throw error;
  }
  tell({ kind: 'opened' });
} catch (error) {
  tell({ kind: 'not-opened', fault: partsOf(error) });
}
