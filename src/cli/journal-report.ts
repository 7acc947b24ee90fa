// `journal report`: how many of what, for each agent. Numbers only; the change log has the words.
// Counterpart: journal-show.ts, which tells one action as a story.

import { inertShort } from '../hold/inert-text.ts';
import { changeLogOf } from '../record/change-log.ts';
import { timeText } from '../record/change-log-text.ts';
import { sealedFromText } from '../storage/sqlite/event-text.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';

export interface Report {
  readonly events: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** For each agent the number of entries by outcome (`refused`, `on hold`, `done` …) and of plain reads (`reads`). */
  readonly agents: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export function reportOf(reader: SqliteReader): Report {
  const log = changeLogOf();
  const agents = new Map<string, Map<string, number>>();
  const add = (agent: string | null, what: string, count: number) => {
    const counts = agents.get(agent ?? 'holdpoint') ?? new Map<string, number>();
    agents.set(agent ?? 'holdpoint', counts.set(what, (counts.get(what) ?? 0) + count));
  };
  let events = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  for (const stored of reader.stored()) {
    const event = sealedFromText(stored);
    const entry = log.take(event);
    if (entry !== null) add(entry.agent, entry.outcome, 1);
    events += 1;
    fromMs ??= event.atMs;
    toMs = event.atMs;
  }
  for (const { agent, reads } of log.sessions()) add(agent, 'reads', reads);
  const sorted = [...agents].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    events,
    fromMs,
    toMs,
    agents: Object.fromEntries(sorted.map(([agent, counts]) => [agent, Object.fromEntries(counts)])),
  };
}

export function reportLines(report: Report): readonly string[] {
  if (report.fromMs === null || report.toMs === null) return ['The journal is empty.'];
  const span = `${report.events} events from ${timeText(report.fromMs)} to ${timeText(report.toMs)}`;
  const agents = Object.entries(report.agents).flatMap(([agent, counts]) => [
    inertShort(agent),
    ...Object.entries(counts).map(([what, count]) => `  ${String(count).padStart(7)}  ${what}`),
  ]);
  return [span, ...agents];
}
