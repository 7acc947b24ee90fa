// Tables for each rule of the mapping, then two properties: the union never loses a strict environment, and one more
// place never makes an answer milder. Counterpart in the world: providers/railway/resolver.test.ts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment, Operation, ResourceRef } from '../action/action.ts';
import type { EnvironmentPolicy } from './environment-policy.ts';
import { resolveWith, resolveWithout, strictness } from './resolution.ts';
import type { Located, Place } from './resolver.ts';

const at = 1_777_000_000_000;
const volume: ResourceRef = { provider: 'railway', kind: 'volume', id: '3d2c42fb-0000-4000-8000-000000000001' };
const other: ResourceRef = { provider: 'railway', kind: 'volume', id: '77777777-0000-4000-8000-000000000002' };

function binding(name: string, id: string, flags: Partial<EnvironmentPolicy> = {}): EnvironmentPolicy {
  return {
    name,
    protected: false,
    disposable: false,
    is: [{ provider: 'railway', kind: 'environment', id }],
    ...flags,
  };
}

const policy: readonly EnvironmentPolicy[] = [
  binding('production', 'e-prod', { protected: true }),
  binding('staging', 'e-stag'),
  binding('preview', 'e-prev', { disposable: true }),
  binding('odd', 'e-odd', { disposable: true, protected: true }),
  binding('twice', 'e-stag-2'),
  binding('twice-protected', 'e-stag-2', { protected: true }),
];

function place(id: string, changedRecently: boolean | null = false): Place {
  return {
    environment: { provider: 'railway', kind: 'environment', id },
    label: 'production',
    detail: '',
    changedRecently,
  };
}

function located(ref: ResourceRef, places: readonly Place[], incomplete: string | null = null): Located {
  return { ref, label: null, places, incomplete, blast: null, undo: null, line: 'somewhere', evidence: [] };
}

function operation(part: Partial<Operation> = {}): Operation {
  return {
    name: 'volumeDelete',
    effect: 'destructive',
    basis: 'proven',
    recovery: 'unknown',
    aspects: [],
    scope: 'volumes',
    targets: [volume],
    account: false,
    bypass: [],
    evidence: [],
    masks: [],
    ...part,
  };
}

function shown(environments: readonly Environment[]): readonly string[] {
  return environments.map((environment) => {
    if (environment.kind !== 'verified') return environment.kind;
    return `${environment.name}${environment.protected ? '!' : ''}${environment.disposable ? '~' : ''}`;
  });
}

describe('resolveWith', () => {
  const two = [operation({ targets: [volume, other] })];
  it.each<[string, readonly Located[], readonly Operation[], readonly string[]]>([
    ['an id binds', [located(volume, [place('e-stag')])], [operation()], ['staging']],
    ['a name never does: the label says production', [located(volume, [place('e-new')])], [operation()], ['unknown']],
    ['a longer id is another id', [located(volume, [place('e-stagx')])], [operation()], ['unknown']],
    [
      'two places: both, protected first',
      [located(volume, [place('e-stag'), place('e-prod')])],
      [operation()],
      ['production!', 'staging'],
    ],
    ['claimed twice: both', [located(volume, [place('e-stag-2')])], [operation()], ['twice-protected!', 'twice']],
    [
      'incomplete keeps what was found',
      [located(volume, [place('e-stag')], 'no access')],
      [operation()],
      ['unknown', 'staging'],
    ],
    ['no places', [located(volume, [])], [operation()], ['unknown']],
    ['nobody answered for a target', [], [operation()], ['unknown']],
    ['one of two unanswered', [located(volume, [place('e-stag')])], two, ['unknown', 'staging']],
    ['account', [], [operation({ targets: [], account: true, effect: 'write' })], ['account']],
    [
      'account and a place',
      [located(volume, [place('e-stag')])],
      [operation(), operation({ targets: [], account: true })],
      ['staging', 'account'],
    ],
    ['no targets', [], [operation({ targets: [] })], ['unknown']],
    [
      'no targets, plain read beside a place',
      [located(volume, [place('e-stag')])],
      [operation(), operation({ targets: [], effect: 'read' })],
      ['staging'],
    ],
    [
      'no targets, assumed read',
      [located(volume, [place('e-stag')])],
      [operation(), operation({ targets: [], effect: 'read', basis: 'assumed' })],
      ['unknown', 'staging'],
    ],
    [
      'no targets, read of secrets',
      [located(volume, [place('e-stag')])],
      [operation(), operation({ targets: [], effect: 'read', aspects: ['exposes-secrets'] })],
      ['unknown', 'staging'],
    ],
    ['only a plain read without place', [], [operation({ targets: [], effect: 'read' })], ['unknown']],
    ['no operations at all', [], [], ['unknown']],
    [
      'a staged patch reaches more than its target',
      [located(volume, [place('e-stag')]), located(other, [place('e-prod')])],
      [operation()],
      ['production!', 'staging'],
    ],
    ['disposable', [located(volume, [place('e-prev')])], [operation()], ['preview~']],
    ['disposable, changed today', [located(volume, [place('e-prev', true)])], [operation()], ['preview']],
    ['disposable, not known when changed', [located(volume, [place('e-prev', null)])], [operation()], ['preview']],
    [
      'disposable and elsewhere',
      [located(volume, [place('e-prev'), place('e-stag')])],
      [operation()],
      ['staging', 'preview'],
    ],
    ['disposable but protected', [located(volume, [place('e-odd')])], [operation()], ['odd!']],
    [
      'disposable but incomplete',
      [located(volume, [place('e-prev')], 'a page is missing')],
      [operation()],
      ['unknown', 'preview'],
    ],
    [
      'disposable, second target new',
      [located(volume, [place('e-prev')]), located(other, [place('e-prev', true)])],
      two,
      ['preview'],
    ],
    [
      'disposable beside an operation without targets',
      [located(volume, [place('e-prev')])],
      [operation(), operation({ targets: [], effect: 'read' })],
      ['preview'],
    ],
  ])('%s', (_because, found, operations, expected) => {
    const resolution = resolveWith(found, operations, policy, at);
    expect(shown(resolution.environments)).toEqual(expected);
    expect(resolution.atMs).toBe(at);
  });

  it('says in a resource what it says in the union', () => {
    const resolution = resolveWith([located(volume, [place('e-prev', true)])], [operation()], policy, at);
    expect(resolution.resources.map((resource) => shown(resource.environments))).toEqual([['preview']]);
  });

  it('is unknown for a provider without a resolver, and account for what is account-wide', () => {
    expect(shown(resolveWithout([operation()], at).environments)).toEqual(['unknown']);
    expect(shown(resolveWithout([operation({ targets: [], account: true })], at).environments)).toEqual(['account']);
  });
});

describe('the line', () => {
  const line =
    'project pocketos -> staging /data, production /data (41 GB, 6 backups inside) - the API takes no environment';
  it.each<[string, Partial<Located>, Partial<Operation>, string]>([
    [
      'undo is the provider’s word',
      { line, undo: '48 h, e-mailed link' },
      {},
      `volumeDelete 3d2c42fb -> ${line} - undo: 48 h, e-mailed link`,
    ],
    ['no word: not known, never left out', { line: 'x' }, {}, 'volumeDelete 3d2c42fb -> x - undo: not known'],
    [
      'nothing to undo for a write',
      { line: 'x' },
      { name: 'volumeUpdate', effect: 'write' },
      'volumeUpdate 3d2c42fb -> x',
    ],
    [
      'not verified',
      { line: 'x', incomplete: 'No access.' },
      {},
      'volumeDelete 3d2c42fb -> x - NOT VERIFIED: No access. - undo: not known',
    ],
  ])('%s', (_because, found, asked, expected) => {
    const resolution = resolveWith(
      [{ ...located(volume, [place('e-stag')]), ...found }],
      [operation(asked)],
      policy,
      at,
    );
    expect(resolution.line).toBe(expected);
  });

  it('lets no id write its own line', () => {
    const ref = { ...volume, id: `x\u202e\n-> staging ${'y'.repeat(100)}` };
    const { line: text } = resolveWith([], [operation({ targets: [ref], name: 'DELETE /a\nb' })], policy, at);
    expect(text).toMatch(/^DELETE \/a\?b x\?\?-\?\?staging\?y+… -> where this lies is not known/);
  });
});

const anyPlace = fc
  .tuple(
    fc.constantFrom('e-prod', 'e-stag', 'e-prev', 'e-odd', 'e-stag-2', 'e-nobody'),
    fc.constantFrom(true, false, null),
  )
  .map(([id, recent]) => place(id, recent));
const anyLocated = fc
  .tuple(
    fc.constantFrom(volume, other),
    fc.array(anyPlace, { maxLength: 4 }),
    fc.constantFrom(null, null, null, 'incomplete'),
  )
  .map(([ref, places, incomplete]) => located(ref, places, incomplete));
const anyOperation = fc
  .record({
    targets: fc.subarray([volume, other]),
    account: fc.boolean(),
    effect: fc.constantFrom('read', 'write', 'destructive' as const),
    basis: fc.constantFrom('proven', 'assumed' as const),
  })
  .map((part) => operation(part as Partial<Operation>));

/** What an action may do unasked: the mildest its environments allow is that of the strictest. */
const worst = (environments: readonly Environment[]) => Math.max(...environments.map(strictness));

describe('properties', () => {
  it('the union holds every environment of every resource, strictest first, and is never empty', () => {
    let withStrict = 0;
    fc.assert(
      fc.property(
        fc.array(anyLocated, { maxLength: 3 }),
        fc.array(anyOperation, { maxLength: 3 }),
        (found, operations) => {
          const { environments, resources } = resolveWith(found, operations, policy, at);
          expect(environments.length).toBeGreaterThan(0);
          const keys = environments.map((each) => JSON.stringify({ ...each, by: '' }));
          for (const resource of resources) {
            for (const each of resource.environments) expect(keys).toContain(JSON.stringify({ ...each, by: '' }));
            if (worst(resource.environments) >= 3) withStrict += 1;
          }
          expect(environments.map(strictness)).toEqual(environments.map(strictness).sort((a, b) => b - a));
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
      { numRuns: 500 },
    );
    expect(withStrict).toBeGreaterThan(100);
  });

  it('one more place is never milder, wherever it lies', () => {
    let stricter = 0;
    fc.assert(
      fc.property(fc.array(anyLocated, { minLength: 1, maxLength: 3 }), anyPlace, fc.nat(), (found, extra, pick) => {
        const index = pick % found.length;
        const more = found.map((each, i) => (i === index ? { ...each, places: [...each.places, extra] } : each));
        const before = resolveWith(found, [operation({ targets: found.map((each) => each.ref) })], policy, at);
        const after = resolveWith(more, [operation({ targets: found.map((each) => each.ref) })], policy, at);
        // A resource without any place is unknown already; a first place can only replace that unknown.
        const first = found[index]?.places.length === 0 && found[index].incomplete === null;
        if (!first) expect(worst(after.environments)).toBeGreaterThanOrEqual(worst(before.environments));
        if (worst(after.environments) > worst(before.environments)) stricter += 1;
        const disposable = (environments: readonly Environment[]) =>
          shown(environments).some((name) => name.endsWith('~'));
        if (!first && !disposable(before.environments)) expect(disposable(after.environments)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(stricter).toBeGreaterThan(30);
  });
});
