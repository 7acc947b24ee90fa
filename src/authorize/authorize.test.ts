import { describe, expect, it } from 'vitest';
import { grant, operation, policy, reading } from '../testing/judged-cases.ts';
import { authorize, covers, grantEndMs, isExpired, neededScope, operationsOf, scopeName } from './authorize.ts';
import { grantDigest, policyDigest } from './digests.ts';
import type { Scope } from './grant.ts';

const scope = (text: string): Scope => {
  const [kind = '', access] = text.split(':');
  return { kind, access: access === 'write' ? 'write' : 'read' };
};

describe('covers', () => {
  it.each<[string, string, boolean, string]>([
    ['volumes:read', 'volumes:read', true, 'the same'],
    ['volumes:write', 'volumes:read', true, 'write includes read'],
    ['volumes:read', 'volumes:write', false, 'read does not include write'],
    ['domains:write', 'volumes:read', false, 'another kind'],
    ['*:read', 'volumes:read', true, 'all kinds'],
    ['*:read', 'volumes:write', false, 'all kinds, reading only'],
    ['*:write', 'other:write', true, 'all kinds, also what no rule names'],
    ['volumes:write', 'other:read', false, 'what no rule names is a kind of its own'],
    ['other:write', 'volumes:read', false, 'and stands for no other'],
  ])('%s covers %s: %s (%s)', (held, needed, want) => {
    expect(covers([scope(held)], scope(needed))).toBe(want);
  });

  it('covers nothing with no scope', () => {
    expect(covers([], scope('volumes:read'))).toBe(false);
  });
});

describe('neededScope', () => {
  it.each<[string, Parameters<typeof operation>[0], string]>([
    ['a proven read', { effect: 'read' }, 'volumes:read'],
    ['an assumed read', { effect: 'read', basis: 'assumed' }, 'volumes:write'],
    ['a read of secrets', { effect: 'read', aspects: ['exposes-secrets'] }, 'volumes:read'],
    ['a read that runs code', { effect: 'read', aspects: ['runs-code'] }, 'volumes:write'],
    ['a write', {}, 'volumes:write'],
    ['destruction', { effect: 'destructive' }, 'volumes:write'],
    ['no scope named', { scope: '' }, 'other:write'],
  ])('%s needs %s', (_name, change, want) => {
    expect(scopeName(neededScope(operation(change)))).toBe(want);
  });
});

describe('operationsOf', () => {
  it('adds nothing where the operations already say it all', () => {
    const ops = [operation(), operation({ effect: 'read' })];
    expect(operationsOf(reading(ops))).toEqual(ops);
  });

  it.each<[string, Parameters<typeof reading>[1]]>([
    ['a worse effect', { effect: 'destructive' }],
    ['a weaker basis', { basis: 'assumed' }],
    ['an aspect', { aspects: ['mints-access'] }],
  ])('adds one for %s of the reading as a whole', (_name, change) => {
    const added = operationsOf(reading([operation()], change));
    expect(added).toHaveLength(2);
    expect(added[1]).toMatchObject(change ?? {});
  });

  it('stands in for a reading without operations, under the scope other', () => {
    expect(operationsOf(reading([], { effect: 'write' }))).toMatchObject([
      { effect: 'write', scope: 'other', targets: [] },
    ]);
  });
});

describe('authorize', () => {
  it('names every missing scope once', () => {
    const ops = [operation(), operation(), operation({ scope: 'domains', effect: 'read' })];
    const answer = authorize(reading(ops), grant({ scopes: [] }));
    if (answer.kind !== 'beyond') throw new Error('expected beyond');
    expect(answer.missing.map(scopeName)).toEqual(['volumes:write', 'domains:read']);
    expect(answer.reasons[0]?.why).toBe("Scope volumes:write is missing: this agent's grant covers nothing.");
  });

  it('is within when every operation is covered', () => {
    expect(authorize(reading([operation()]), grant())).toEqual({ kind: 'within' });
  });

  it('is beyond when one operation of several is not', () => {
    const answer = authorize(
      reading([operation(), operation({ scope: 'domains' })]),
      grant({ scopes: [scope('volumes:write')] }),
    );
    expect(answer.kind).toBe('beyond');
  });
});

describe('expiry', () => {
  it('ends with its day in UTC', () => {
    const ends = grant({ expires: '2026-12-31' });
    expect(grantEndMs(ends)).toBe(Date.UTC(2027, 0, 1));
    expect(isExpired(ends, Date.UTC(2027, 0, 1) - 1)).toBe(false);
    expect(isExpired(ends, Date.UTC(2027, 0, 1))).toBe(true);
  });

  it.each(['', 'never', '2026-13-01', '31.12.2026', '2026-12-31T00:00:00Z'])(
    'has passed when the date is %j',
    (expires) => {
      expect(isExpired(grant({ expires }), 0)).toBe(true);
    },
  );

  it('has no end without a date', () => {
    expect(isExpired(grant(), Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

describe('digests', () => {
  it('change with every word of a grant or policy, and with nothing else', () => {
    expect(grantDigest(grant())).toBe(grantDigest(grant()));
    expect(grantDigest(grant({ destructive: 'never' }))).not.toBe(grantDigest(grant()));
    expect(policyDigest(policy())).toBe(policyDigest(policy()));
    expect(policyDigest(policy({ waitMs: null }))).not.toBe(policyDigest(policy()));
  });
});
