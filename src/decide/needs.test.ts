import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment, Resolution } from '../action/action.ts';
import type { Recovery } from '../action/effect.ts';
import type { ApprovalPolicy, Factor, Policy } from '../authorize/grant.ts';
import {
  account,
  operation,
  policy,
  preview,
  production,
  reading,
  resolution,
  staging,
  unknown,
} from '../testing/judged-cases.ts';
import { countsAsProtected, holdNeeds } from './needs.ts';

const destroy = reading([operation({ effect: 'destructive', recovery: 'unknown' })]);
const needs = (where: readonly Environment[] | null, approvals: Policy['approvals'] = {}) => {
  const found: Resolution | null = where === null ? null : resolution(where);
  return holdNeeds(destroy, found, policy({ approvals }));
};
const rule = (factors: readonly Factor[], people = 1): ApprovalPolicy => ({ factors, people });

describe('factors and people', () => {
  it.each<[string, readonly Environment[] | null, Policy['approvals'], readonly Factor[], number]>([
    ['default, protected', [production], {}, ['typed-name', 'approval-key'], 1],
    ['default, unknown', [unknown], {}, ['typed-name', 'approval-key'], 1],
    ['default, account-wide', [account], {}, ['typed-name', 'approval-key'], 1],
    ['default, not resolved', null, {}, ['typed-name', 'approval-key'], 1],
    ['default, unprotected', [staging], {}, ['approval-key'], 1],
    ['own rule', [production], { production: rule(['passkey'], 2) }, ['passkey'], 2],
    ['rule for all', [staging], { '*': rule(['passkey'], 2) }, ['passkey'], 2],
    ['own before all', [staging], { '*': rule(['passkey'], 2), staging: rule(['approval-key']) }, ['approval-key'], 1],
    ['unknown uses the rule for all', [unknown], { '*': rule(['passkey']) }, ['passkey'], 1],
    [
      'unknown may be production',
      [unknown],
      { '*': rule(['passkey']), production: rule(['typed-name', 'passkey'], 3) },
      ['typed-name', 'passkey'],
      3,
    ],
    [
      'the strictest of both',
      [staging, production],
      { production: rule(['passkey'], 2), staging: rule(['typed-name']) },
      ['typed-name', 'passkey'],
      2,
    ],
    ['a click counts where nothing is protected', [staging], { staging: rule(['click']) }, ['click'], 1],
    ['a click never counts in production', [production], { production: rule(['click']) }, ['approval-key'], 1],
    ['nor for the unknown', [unknown], { '*': rule(['click', 'passkey']) }, ['passkey'], 1],
    [
      'a typed name alone signs nothing',
      [production],
      { production: rule(['typed-name']) },
      ['typed-name', 'approval-key'],
      1,
    ],
    ['no factor at all', [staging], { staging: rule([]) }, ['approval-key'], 1],
  ])('%s', (_name, where, approvals, factors, people) => {
    expect(needs(where, approvals)).toMatchObject({ factors, people });
  });

  it('counts everything but a verified, unprotected environment as protected', () => {
    expect([production, unknown, account].every(countsAsProtected)).toBe(true);
    expect([staging, preview].some(countsAsProtected)).toBe(false);
  });

  it('property: one more environment never asks for less', () => {
    let more = 0;
    const place = fc.constantFrom(production, staging, preview, unknown, account);
    const rules = fc.record({
      factors: fc.subarray<Factor>(['typed-name', 'passkey', 'approval-key', 'click']),
      people: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 3 }),
        place,
        fc.dictionary(fc.constantFrom('production', 'staging', '*'), rules),
        (where, added, approvals) => {
          const before = needs(where, approvals);
          const after = needs([...where, added], approvals);
          for (const factor of before.factors) {
            // A click may stand beside stricter factors, never instead of them.
            const stronger = factor === 'approval-key' && after.factors.includes('passkey');
            expect(stronger || after.factors.includes(factor)).toBe(true);
          }
          expect(after.people).toBeGreaterThanOrEqual(before.people);
          if (after.factors.length > before.factors.length) more += 1;
        },
      ),
    );
    expect(more).toBeGreaterThan(0);
  });
});

describe('delay', () => {
  it.each<['read' | 'write' | 'destructive', Recovery, number]>([
    ['destructive', 'none', 600_000],
    ['destructive', 'unknown', 600_000],
    ['destructive', 'window', 0],
    ['destructive', 'undo', 0],
    ['destructive', 'recreate', 0],
    ['write', 'none', 600_000],
    ['write', 'unknown', 0],
    ['read', 'unknown', 0],
  ])('%s with recovery %s waits %d ms', (effect, recovery, want) => {
    const judged = reading([operation({ effect, recovery })]);
    expect(holdNeeds(judged, resolution([staging]), policy()).delayMs).toBe(want);
  });
});
