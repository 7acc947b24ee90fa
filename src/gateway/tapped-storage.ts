// A storage that tells listeners of each event once it is durable: live views, the project's change log, the lab's bell.
// It adds nothing else; a listener that throws would fail the commit, so listeners must not.

import type { SealedEvent } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';

export interface TappedStorage {
  readonly storage: Storage;
  readonly listeners: Set<(event: SealedEvent) => void>;
}

export function tapEvents(inner: Storage): TappedStorage {
  const listeners = new Set<(event: SealedEvent) => void>();
  const storage: Storage = {
    get writable() {
      return inner.writable;
    },
    async commit(change) {
      const sealed = await inner.commit(change);
      for (const event of sealed) for (const listener of listeners) listener(event);
      return sealed;
    },
    row: (table, key) => inner.row(table, key),
    rows: (table) => inner.rows(table),
    newestHold: (key) => inner.newestHold(key),
    holds: (query) => inner.holds(query),
    openHoldCount: () => inner.openHoldCount(),
    body: (id) => inner.body(id),
    events: (query) => inner.events(query),
    head: () => inner.head(),
    close: () => inner.close(),
  };
  return { storage, listeners };
}
