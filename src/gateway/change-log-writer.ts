// Keeps the change log in each project's own file: follows the journal, turns events into entries, appends them in
// batches. At start it catches up, because a crash may have come between the journal and the file.
// The journal is the record; a file that cannot be written is reported and tried again with the next entries.

import type { Clock } from '../platform/clock.ts';
import { changeLogOf, type LogEntry } from '../record/change-log.ts';
import type { SealedEvent } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { type ChangeLogFile, changeLogFileAt } from './change-log-file.ts';
import type { System } from './system.ts';

export interface ChangeLogWriterDeps {
  readonly storage: Storage;
  readonly system: System;
  readonly listeners: Set<(event: SealedEvent) => void>;
  readonly clock: Clock;
  readonly fault: (where: string, error: unknown) => void;
}

export interface ChangeLogWriter {
  /** Appends what is waiting, then stops following. */
  close(): Promise<void>;
}

/** Entries are written together: a file that is replaced as a whole is not replaced for every request. */
const batchMs = 500;
/** How far back a start looks for entries that never reached the file. */
const catchUpEvents = 2_000;
const waitingMax = 10_000;

export async function startChangeLogWriter(deps: ChangeLogWriterDeps): Promise<ChangeLogWriter> {
  const { storage, system, listeners, clock, fault } = deps;
  const log = changeLogOf();
  const files = new Map<string, ChangeLogFile>();
  let waiting: LogEntry[] = [];
  let cancel: (() => void) | null = null;
  let tail: Promise<void> = Promise.resolve();

  async function earlier(event: SealedEvent): Promise<readonly SealedEvent[]> {
    const before = { beforeSeq: event.seq, from: 'newest' as const, limit: 200 };
    const ofHold = event.holdId === null ? [] : await storage.events({ ...before, holdId: event.holdId });
    const actionId = ofHold[0]?.actionId ?? event.actionId;
    const ofAction = actionId === null ? [] : await storage.events({ ...before, actionId });
    const bySeq = new Map([...ofAction, ...ofHold].map((each) => [each.seq, each]));
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  async function take(event: SealedEvent): Promise<void> {
    if (log.lacks(event)) for (const each of await earlier(event)) log.take(each);
    const entry = log.take(event);
    if (entry === null) return;
    if (waiting.length < waitingMax) waiting.push(entry);
    cancel ??= clock.after(batchMs, () => {
      cancel = null;
      queue(flush);
    });
  }

  async function flush(): Promise<void> {
    const entries = waiting;
    waiting = [];
    for (const { path, changelog } of system.state.policy?.projects ?? []) {
      if (changelog === null) continue;
      const key = `${path}\n${changelog}`;
      const file = files.get(key) ?? changeLogFileAt({ project: path, file: changelog });
      files.set(key, file);
      await file.append(entries).catch((error: unknown) => {
        fault('change log', error);
        waiting = [...entries.filter((entry) => !waiting.includes(entry)), ...waiting].slice(-waitingMax);
      });
    }
  }

  function queue(work: () => Promise<void>): void {
    tail = tail.then(work).catch((error: unknown) => fault('change log', error));
  }

  const follow = (event: SealedEvent) => queue(() => take(event));
  listeners.add(follow);
  for (const event of await storage.events({ from: 'newest', limit: catchUpEvents })) queue(() => take(event));
  return {
    async close() {
      listeners.delete(follow);
      cancel?.();
      queue(flush);
      await tail;
    },
  };
}
