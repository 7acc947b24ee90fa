// Keeps a project's change log up with the journal: each sealed event is taken in turn, and what makes an entry is
// written. After a start it catches up from the journal, so that a crash between commit and write leaves no hole.
// It never holds up the pipeline: an entry that could not be written waits, bounded, and is written with the next one.

import { type ChangeLog, changeLogOf, type LogEntry } from '../record/change-log.ts';
import type { SealedEvent } from '../record/event.ts';
import type { EventQuery, RowWrite } from '../storage/storage.ts';

export interface FollowOptions {
  /** Reads the journal (Storage.events). */
  readonly events: (query: EventQuery) => Promise<readonly SealedEvent[]>;
  /** ChangeLogFile.append of each project. */
  readonly write: (entries: readonly LogEntry[]) => Promise<void>;
  /** Told of each failure to write or read; the journal has the events all the same. */
  readonly failed: (error: unknown) => void;
}

export interface Following {
  /** Takes an event after it was sealed; events in order of seq. */
  take(event: SealedEvent): void;
  /** Writes what the journal has after this seq and the file has not. Call before the first take(). */
  catchUp(afterSeq: number): void;
  /** Resolves when everything taken so far was written or has failed. */
  settled(): Promise<void>;
}

/** Where the store keeps after which event a project's change log begins. `realPath`: the file's path without links. */
export function changeLogKey(realPath: string): string {
  return `changelog:${realPath}`;
}

/** To be written once, when a project's change log is first configured; without it the log begins at event 1. */
export function changeLogBeginning(realPath: string, afterSeq: number): RowWrite {
  return { table: 'system', key: changeLogKey(realPath), value: JSON.stringify({ afterSeq }) };
}

const pageEvents = 1000;
const waitingMax = 10_000;
const batchEntriesMax = 500;

export function followChangeLog(options: FollowOptions): Following {
  const log = changeLogOf();
  let waiting: readonly LogEntry[] = [];
  let last: Promise<void> = Promise.resolve();
  let takenSeq = 0;

  const takeAll = async (events: readonly SealedEvent[]) => {
    for (const event of events) {
      if (event.seq <= takenSeq) continue;
      if (log.lacks(event)) await takeEarlier(log, event, options.events);
      const entry = log.take(event);
      takenSeq = event.seq;
      if (entry !== null) waiting = [...waiting, entry].slice(-waitingMax);
    }
    // The file is replaced as a whole: while more events wait their turn, their entries are written together.
    if (waiting.length === 0 || (queued > 0 && waiting.length < batchEntriesMax)) return;
    await options.write(waiting);
    waiting = [];
  };
  let queued = 0;
  const inTurn = (run: () => Promise<void>) => {
    queued += 1;
    last = last
      .then(() => {
        queued -= 1;
        return run();
      })
      .catch(options.failed);
  };
  return {
    take: (event) => inTurn(() => takeAll([event])),
    catchUp: (afterSeq) =>
      inTurn(async () => {
        takenSeq = Math.max(takenSeq, afterSeq);
        for (;;) {
          const page = await options.events({ afterSeq: takenSeq, limit: pageEvents });
          await takeAll(page);
          if (page.length < pageEvents) return;
        }
      }),
    settled: () => last,
  };
}

/** The earlier events of a story that began before this log did. Their entries were written then. */
async function takeEarlier(log: ChangeLog, event: SealedEvent, events: FollowOptions['events']): Promise<void> {
  const before = { beforeSeq: event.seq, from: 'newest' as const, limit: 200 };
  const ofHold = event.holdId === null ? [] : await events({ ...before, holdId: event.holdId });
  const actionId = event.actionId ?? ofHold[0]?.actionId ?? null;
  const ofAction = actionId === null ? [] : await events({ ...before, actionId });
  const all = new Map([...ofAction, ...ofHold].map((earlier) => [earlier.seq, earlier]));
  for (const earlier of [...all.values()].sort((a, b) => a.seq - b.seq)) log.take(earlier);
}
