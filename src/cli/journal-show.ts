// Events as lines for a terminal, and which events an id means. Data is printed as JSON whose invisible and control
// characters are escaped: what an agent wrote may be read here, but may not act on the terminal.

import { inertJson, inertShort } from '../hold/inert-text.ts';
import { timeText } from '../record/change-log-text.ts';
import type { SealedEvent } from '../record/event.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';

const eventsMax = 1000;
const followEveryMs = 300;

/** One line: number, time, kind, agent, id, and the data cut short. */
export function eventLine(event: SealedEvent): string {
  const id = event.holdId ?? event.actionId ?? event.session ?? '';
  const data = inertShort(JSON.stringify(event.data));
  const parts = [
    `${event.seq}`,
    timeText(event.atMs),
    event.kind,
    inertShort(event.agent ?? '-'),
    inertShort(id),
    data,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

/** Everything an event says, on several lines. */
export function eventDetail(event: SealedEvent): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['agent', event.agent],
    ['session', event.session],
    ['posture', event.posture],
    ['action', event.actionId],
    ['hold', event.holdId],
  ];
  const known = rows.flatMap(([label, value]) => (value === null ? [] : [`  ${label.padEnd(8)} ${inertShort(value)}`]));
  const data = inertJson(event.data)
    .split('\n')
    .map((line) => `  ${line}`);
  const head = `event ${event.seq}  ${timeText(event.atMs)}  ${event.kind}`;
  return [head, ...known, `  leaf     ${event.leaf}`, `  chain    ${event.chain}`, ...data, ''].join('\n');
}

/** By number, hold or action; of a hold, its action's events as well. Ascending. */
export function eventsOf(reader: SqliteReader, id: string): readonly SealedEvent[] {
  if (/^[1-9][0-9]{0,14}$/.test(id))
    return reader.events({ afterSeq: Number(id) - 1, beforeSeq: Number(id) + 1, limit: 1 });
  const ofHold = reader.events({ holdId: id, limit: eventsMax });
  const actions = new Set([id, ...ofHold.flatMap(({ actionId }) => actionId ?? [])]);
  const ofActions = [...actions].slice(0, 50).flatMap((actionId) => reader.events({ actionId, limit: eventsMax }));
  const bySeq = new Map([...ofHold, ...ofActions].map((event) => [event.seq, event]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

export interface Pace {
  /** How often to look. Infinity: until the process is interrupted. */
  readonly rounds: number;
  readonly everyMs: number;
}

/** Prints each event that is sealed after `seq`, as it comes. */
export async function followEvents(
  reader: SqliteReader,
  seq: number,
  take: (event: SealedEvent) => void,
  pace: Pace = { rounds: Number.POSITIVE_INFINITY, everyMs: followEveryMs },
): Promise<void> {
  let last = seq;
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const event of reader.events({ afterSeq: last, limit: eventsMax })) {
      take(event);
      last = event.seq;
    }
    await new Promise((resolve) => setTimeout(resolve, pace.everyMs));
  }
}
