// Puts the change log into each project's own file: one follower of the journal for every configured file. At start each
// catches up from the last entry that its file has, because a crash may have come between the journal and the file.
// What is written and how is change-log-follow.ts and change-log-file.ts; the journal stays the record.

import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { blocksOf, seqOfBlock, splitFile } from '../record/change-log-text.ts';
import type { SealedEvent } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { changeLogFileAt } from './change-log-file.ts';
import { changeLogBeginning, changeLogKey, type Following, followChangeLog } from './change-log-follow.ts';
import type { System } from './system.ts';

const retryMs = 5_000;

export interface ChangeLogWriterDeps {
  readonly storage: Storage;
  readonly system: System;
  readonly listeners: Set<(event: SealedEvent) => void>;
  readonly clock: Clock;
  readonly fault: (where: string, error: unknown) => void;
}

export interface ChangeLogWriter {
  /** Stops following and waits for what was taken. */
  close(): Promise<void>;
}

interface Place {
  readonly project: string;
  readonly file: string;
}

/** The file's path without links in its folder; the file itself may not be there yet. */
function realPathOf(place: Place): string {
  const path = join(place.project, place.file);
  return join(realpathSync(dirname(path)), basename(path));
}

/** Seq of the last entry in the file; null: it has none, or cannot be read. */
function lastSeqIn(path: string): number | null {
  try {
    const split = splitFile(readFileSync(path, 'latin1'));
    const seqs = split.kind === 'section' ? blocksOf(split.section).flatMap((block) => seqOfBlock(block) ?? []) : [];
    return seqs.at(-1) ?? null;
  } catch {
    return null;
  }
}

export async function startChangeLogWriter(deps: ChangeLogWriterDeps): Promise<ChangeLogWriter> {
  const { storage, system, listeners, clock, fault } = deps;
  const following = new Map<string, Following>();

  /** Where the file's log begins: at its first configuration, once and for all. */
  async function beginningOf(path: string): Promise<number> {
    const row = await storage.row('system', changeLogKey(path));
    if (row !== null) return Number((JSON.parse(row) as { readonly afterSeq: number }).afterSeq);
    const { seq } = await storage.head();
    await storage.commit({ events: [], rows: [changeLogBeginning(path, seq)] });
    return seq;
  }

  async function follow(place: Place): Promise<void> {
    const path = realPathOf(place);
    if (following.has(path)) return;
    const file = changeLogFileAt(place);
    const follower = followChangeLog({
      events: (query) => storage.events(query),
      write: (entries) => file.append(entries),
      failed: (error) => fault('change log', error),
    });
    following.set(path, follower);
    const afterSeq = await beginningOf(path);
    follower.catchUp(Math.max(afterSeq, lastSeqIn(path) ?? afterSeq));
  }

  async function followAll(): Promise<void> {
    for (const { path: project, changelog: file } of system.state.policy?.projects ?? []) {
      if (file === null) continue;
      await follow({ project, file }).catch((error: unknown) => fault('change log', error));
    }
  }

  /** A project's folder may come later than the policy that names it. */
  let triedMs = clock.monotonicMs();
  function retry(): void {
    const wanted = (system.state.policy?.projects ?? []).filter((project) => project.changelog !== null).length;
    if (following.size >= wanted || clock.monotonicMs() - triedMs < retryMs) return;
    triedMs = clock.monotonicMs();
    void followAll();
  }

  const take = (event: SealedEvent) => {
    retry();
    for (const follower of following.values()) follower.take(event);
  };
  listeners.add(take);
  system.onChange(() => void followAll());
  await followAll();
  return {
    async close() {
      listeners.delete(take);
      await Promise.all([...following.values()].map((follower) => follower.settled()));
    },
  };
}
