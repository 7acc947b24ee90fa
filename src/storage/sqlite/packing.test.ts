import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeAnswer, FramedChange } from './message.ts';
import { packAnswers, packBatch, unpackAnswers, unpackBatch } from './packing.ts';

const text = fc.string();
const event = fc.record({
  head: text,
  tail: text,
  kind: text,
  atMs: fc.integer(),
  actionId: fc.option(text),
  holdId: fc.option(text),
  agent: fc.option(text),
});
const row = fc.record({ table: fc.constantFrom('hold', 'system', 'queue'), key: text, value: fc.option(text) });
const body = fc.record({ id: text, bytes: fc.option(fc.uint8Array()) });
const change: fc.Arbitrary<FramedChange> = fc.record({
  events: fc.array(event, { maxLength: 3 }),
  rows: fc.array(row, { maxLength: 2 }),
  bodies: fc.array(body, { maxLength: 2 }),
});

describe('packing', () => {
  it('gives back every batch as it was', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        expect(unpackBatch(structuredClone(packBatch(changes)))).toEqual(changes);
      }),
    );
  });

  it('gives back every answer as it was', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(counts, fc.nat(), fc.boolean(), (list, before, refused) => {
        let seq = before + 1;
        const answers: ChangeAnswer[] = list.map((count) => {
          const hashes = Array.from({ length: count * 2 }, (_, i) => (seq * 8 + i).toString(16).padStart(64, '0'));
          const firstSeq = seq;
          seq += count;
          return { kind: 'sealed', firstSeq, hashes };
        });
        const fault = { code: 'c', what: 'w', why: 'y', next: 'n', retry: 'no' } as const;
        if (refused) answers.push({ kind: 'refused', fault, unwritable: true });
        expect(unpackAnswers(structuredClone(packAnswers(answers)), list)).toEqual(answers);
      }),
    );
  });
});
