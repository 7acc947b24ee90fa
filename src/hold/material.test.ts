// What a yes is bound to, and what is a change: new, gone, worse or over its bound re-holds, nothing else does.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment, Operation } from '../action/action.ts';
import { environment, sampleHold } from '../testing/sample-hold.ts';
import type { MaterialFacts } from './hold.ts';
import { boundOf, environmentName, materialChanges, materialFacts } from './material.ts';

describe('boundOf', () => {
  it.each<[number | null, number | null]>([
    [null, null],
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 5],
    [5, 5],
    [6, 10],
    [10, 10],
    [11, 20],
    [999, 1000],
    [1000, 1000],
    [1001, 2000],
    [12_418, 20_000],
    [41_000_000_000, 50_000_000_000],
    [Number.MAX_SAFE_INTEGER, 1e16],
    // PostgreSQL's word for "never analysed"; nothing to lose would be a lie.
    [-1, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])('%s -> %s', (value, bound) => {
    expect(boundOf(value)).toBe(bound);
  });

  it('is at least the value, never tenfold, the same for itself, and grows with it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), fc.integer({ min: 0, max: 2 ** 50 }), (value, more) => {
        const bound = boundOf(value) ?? Number.NaN;
        expect(bound).toBeGreaterThanOrEqual(value);
        expect(bound).toBeLessThan(value * 2.5 + 1);
        expect(boundOf(bound)).toBe(bound);
        expect(boundOf(value + more)).toBeGreaterThanOrEqual(bound);
      }),
    );
  });
});

const { reading, resolution } = sampleHold();
const facts = materialFacts(reading, resolution);
const [resource] = resolution.resources;

describe('materialFacts', () => {
  it('takes bounds and names, not sizes and times', () => {
    expect(facts).toEqual({
      operation: 'volumeDelete',
      resources: ['railway:volume:3d2c42fb'],
      environments: ['production', 'staging'],
      recovery: 'unknown',
      bypass: [],
      bytesMax: 50_000_000_000,
      rowsMax: null,
      backupsMax: 10,
    });
    expect(materialFacts(reading, { ...resolution, atMs: 1, line: 'elsewhere' })).toEqual(facts);
  });

  it('does not know the sum when one part is not known, or is no count', () => {
    if (resource?.blast === undefined || resource.blast === null) throw new Error('the sample has a blast');
    const { blast } = resource;
    const sized = (bytes: number | null) => ({ ...resource, blast: { ...blast, bytes } });
    const of = (...sizes: readonly (number | null)[]) =>
      materialFacts(reading, { ...resolution, resources: sizes.map(sized) }).bytesMax;
    expect(of(3, 4)).toBe(10);
    expect(of(3, null)).toBeNull();
    expect(of(3, -1)).toBeNull();
    expect(of()).toBeNull();
    expect(materialFacts(reading, { ...resolution, resources: [{ ...resource, blast: null }] }).bytesMax).toBeNull();
  });

  it('does not depend on the order in which a provider lists things', () => {
    const turned = { ...resolution, environments: [...resolution.environments].reverse() };
    expect(materialFacts(reading, turned)).toEqual(facts);
  });

  it('collects the parameters that skip a safety net', () => {
    const operation = { bypass: ['skipFinalSnapshot=true', 'force=true'] } as unknown as Operation;
    expect(materialFacts({ ...reading, operations: [operation] }, resolution).bypass).toEqual([
      'force=true',
      'skipFinalSnapshot=true',
    ]);
  });

  it.each<[Environment, string]>([
    [environment('staging', 'open'), 'staging'],
    [{ kind: 'unknown', because: 'no access' }, '(unknown)'],
    [{ kind: 'account' }, '(account)'],
  ])('%j is %s', (place, name) => {
    expect(environmentName(place)).toBe(name);
  });
});

describe('materialChanges', () => {
  const small: MaterialFacts = { ...facts, recovery: 'window', bypass: ['force=true'], rowsMax: 100 };

  it.each<[string, Partial<MaterialFacts>]>([
    ['another operation', { operation: 'projectDelete' }],
    ['worse recovery', { recovery: 'none' }],
    ['recovery no longer known', { recovery: 'unknown' }],
    ['a word for recovery that is none', { recovery: 'surely' }],
    ['a new resource', { resources: [...small.resources, 'railway:volume:2'] }],
    ['a resource gone', { resources: [] }],
    [
      'two resources whose names join to the same text',
      { resources: small.resources.flatMap((each) => each.split(':')) },
    ],
    ['a new environment', { environments: ['production', 'staging', 'test'] }],
    ['an environment gone', { environments: ['staging'] }],
    ['an environment no longer verified', { environments: ['(unknown)'] }],
    ['a bypass more', { bypass: ['force=true', 'skip=1'] }],
    ['a bypass less', { bypass: [] }],
    ['more bytes than the bound', { bytesMax: 100_000_000_000 }],
    ['more rows than the bound', { rowsMax: 200 }],
    ['more backups than the bound', { backupsMax: 20 }],
    ['a size no longer known', { rowsMax: null }],
  ])('a change: %s', (_what, parts) => {
    expect(materialChanges(small, { ...small, ...parts })).toHaveLength(1);
  });

  it.each<[string, Partial<MaterialFacts>]>([
    ['the same', {}],
    ['better recovery', { recovery: 'undo' }],
    ['fewer bytes', { bytesMax: 1 }],
    ['nothing left', { bytesMax: 0, rowsMax: 0, backupsMax: 0 }],
  ])('no change: %s', (_what, parts) => {
    expect(materialChanges(small, { ...small, ...parts })).toEqual([]);
  });

  it('tells two unknown environments apart, although both are shown as (unknown)', () => {
    const at = (...because: readonly string[]) =>
      materialFacts(reading, {
        ...resolution,
        environments: because.map((each) => ({ kind: 'unknown' as const, because: each })),
      });
    const [first, second] = [
      'railway:environment:1 is in no environment',
      'railway:environment:2 is in no environment',
    ];
    expect(materialChanges(at(first), at(second))).toHaveLength(1);
    expect(materialChanges(at(first), at(first, second))).toHaveLength(1);
    expect(materialChanges(at(first, second), at(second, first))).toEqual([]);
  });

  it('knows more, not worse, when a size is found that was approved as not known', () => {
    expect(materialChanges({ ...small, rowsMax: null }, small)).toEqual([]);
  });

  it('compares lists, not joined text', () => {
    const joined = { ...small, bypass: ['a=1, b=2'] };
    expect(materialChanges(joined, { ...small, bypass: ['a=1', 'b=2'] })).toHaveLength(1);
  });
});
