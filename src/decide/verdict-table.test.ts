// Every cell of the table, written down a second time by hand and asked through decide(): 36 cells, and no other.

import { describe, expect, it } from 'vitest';
import type { Environment, VerdictKind } from '../action/action.ts';
import type { Effect } from '../action/effect.ts';
import type { Grant } from '../authorize/grant.ts';
import {
  account,
  decideInput,
  grant,
  operation,
  production,
  reading,
  resolution,
  staging,
  unknown,
} from '../testing/judged-cases.ts';
import { decide } from './decide.ts';
import { atLeast, cellFor, stricter, verdictTable } from './verdict-table.ts';

type Row = [scope: 'missing' | 'granted', where: string, effect: Effect, says: Grant['destructive'], want: VerdictKind];

const rows: Row[] = [
  ['missing', 'granted', 'read', 'never', 'deny'],
  ['missing', 'granted', 'read', 'confirm', 'deny'],
  ['missing', 'granted', 'write', 'never', 'deny'],
  ['missing', 'granted', 'write', 'confirm', 'deny'],
  ['missing', 'granted', 'destructive', 'never', 'deny'],
  ['missing', 'granted', 'destructive', 'confirm', 'deny'],
  ['missing', 'other', 'read', 'confirm', 'deny'],
  ['missing', 'other', 'write', 'confirm', 'deny'],
  ['missing', 'other', 'destructive', 'confirm', 'deny'],
  ['missing', 'unknown', 'read', 'confirm', 'deny'],
  ['missing', 'unknown', 'write', 'confirm', 'deny'],
  ['missing', 'unknown', 'destructive', 'confirm', 'deny'],
  ['missing', 'account', 'read', 'confirm', 'deny'],
  ['missing', 'account', 'write', 'confirm', 'deny'],
  ['missing', 'account', 'destructive', 'confirm', 'deny'],
  ['granted', 'granted', 'read', 'never', 'allow'],
  ['granted', 'granted', 'read', 'confirm', 'allow'],
  ['granted', 'granted', 'write', 'never', 'allow'],
  ['granted', 'granted', 'write', 'confirm', 'allow'],
  ['granted', 'granted', 'destructive', 'never', 'deny'],
  ['granted', 'granted', 'destructive', 'confirm', 'hold'],
  ['granted', 'other', 'read', 'never', 'allow'],
  ['granted', 'other', 'read', 'confirm', 'allow'],
  ['granted', 'other', 'write', 'never', 'hold'],
  ['granted', 'other', 'write', 'confirm', 'hold'],
  ['granted', 'other', 'destructive', 'never', 'deny'],
  ['granted', 'other', 'destructive', 'confirm', 'hold'],
  ['granted', 'mixed', 'read', 'confirm', 'allow'],
  ['granted', 'mixed', 'write', 'never', 'hold'],
  ['granted', 'mixed', 'write', 'confirm', 'hold'],
  ['granted', 'mixed', 'destructive', 'never', 'deny'],
  ['granted', 'mixed', 'destructive', 'confirm', 'hold'],
  ['granted', 'unknown', 'read', 'never', 'allow'],
  ['granted', 'unknown', 'read', 'confirm', 'allow'],
  ['granted', 'unknown', 'write', 'never', 'hold'],
  ['granted', 'unknown', 'write', 'confirm', 'hold'],
  ['granted', 'unknown', 'destructive', 'never', 'deny'],
  ['granted', 'unknown', 'destructive', 'confirm', 'hold'],
  ['granted', 'account', 'read', 'never', 'allow'],
  ['granted', 'account', 'read', 'confirm', 'allow'],
  ['granted', 'account', 'write', 'never', 'hold'],
  ['granted', 'account', 'write', 'confirm', 'hold'],
  ['granted', 'account', 'destructive', 'never', 'deny'],
  ['granted', 'account', 'destructive', 'confirm', 'hold'],
];

const reached: Readonly<Record<string, readonly Environment[]>> = {
  granted: [staging],
  other: [production],
  mixed: [staging, production],
  unknown: [unknown],
  account: [account],
};

describe('the verdict table, through decide()', () => {
  it.each(rows)('scope %s, environment %s, %s, destructive: %s -> %s', (scope, where, effect, says, want) => {
    const verdict = decide(
      decideInput({
        reading: reading([
          operation({ effect, account: where === 'account', targets: where === 'account' ? [] : operation().targets }),
        ]),
        resolution: resolution(reached[where] ?? []),
        grant: grant({ destructive: says, scopes: scope === 'granted' ? [{ kind: 'volumes', access: 'write' }] : [] }),
      }),
    );
    expect(verdict.kind).toBe(want);
    expect(verdict.reasons.length).toBeGreaterThan(0);
    for (const each of verdict.reasons) expect(each.what && each.why && each.next).toMatch(/\.$/);
  });

  it('has exactly the cells of scope x place x column x destructive, each once', () => {
    const keys = verdictTable.map((cell) => `${cell.scope} ${cell.where} ${cell.column} ${cell.destructive}`);
    expect(new Set(keys).size).toBe(36);
    expect(verdictTable).toHaveLength(36);
  });

  it('allows nothing without the scope, and no destruction by itself', () => {
    for (const cell of verdictTable) {
      if (cell.scope === 'missing') expect(cell.verdict).toBe('deny');
      if (cell.column === 'destructive') expect(cell.verdict).not.toBe('allow');
    }
  });

  it('throws on a case that it does not know, so that the caller denies', () => {
    expect(() => cellFor('granted', 'moon' as 'granted', 'read', 'never')).toThrow(TypeError);
  });
});

describe('stricter', () => {
  it.each<[VerdictKind, VerdictKind, VerdictKind]>([
    ['allow', 'hold', 'hold'],
    ['hold', 'deny', 'deny'],
    ['deny', 'allow', 'deny'],
    ['allow', 'allow', 'allow'],
  ])('%s, %s -> %s', (a, b, want) => {
    expect(stricter(a, b)).toBe(want);
    expect(stricter(b, a)).toBe(want);
    expect(atLeast(want, a) && atLeast(want, b)).toBe(true);
  });
});
