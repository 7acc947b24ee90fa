// What must hold whatever the action: weaker evidence never lowers a verdict (invariant 5), one more environment or
// operation never makes it milder, and a grant with less never allows more. Each property counts that it was exercised.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment, Operation, Reading } from '../action/action.ts';
import { type Aspect, worseEffect, worseRecovery } from '../action/effect.ts';
import type { Grant } from '../authorize/grant.ts';
import {
  account,
  decideInput,
  environmentRefs,
  grant,
  operation,
  preview,
  production,
  reading,
  resolution,
  staging,
  unknown,
  volume,
} from '../testing/judged-cases.ts';
import { type DecideInput, decide } from './decide.ts';
import { atLeast } from './verdict-table.ts';

const other = { ...volume, id: 'other' };
const allAspects: readonly Aspect[] = [
  'exposes-secrets',
  'mints-access',
  'removes-protection',
  'runs-code',
  'spends-money',
];
const anyOperation: fc.Arbitrary<Operation> = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    effect: fc.constantFrom('read', 'write', 'destructive'),
    basis: fc.constantFrom('proven', 'assumed'),
    recovery: fc.constantFrom('none', 'window', 'undo', 'recreate', 'unknown'),
    aspects: fc.oneof(
      // Most operations have none; otherwise nearly everything would be held for an aspect.
      { weight: 4, arbitrary: fc.constant<readonly Aspect[]>([]) },
      { weight: 1, arbitrary: fc.subarray<Aspect>([...allAspects], { minLength: 1, maxLength: 2 }) },
    ),
    scope: fc.constantFrom('volumes', 'domains', 'other', ''),
    targets: fc.constantFrom([], [volume], [volume, other], [environmentRefs.production], [environmentRefs.staging]),
    account: fc.boolean(),
    masks: fc.constantFrom([], ['data']),
  })
  .map((change) => operation(change));
const anyReading = fc.array(anyOperation, { minLength: 0, maxLength: 2 }).map((operations) => reading(operations));
const anyPlace: fc.Arbitrary<Environment> = fc.constantFrom(staging, staging, production, preview, unknown, account);
const anyGrant: fc.Arbitrary<Grant> = fc
  .record({
    scopes: fc.constantFrom<Grant['scopes'][]>(
      [{ kind: '*', access: 'write' }],
      [{ kind: '*', access: 'write' }],
      [{ kind: '*', access: 'write' }],
      [{ kind: 'volumes', access: 'write' }],
      [{ kind: '*', access: 'read' }],
      [],
    ),
    // Wide grants more often, so that there is something to take away.
    environments: fc.constantFrom<Grant['environments'][]>('all', 'all', ['staging'], ['staging', 'preview'], []),
    destructive: fc.constantFrom<Grant['destructive'][]>('never', 'confirm'),
  })
  .map((change) => grant(change));
const anyInput: fc.Arbitrary<DecideInput> = fc
  .record({
    reading: anyReading,
    places: fc.option(fc.array(anyPlace, { minLength: 1, maxLength: 3 }), { nil: null }),
    grant: anyGrant,
    host: fc.constantFrom<DecideInput['host'][]>(
      null,
      { name: 'h.example', class: 'governed' },
      { name: 'h.example', class: 'other' },
      { name: 'h.example', class: 'ordinary' },
    ),
    credentialState: fc.constantFrom<DecideInput['credentialState'][]>(
      { kind: 'absent' },
      { kind: 'placeholder', credential: 'railway' },
      { kind: 'carried', slot: 'cookie' },
    ),
  })
  .map(({ places, ...rest }) => decideInput({ ...rest, resolution: places === null ? null : resolution(places) }));

/** The reading with one operation's evidence weakened, folded again. */
function weakened(judged: Reading, index: number): Reading {
  const operations = judged.operations.map((each, at) =>
    at === index ? { ...each, basis: 'assumed' as const } : each,
  );
  return { ...reading(operations), recovery: judged.recovery };
}

describe('decide', () => {
  it('property: weaker evidence never lowers a verdict (invariant 5)', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyInput, fc.nat(2), (input, index) => {
        const before = decide(input);
        const after = decide({ ...input, reading: weakened(input.reading, index) });
        if (before.kind !== after.kind) seen.add(`${before.kind} ${after.kind}`);
        expect(atLeast(after.kind, before.kind)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(seen.has('allow hold')).toBe(true);
  });

  it('property: one more environment never makes it milder', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyInput, anyPlace, (input, place) => {
        const { resolution: found } = input;
        if (found === null) return;
        const [first, ...rest] = found.resources;
        const wider = {
          ...found,
          resources: first === undefined ? [] : [{ ...first, environments: [...first.environments, place] }, ...rest],
          environments: [...found.environments, place],
        };
        const before = decide(input);
        const after = decide({ ...input, resolution: wider });
        if (before.kind !== after.kind) seen.add(`${before.kind} ${after.kind}`);
        expect(atLeast(after.kind, before.kind)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(seen.has('allow hold')).toBe(true);
  });

  it('property: one more operation never makes it milder', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyInput, anyOperation, (input, added) => {
        const operations = [...input.reading.operations, added];
        const whole: Reading = {
          ...reading(operations),
          effect: worseEffect(input.reading.effect, added.effect),
          recovery: worseRecovery(input.reading.recovery, added.recovery),
        };
        const before = decide(input);
        const after = decide({ ...input, reading: whole });
        // A reading of nothing is judged as an unknown operation; any named one may be milder than that.
        if (input.reading.operations.length === 0) return;
        if (before.kind !== after.kind) seen.add(`${before.kind} ${after.kind}`);
        expect(atLeast(after.kind, before.kind)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(seen.has('allow deny')).toBe(true);
  });

  it('property: never allows destruction but in a disposable environment, and always says why', () => {
    let destroyed = 0;
    let disposed = 0;
    fc.assert(
      fc.property(anyInput, (input) => {
        const verdict = decide(input);
        expect(verdict.reasons.length).toBeGreaterThan(0);
        expect(verdict.reasons.map((each) => each.code)).not.toContain('rule-broken');
        if (input.reading.effect !== 'destructive') return;
        destroyed += 1;
        if (verdict.kind !== 'allow') return;
        disposed += 1;
        expect(verdict.reasons.map((each) => each.code)).toContain('disposable');
        expect(input.grant?.destructive).toBe('confirm');
      }),
      {
        numRuns: 4000,
        examples: [
          [
            decideInput({
              reading: reading([operation({ effect: 'destructive' })]),
              resolution: resolution([preview]),
            }),
          ],
        ],
      },
    );
    expect(destroyed).toBeGreaterThan(100);
    expect(disposed).toBeGreaterThan(0);
  });

  it('property: a grant with less never allows more', () => {
    let stricter = 0;
    fc.assert(
      fc.property(anyInput, (input) => {
        if (input.grant === null) return;
        const before = decide(input);
        for (const less of [{ scopes: [] }, { environments: [] }, { destructive: 'never' as const }]) {
          const after = decide({ ...input, grant: { ...input.grant, ...less } });
          expect(atLeast(after.kind, before.kind)).toBe(true);
          if (after.kind !== before.kind) stricter += 1;
        }
      }),
      { numRuns: 2000 },
    );
    expect(stricter).toBeGreaterThan(50);
  });
});
