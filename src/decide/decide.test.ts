import { describe, expect, it } from 'vitest';
import type { VerdictKind } from '../action/action.ts';
import type { Aspect } from '../action/effect.ts';
import { reason } from '../platform/reason.ts';
import {
  account,
  decideInput,
  environmentRefs,
  grant,
  operation,
  policy,
  preview,
  production,
  reading,
  resolution,
  staging,
  unknown,
  volume,
} from '../testing/judged-cases.ts';
import { type DecideInput, decide, needsResolution } from './decide.ts';

function verdictOf(change: Partial<DecideInput>): [VerdictKind, readonly string[]] {
  const verdict = decide(decideInput(change));
  return [verdict.kind, verdict.reasons.map((each) => each.code)];
}

const read = operation({ effect: 'read', name: 'volumes' });
const destroy = operation({ effect: 'destructive', recovery: 'unknown', name: 'volumeDelete' });

describe('who may act at all', () => {
  it.each<[string, Partial<DecideInput>, string]>([
    ['no grant', { grant: null }, 'grant-missing'],
    ['frozen', { agentState: 'frozen' }, 'agent-frozen'],
    ['revoked', { agentState: 'revoked' }, 'agent-revoked'],
    ['expired', { grant: grant({ expires: '2026-11-21' }) }, 'grant-expired'],
    ['a date that is none', { grant: grant({ expires: 'soon' }) }, 'grant-expired'],
    [
      'unreadable',
      { reading: reading([read], { unreadable: reason('two-readings', 'A.', 'B.', 'C.') }) },
      'two-readings',
    ],
  ])('%s -> deny', (_name, change, code) => {
    expect(verdictOf({ reading: reading([read]), ...change })).toEqual(['deny', [code]]);
  });

  it('runs until the end of the day of expiry (UTC)', () => {
    const last = { grant: grant({ expires: '2026-11-22' }), reading: reading([read]) };
    expect(verdictOf({ ...last, nowMs: Date.UTC(2026, 10, 23) - 1 })[0]).toBe('allow');
    expect(verdictOf({ ...last, nowMs: Date.UTC(2026, 10, 23) })[0]).toBe('deny');
  });
});

describe('aspects', () => {
  const everywhere: readonly Aspect[] = ['mints-access', 'removes-protection', 'exposes-secrets'];
  const elsewhere: readonly Aspect[] = ['runs-code', 'spends-money'];

  it.each(everywhere)('%s holds also inside the grant, for reads and writes', (aspect) => {
    for (const effect of ['read', 'write'] as const) {
      const change = { reading: reading([operation({ effect, aspects: [aspect] })]) };
      expect(verdictOf(change)).toEqual(['hold', [`aspect-${aspect}`]]);
    }
  });

  it.each(elsewhere)('%s counts as a write inside the grant and holds elsewhere', (aspect) => {
    const running = reading([operation({ aspects: [aspect] })]);
    expect(verdictOf({ reading: running })[0]).toBe('allow');
    expect(verdictOf({ reading: running, resolution: resolution([production]) })[1]).toContain(`aspect-${aspect}`);
    const asRead = reading([operation({ effect: 'read', aspects: [aspect] })]);
    expect(verdictOf({ reading: asRead, resolution: resolution([production]) })[0]).toBe('hold');
    const readOnly = grant({ scopes: [{ kind: 'volumes', access: 'read' }] });
    expect(verdictOf({ reading: asRead, grant: readOnly })).toEqual(['deny', ['scope-missing']]);
  });

  it('lets a read pass whose secrets the page masks', () => {
    const exposing = operation({ effect: 'read', aspects: ['exposes-secrets'] });
    expect(verdictOf({ reading: reading([exposing]) })[0]).toBe('hold');
    expect(verdictOf({ reading: reading([{ ...exposing, masks: ['data.variables'] }]) })[0]).toBe('allow');
  });

  it('keeps an aspect that only the reading as a whole carries', () => {
    expect(verdictOf({ reading: reading([operation()], { aspects: ['mints-access'] }) })[0]).toBe('hold');
  });
});

describe('reads', () => {
  it('counts an assumed read as a write', () => {
    const assumed = reading([operation({ effect: 'read', basis: 'assumed' })]);
    expect(verdictOf({ reading: assumed, resolution: resolution([production]) })).toEqual([
      'hold',
      ['write-elsewhere'],
    ]);
  });

  it('counts a read with a danger word as a write', () => {
    const worded = reading([read], { plain: false });
    expect(verdictOf({ reading: worded, resolution: resolution([production]) })[0]).toBe('hold');
  });

  it('denies a plain read of another environment that the request names itself', () => {
    const named = reading([operation({ effect: 'read', targets: [environmentRefs.production] })]);
    expect(verdictOf({ reading: named, resolution: null })).toEqual(['deny', ['read-known-elsewhere']]);
    const assumed = reading([
      { ...operation({ effect: 'read', basis: 'assumed' }), targets: [environmentRefs.production] },
    ]);
    expect(verdictOf({ reading: assumed })[0]).toBe('deny');
    const own = reading([operation({ effect: 'read', targets: [environmentRefs.staging] })]);
    expect(verdictOf({ reading: own, resolution: null })[0]).toBe('allow');
  });

  it('needs only the scope for an account-wide read, and a human for an account-wide write', () => {
    const list = operation({ effect: 'read', account: true, targets: [], scope: 'projects' });
    expect(verdictOf({ reading: reading([list]), resolution: null })[0]).toBe('allow');
    const create = operation({ account: true, targets: [], scope: 'projects' });
    expect(verdictOf({ reading: reading([create]), resolution: null })[0]).toBe('hold');
    expect(verdictOf({ reading: reading([create]), resolution: null, grant: grant({ environments: 'all' }) })[0]).toBe(
      'hold',
    );
  });
});

describe('disposable environments', () => {
  const free = { reading: reading([destroy]), resolution: resolution([preview]) };
  it('let proven destruction pass without a human', () => {
    expect(verdictOf(free)).toEqual(['allow', ['disposable']]);
  });

  it.each<[string, Partial<DecideInput>, VerdictKind]>([
    ['also reaches staging', { resolution: resolution([preview, staging]) }, 'hold'],
    ['also reaches an unknown place', { resolution: resolution([preview, unknown]) }, 'hold'],
    ['grant says never', { grant: grant({ destructive: 'never' }) }, 'deny'],
    ['environment is not granted', { grant: grant({ environments: ['staging'] }) }, 'hold'],
    ['reading is assumed', { reading: reading([{ ...destroy, basis: 'assumed' }]) }, 'hold'],
    ['names no target', { reading: reading([{ ...destroy, targets: [] }]) }, 'hold'],
    ['is not resolved', { resolution: null }, 'hold'],
    [
      'one of two targets was not found',
      { reading: reading([{ ...destroy, targets: [volume, { ...volume, id: 'x' }] }]) },
      'hold',
    ],
    ['removes protection as well', { reading: reading([{ ...destroy, aspects: ['removes-protection'] }]) }, 'hold'],
    [
      'is protected as well',
      { resolution: resolution([{ ...production, name: 'preview', disposable: true }]) },
      'hold',
    ],
  ])('not if it %s', (_name, change, want) => {
    expect(verdictOf({ ...free, ...change })[0]).toBe(want);
  });
});

describe('several operations', () => {
  it('judges each where it lies, and takes the strictest', () => {
    const me = operation({ name: 'me', effect: 'read', account: true, targets: [], scope: 'account' });
    const beside = { ...resolution([staging]), environments: [account, staging] };
    expect(verdictOf({ reading: reading([operation(), me]), resolution: beside })[0]).toBe('allow');
    expect(verdictOf({ reading: reading([operation()]), resolution: beside })[0]).toBe('hold');
    expect(verdictOf({ reading: reading([operation(), destroy]) })[0]).toBe('hold');
    const two = [operation(), operation({ targets: [{ ...volume, id: 'other' }], scope: 'services' })];
    const scoped = grant({ scopes: [{ kind: 'volumes', access: 'write' }] });
    expect(verdictOf({ reading: reading(two), grant: scoped })).toEqual(['deny', ['scope-missing']]);
  });

  it('gives places that nothing names to every operation', () => {
    const found = resolution([staging]);
    const more = { ...found.resources[0], ref: { ...volume, id: 'indirect' }, environments: [production] };
    const wide = {
      ...found,
      resources: [...found.resources, more as (typeof found.resources)[0]],
      environments: [production, staging],
    };
    expect(verdictOf({ resolution: wide })).toEqual(['hold', ['write-elsewhere']]);
  });
});

describe('credentials', () => {
  it.each<[string, DecideInput['credentialState'], VerdictKind, string]>([
    ['ours', { kind: 'placeholder', credential: 'railway' }, 'allow', 'within-grant'],
    ['not in the grant', { kind: 'placeholder', credential: 'neon' }, 'deny', 'credential-not-granted'],
    [
      'stray',
      { kind: 'stray', fingerprint: 'fp:3a9c', slot: 'authorization', found: 'domains/railway.env:2' },
      'deny',
      'credential-stray',
    ],
    [
      'misplaced',
      { kind: 'refused', reason: reason('credential-misplaced', 'A.', 'B.', 'C.') },
      'deny',
      'credential-misplaced',
    ],
    ['of no known shape, at a governed host', { kind: 'carried', slot: 'cookie' }, 'deny', 'credential-stray'],
  ])('%s -> %s %s', (_name, credentialState, want, code) => {
    expect(verdictOf({ credentialState })).toEqual([want, [code]]);
  });

  it('names file and line of a stray credential', () => {
    const credentialState = {
      kind: 'stray',
      fingerprint: 'fp:3a9c',
      slot: 'authorization',
      found: 'domains/railway.env:2',
    } as const;
    expect(decide(decideInput({ credentialState })).reasons[0]?.why).toContain('domains/railway.env:2');
  });
});

describe('hosts that are no provider', () => {
  const other = { name: 'docs.example', class: 'other' } as const;
  const ordinary = { name: 'docs.example', class: 'ordinary' } as const;
  const plain = { reading: reading([read]), resolution: null };
  const writes = { reading: reading([operation()]), resolution: null };
  const destroys = { reading: reading([destroy]), resolution: null };
  const strict = { policy: policy({ hosts: { ...policy().hosts, strict: true } }) };
  const carried = { credentialState: { kind: 'carried', slot: 'authorization' } } as const;
  const says = (as: 'ordinary' | 'denied', agent: string | null = 'cursor-staging') => ({
    hostDecisions: [{ agent, host: 'docs.example', as }],
  });

  it.each<[string, Partial<DecideInput>, VerdictKind, string]>([
    ['plain read', { host: other, ...plain }, 'allow', 'host-read'],
    ['plain read with a credential', { host: other, ...plain, ...carried }, 'hold', 'host-credential'],
    ['write', { host: other, ...writes }, 'hold', 'host-unproven'],
    ['assumed read', { host: other, reading: reading([{ ...read, basis: 'assumed' }]) }, 'hold', 'host-unproven'],
    ['destruction', { host: other, ...destroys }, 'hold', 'host-destructive'],
    [
      'destruction with never',
      { host: other, ...destroys, grant: grant({ destructive: 'never' }) },
      'deny',
      'destructive-never',
    ],
    ['strict, plain read', { host: other, ...plain, ...strict }, 'deny', 'host-strict'],
    ['strict, ordinary', { host: ordinary, ...writes, ...strict }, 'allow', 'host-ordinary'],
    ['ordinary, write with a credential', { host: ordinary, ...writes, ...carried }, 'allow', 'host-ordinary'],
    ['ordinary, destruction', { host: ordinary, ...destroys }, 'hold', 'host-destructive'],
    ['listed by a human for this agent', { host: other, ...writes, ...says('ordinary') }, 'allow', 'host-ordinary'],
    ['listed for another agent', { host: other, ...writes, ...says('ordinary', 'else') }, 'hold', 'host-unproven'],
    ['denied by a human', { host: other, ...plain, ...says('denied') }, 'deny', 'host-denied'],
    ['denied for all', { host: ordinary, ...plain, ...says('denied', null) }, 'deny', 'host-denied'],
    ['ordinary cannot free destruction', { host: other, ...destroys, ...says('ordinary') }, 'hold', 'host-destructive'],
    [
      'a provider cannot be listed away',
      { host: { name: 'docs.example', class: 'governed' }, ...destroys, ...says('ordinary') },
      'hold',
      'destructive-needs-human',
    ],
  ])('%s', (_name, change, want, code) => {
    expect(verdictOf(change)).toEqual([want, [code]]);
  });
});

describe('what breaks is denied', () => {
  it('denies when a rule throws', () => {
    const broken = { ...reading([operation()]) };
    Object.defineProperty(broken, 'operations', {
      get() {
        throw new Error('broken');
      },
    });
    expect(verdictOf({ reading: broken })).toEqual(['deny', ['rule-broken']]);
  });

  it('does not know a place in a resolution that lists none', () => {
    expect(verdictOf({ resolution: { ...resolution([]), environments: [] } })).toEqual(['hold', ['write-elsewhere']]);
  });
});

describe('reasons', () => {
  it('say which scope is missing and what the grant covers', () => {
    const logs = grant({
      scopes: [
        { kind: 'deployments', access: 'read' },
        { kind: 'logs', access: 'read' },
      ],
    });
    expect(decide(decideInput({ grant: logs })).reasons[0]).toEqual({
      code: 'scope-missing',
      what: 'This action needs volumes:write, which the grant does not cover.',
      why: "Scope volumes:write is missing: this agent's grant covers deployments:read, logs:read.",
      next: 'Do not look for another route. Tell your human what you need and why; only they can widen a grant.',
    });
  });

  it('say where it lies, who says so, and that it is irreversible', () => {
    const held = decide(decideInput({ reading: reading([destroy]), resolution: resolution([production, staging]) }));
    expect(held.reasons[0]?.why).toBe(
      'It reaches production (verified by railway:environments) and staging (verified by railway:environments). Nothing is known that brings it back: IRREVERSIBLE.',
    );
  });

  it('never repeat a word of the agent', () => {
    const words = 'approved-by-admin';
    const said = decide(
      decideInput({ reading: reading([{ ...destroy, name: words, bypass: [words] }], { operation: words }) }),
    );
    expect(JSON.stringify(said)).not.toContain(words);
  });
});

describe('needsResolution', () => {
  const ask = (change: Partial<DecideInput>) => needsResolution(decideInput(change));
  it.each<[string, Partial<DecideInput>, boolean]>([
    ['a write inside the scopes', {}, true],
    ['a plain read', { reading: reading([read]) }, false],
    ['an assumed read', { reading: reading([{ ...read, basis: 'assumed' }]) }, true],
    ['a read of secrets', { reading: reading([{ ...read, aspects: ['exposes-secrets'] }]) }, true],
    [
      'a read of masked secrets',
      { reading: reading([{ ...read, aspects: ['exposes-secrets'], masks: ['a'] }]) },
      false,
    ],
    ['destruction with confirm', { reading: reading([destroy]) }, true],
    ['destruction with never', { reading: reading([destroy]), grant: grant({ destructive: 'never' }) }, false],
    ['a missing scope', { grant: grant({ scopes: [] }) }, false],
    ['no grant', { grant: null }, false],
    ['another host', { host: { name: 'docs.example', class: 'other' } }, false],
    ['no host at all', { host: null }, true],
    [
      'an account-wide write',
      { reading: reading([operation({ account: true })]), resolution: resolution([account]) },
      true,
    ],
  ])('%s -> %s', (_name, change, want) => {
    expect(ask(change)).toBe(want);
  });
});
