// The Storage port in memory, for tests: sealed and chained like the real stores, atomic, durable only when commit says
// so, and able to fail on demand. It passes storage/contract.ts; nothing outside tests uses it.

import { HoldpointError } from '../platform/fault.ts';
import type { SealedEvent } from '../record/event.ts';
import { frameOf, genesis, seal } from '../record/seal.ts';
import type { Change, EventQuery, RowWrite, Storage } from '../storage/storage.ts';

interface StoredRow {
  readonly value: string;
  readonly index: RowWrite['index'];
  /** Order of first insertion: of equal times the later one is newer. */
  readonly made: number;
}

/** What outlives a process. */
export interface MemoryDisk {
  readonly stream: string;
  readonly events: SealedEvent[];
  readonly rows: Map<string, StoredRow>;
  readonly bodies: Map<string, Uint8Array>;
}

/** What the disk does with the next commit. `lost`: it was written, but the answer never came. */
export type Fate = 'written' | 'refused' | 'lost';

export interface MemoryStorage extends Storage {
  readonly disk: MemoryDisk;
  /** From now on nothing of this process reaches the disk: kill -9. */
  kill(): void;
}

export function memoryDisk(stream = 'memory'): MemoryDisk {
  return { stream, events: [], rows: new Map(), bodies: new Map() };
}

function unwritable(why: string): HoldpointError {
  return new HoldpointError('journal-unwritable', {
    what: 'The journal was not written.',
    why,
    next: 'Free the disk or open the store again.',
    retry: 'later',
  });
}

function matches(event: SealedEvent, query: EventQuery): boolean {
  return (
    event.seq > (query.afterSeq ?? 0) &&
    event.seq < (query.beforeSeq ?? Number.POSITIVE_INFINITY) &&
    event.atMs >= (query.sinceMs ?? Number.NEGATIVE_INFINITY) &&
    (query.holdId === undefined || event.holdId === query.holdId) &&
    (query.actionId === undefined || event.actionId === query.actionId) &&
    (query.agent === undefined || event.agent === query.agent) &&
    (query.kinds === undefined || query.kinds.includes(event.kind))
  );
}

function writeRow(rows: Map<string, StoredRow>, { table, key, value, index }: RowWrite): void {
  const at = `${table}/${key}`;
  const before = rows.get(at);
  if (value === null) rows.delete(at);
  else rows.set(at, { value, index: index ?? before?.index, made: before?.made ?? rows.size });
}

/** All or nothing: whatever throws here has changed nothing. */
function write(disk: MemoryDisk, change: Change): readonly SealedEvent[] {
  const drafts = change.events;
  for (const draft of drafts) frameOf(draft, disk.stream);
  for (const row of change.rows ?? []) {
    const known = row.index ?? disk.rows.get(`${row.table}/${row.key}`)?.index;
    if (row.table === 'hold' && row.value !== null && known === undefined)
      throw new HoldpointError('journal-change-refused', {
        what: 'A hold was not written.',
        why: 'It has no marks to be found by.',
        next: 'This is a bug in what wrote it.',
      });
  }
  const sealed: SealedEvent[] = [];
  let previous = disk.events.at(-1)?.chain ?? genesis;
  for (const draft of drafts) {
    // Through JSON, like a real store: what comes back is a copy.
    const copy = JSON.parse(JSON.stringify(draft)) as typeof draft;
    const event = seal(previous, copy, disk.events.length + sealed.length + 1, disk.stream);
    sealed.push(event);
    previous = event.chain;
  }
  disk.events.push(...sealed);
  for (const row of change.rows ?? []) writeRow(disk.rows, row);
  for (const { id, bytes } of change.bodies ?? []) {
    if (bytes === null) disk.bodies.delete(id);
    else disk.bodies.set(id, Uint8Array.from(bytes));
  }
  return sealed;
}

/** `fate` is asked once per commit, before it is tried. */
export function memoryStorage(disk: MemoryDisk = memoryDisk(), fate: () => Fate = () => 'written'): MemoryStorage {
  let state: 'open' | 'closed' | 'killed' = 'open';
  let writable = true;

  const isKilled = () => state === 'killed';
  const never = new Promise<never>(() => undefined);
  /** A killed process gets no answer any more; nothing of it goes on. */
  async function alive(): Promise<void> {
    await Promise.resolve();
    if (isKilled()) await never;
    if (state === 'closed') throw unwritable('The store is closed.');
  }

  function holdRows(): readonly (StoredRow & { readonly key: string })[] {
    const rows = [...disk.rows]
      .filter(([at]) => at.startsWith('hold/'))
      .map(([at, row]) => ({ ...row, key: at.slice('hold/'.length) }));
    return rows.sort((a, b) => (b.index?.atMs ?? 0) - (a.index?.atMs ?? 0) || b.made - a.made);
  }

  return {
    disk,
    kill() {
      state = 'killed';
    },
    get writable() {
      return writable;
    },
    async commit(change) {
      if (state === 'closed') throw unwritable('The store is closed.');
      const drawn = fate();
      if (isKilled()) return never;
      if (drawn === 'refused') {
        writable = false;
        throw unwritable('The disk is full.');
      }
      const sealed = write(disk, change);
      if (drawn === 'lost') {
        state = 'killed';
        return never;
      }
      await Promise.resolve();
      if (isKilled()) return never;
      writable = true;
      return sealed;
    },
    async row(table, key) {
      await alive();
      return disk.rows.get(`${table}/${key}`)?.value ?? null;
    },
    async rows(table) {
      await alive();
      const found = [...disk.rows].filter(([at]) => at.startsWith(`${table}/`));
      found.sort(([a], [b]) => (a < b ? -1 : 1));
      return found.map(([at, row]) => ({ key: at.slice(table.length + 1), value: row.value }));
    },
    async newestHold(retryKey) {
      await alive();
      return holdRows().find((row) => row.index?.retryKey === retryKey)?.value ?? null;
    },
    async openHoldCount() {
      await alive();
      return holdRows().filter(({ index }) => index?.open === true).length;
    },
    async holds({ open, states, limit, beforeMs, keyPrefix = '' }) {
      await alive();
      const wanted = holdRows().filter(
        ({ key, index }) =>
          index !== undefined &&
          key.startsWith(keyPrefix) &&
          (open === undefined || index.open === open) &&
          (states === undefined || states.includes(index.state)) &&
          (beforeMs === undefined || index.atMs < beforeMs),
      );
      return wanted.slice(0, Math.max(0, limit)).map((row) => row.value);
    },
    async body(id) {
      await alive();
      const bytes = disk.bodies.get(id);
      return bytes === undefined ? null : Uint8Array.from(bytes);
    },
    async events(query) {
      await alive();
      const found = disk.events.filter((event) => matches(event, query));
      const limit = Math.max(0, query.limit);
      return query.from === 'newest' ? found.slice(Math.max(0, found.length - limit)) : found.slice(0, limit);
    },
    async head() {
      await alive();
      const last = disk.events.at(-1);
      return { stream: disk.stream, seq: last?.seq ?? 0, chain: last?.chain ?? genesis };
    },
    async close() {
      state = 'closed';
    },
  };
}
