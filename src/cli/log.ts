// `holdpoint log`: what happened, for people: one entry for each change, refusal, hold and act on the system itself, and
// one line for each session's reads. `journal` shows the events behind it.

import type { Command } from 'commander';
import { changeLogOf, type LogEntry, type SessionReads } from '../record/change-log.ts';
import { entryMarkdown, entryText, readsText } from '../record/change-log-text.ts';
import type { SealedEvent } from '../record/event.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';
import { momentOf } from './moment.ts';
import { notYours, type StoreOptions, storeCommand, withStore } from './store-command.ts';
import { exitCodes, type Verb } from './verb.ts';

interface LogOptions extends StoreOptions {
  readonly since?: string;
  readonly until?: string;
  readonly agent?: string;
  readonly md?: boolean;
}

export const verb: Verb = {
  build: (io, done): Command =>
    storeCommand({
      name: 'log',
      summary: 'what happened, in words',
      example: 'holdpoint log --since yesterday --md',
      exits: notYours,
    })
      .option('--since <when>', 'yesterday, today, 2h, 3d, or an ISO time')
      .option('--until <when>', 'the same')
      .option('--agent <name>', 'one agent only')
      .option('--md', 'as Markdown')
      .action((options: LogOptions) =>
        withStore(io, done, options, (reader) => {
          const nowMs = Date.now();
          const sinceMs = options.since === undefined ? null : momentOf(options.since, nowMs);
          const untilMs = options.until === undefined ? null : momentOf(options.until, nowMs);
          const window = { sinceMs, untilMs, agent: options.agent ?? null };
          const told = reader.snapshot(() => readLog(reader, window));
          if (options.json === true) io.out(`${JSON.stringify(told)}\n`);
          else io.out(options.md === true ? markdown(told) : plain(told));
          return exitCodes.ok;
        }),
      ),
};

export interface Window {
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  readonly agent: string | null;
}

export interface ToldLog {
  readonly entries: readonly LogEntry[];
  readonly reads: readonly SessionReads[];
}

const pageEvents = 1000;

/** Entries of a window, oldest first; of each hold only the newest, which tells the whole story. */
export function readLog(reader: SqliteReader, { sinceMs, untilMs, agent }: Window): ToldLog {
  const log = changeLogOf();
  const entries = new Map<string, LogEntry>();
  for (const event of eventsSince(reader, sinceMs)) {
    if (untilMs !== null && event.atMs > untilMs) continue;
    if (log.lacks(event)) for (const earlier of earlierEvents(reader, event)) log.take(earlier);
    const entry = log.take(event);
    if (entry === null || (agent !== null && entry.agent !== agent)) continue;
    const key = entry.holdId ?? `${entry.seq}`;
    entries.delete(key);
    entries.set(key, entry);
  }
  const reads = log.sessions().filter((session) => agent === null || session.agent === agent);
  return { entries: [...entries.values()], reads };
}

/** The time index finds where the window begins; from there on the numbers lead, or every page would be sorted anew. */
function* eventsSince(reader: SqliteReader, sinceMs: number | null): Iterable<SealedEvent> {
  const [first] = sinceMs === null ? [] : reader.events({ sinceMs, limit: 1 });
  if (sinceMs !== null && first === undefined) return;
  let afterSeq = (first?.seq ?? 1) - 1;
  for (;;) {
    const page = reader.events({ afterSeq, limit: pageEvents });
    for (const event of page) if (event.atMs >= (sinceMs ?? 0)) yield event;
    afterSeq = page.at(-1)?.seq ?? afterSeq;
    if (page.length < pageEvents) return;
  }
}

/** What happened before the window in the story that this event belongs to. */
function earlierEvents(reader: SqliteReader, event: SealedEvent): readonly SealedEvent[] {
  const before = { beforeSeq: event.seq, from: 'newest' as const, limit: 200 };
  const ofHold = event.holdId === null ? [] : reader.events({ ...before, holdId: event.holdId });
  const actionId = ofHold[0]?.actionId ?? event.actionId;
  const ofAction = actionId === null ? [] : reader.events({ ...before, actionId });
  const bySeq = new Map([...ofAction, ...ofHold].map((earlier) => [earlier.seq, earlier]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function plain({ entries, reads }: ToldLog): string {
  if (entries.length === 0 && reads.length === 0) return 'Nothing happened in this time.\n';
  return [...entries.map((entry) => `${entryText(entry)}\n`), ...reads.map(readsText)].join('');
}

function markdown({ entries, reads }: ToldLog): string {
  const lines = reads.map((session) => `- ${readsText(session)}`);
  const section = lines.length === 0 ? '' : `### Reads\n\n${lines.join('')}`;
  return `${entries.map((entry) => `${entryMarkdown(entry)}\n`).join('')}${section}`;
}
