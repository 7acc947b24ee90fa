// Batches and answers as flat lists for the crossing between threads: copying 64 small objects costs as much as sealing
// them. What is packed on one side is unpacked on the other; nothing else may read these shapes.

import type { BodyWrite, RowWrite } from '../storage.ts';
import type { ChangeAnswer, Field, FramedChange, FramedEvent, PackedAnswers, PackedBatch } from './message.ts';

const fieldsPerEvent = 7;
const hexLength = 64;

export function packBatch(changes: readonly FramedChange[]): PackedBatch {
  const fields: Field[] = [];
  for (const { events } of changes) {
    for (const { head, tail, kind, atMs, actionId, holdId, agent } of events) {
      fields.push(head, tail, kind, atMs, actionId, holdId, agent);
    }
  }
  return {
    counts: changes.map(({ events }) => events.length),
    fields,
    rows: changes.flatMap(({ rows }, change) => rows.map((row) => [change, row] as const)),
    bodies: changes.flatMap(({ bodies }, change) => bodies.map((body) => [change, body] as const)),
  };
}

export function unpackBatch(batch: PackedBatch): readonly FramedChange[] {
  let at = 0;
  const changes = batch.counts.map((count) => {
    const events: FramedEvent[] = [];
    for (let i = 0; i < count; i += 1, at += fieldsPerEvent) events.push(eventAt(batch.fields, at));
    return { events, rows: [] as RowWrite[], bodies: [] as BodyWrite[] };
  });
  for (const [change, row] of batch.rows) changes[change]?.rows.push(row);
  for (const [change, body] of batch.bodies) changes[change]?.bodies.push(body);
  return changes;
}

function eventAt(fields: readonly Field[], at: number): FramedEvent {
  const [head, tail, kind, atMs, actionId, holdId, agent] = fields.slice(at, at + fieldsPerEvent);
  // Packed by packBatch alone, a few lines above.
  return { head, tail, kind, atMs, actionId, holdId, agent } as FramedEvent;
}

export function packAnswers(answers: readonly ChangeAnswer[]): PackedAnswers {
  const [first] = answers;
  const hashes: string[] = [];
  for (const answer of answers) {
    if (answer.kind !== 'sealed') return { kind: 'each', answers };
    hashes.push(...answer.hashes);
  }
  return { kind: 'all-sealed', firstSeq: first?.kind === 'sealed' ? first.firstSeq : 0, hashes: hashes.join('') };
}

/** One answer for each change; `counts` as they were packed. */
export function unpackAnswers(packed: PackedAnswers, counts: readonly number[]): readonly ChangeAnswer[] {
  if (packed.kind === 'each') return packed.answers;
  let done = 0;
  return counts.map((count) => {
    const hashes = Array.from({ length: count * 2 }, (_, i) => {
      const from = (done * 2 + i) * hexLength;
      return packed.hashes.slice(from, from + hexLength);
    });
    const firstSeq = packed.firstSeq + done;
    done += count;
    return { kind: 'sealed', firstSeq, hashes };
  });
}
