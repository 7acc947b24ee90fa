// The resolver against the faithful fake: exact lines for the incident, unknown whenever the walk is not complete, and
// hundreds of random changes after each of which the evidence must equal the fake's own state. The expectation is
// computed from the tables, never from the API, so that a shared mistake has nowhere to hide.

import { describe, expect, it } from 'vitest';
import type { Operation, ResourceRef } from '../../action/action.ts';
import type { Call } from '../../lab/fake-railway/call.ts';
import { type FirstWorld, firstWorld } from '../../lab/fake-railway/first-world.ts';
import { graphqlEndpoint } from '../../lab/fake-railway/graphql-endpoint.ts';
import { randomChange } from '../../lab/fake-railway/random-change.ts';
import { railwaySchema } from '../../lab/fake-railway/schema.ts';
import { commitPatch, deleteVolume, stage } from '../../lab/fake-railway/transition.ts';
import type { TokenReach, World } from '../../lab/fake-railway/world.ts';
import { resolveWith } from '../../resolve/resolution.ts';
import type { EvidenceAnswer, EvidenceCall } from './evidence.ts';
import { railwayResolver } from './resolver.ts';
import { plainName, sizeOf } from './resolver-lines.ts';

const endpoint = graphqlEndpoint(railwaySchema());
const startMs = Date.UTC(2026, 3, 24, 14, 0);

/** The fake without its sockets: one mutable world, a clock, and what was asked. */
interface Bench {
  readonly first: FirstWorld;
  world: World;
  nowMs: number;
  reach: TokenReach;
  pageMax: number;
  readonly asked: string[];
  /** Replaces the answer to a query; null: the fake answers. */
  broken: (id: string) => EvidenceAnswer | Promise<EvidenceAnswer> | null;
  readonly call: EvidenceCall;
}

function bench(seed: number): Bench {
  const first = firstWorld(seed);
  const made: Bench = {
    first,
    world: first.world,
    nowMs: startMs,
    reach: { kind: 'account' },
    pageMax: 500,
    asked: [],
    broken: () => null,
    call: async (query, variables) => {
      made.asked.push(query.id);
      const broken = await made.broken(query.id);
      if (broken !== null) return broken;
      const call: Call = {
        world: () => made.world,
        change: () => expect.unreachable('an evidence call changed something'),
        caller: made.reach,
        atMs: made.nowMs,
        pageMax: made.pageMax,
        newId: () => '',
      };
      const body = JSON.stringify({ query: query.document, variables });
      const answer = await endpoint.post(call, Buffer.from(body), '');
      return { kind: 'answered', status: answer.status, body: JSON.parse(JSON.stringify(answer.body)) as unknown };
    },
  };
  return made;
}

function resolverOf(on: Bench) {
  return railwayResolver({ call: on.call, clock: { wallMs: () => on.nowMs }, cacheMs: 30_000 });
}

function operation(
  name: string,
  targets: readonly (readonly [kind: string, id: string])[],
  effect: Operation['effect'] = 'destructive',
): Operation {
  return {
    name,
    effect,
    basis: 'proven',
    recovery: 'unknown',
    aspects: [],
    scope: 'volumes',
    targets: targets.map(([kind, id]) => ({ provider: 'railway', kind, id })),
    account: false,
    bypass: [],
    evidence: [],
    masks: [],
  };
}

const now = { fresh: true, signal: new AbortController().signal };
const volumeDelete = (on: Bench, id = on.first.world.began.volumeId) => operation('volumeDelete', [['volume', id]]);

async function locateOne(on: Bench, asked: Operation, ref: ResourceRef | undefined = asked.targets[0]) {
  const all = await resolverOf(on).locate([asked], now);
  const found = all.find((each) => each.ref.id === ref?.id && each.ref.kind === ref.kind);
  if (found === undefined) throw new Error('not located');
  return found;
}

const environmentIds = (located: { readonly places: readonly { readonly environment: ResourceRef }[] }) =>
  located.places.map((place) => place.environment.id).sort();

function named(on: Bench, name: string): string {
  const found = on.world.environments.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found.id;
}

describe('the incident', () => {
  it('reads as the line a human needs', async () => {
    const on = bench(1);
    const operations = [volumeDelete(on)];
    const located = await resolverOf(on).locate(operations, now);
    const policy = [
      {
        name: 'production',
        protected: true,
        disposable: false,
        is: [{ provider: 'railway', kind: 'environment', id: named(on, 'production') }],
      },
      {
        name: 'staging',
        protected: false,
        disposable: false,
        is: [{ provider: 'railway', kind: 'environment', id: named(on, 'staging') }],
      },
    ];
    const resolution = resolveWith(located, operations, policy, startMs);
    expect(resolution.line).toBe(
      'volumeDelete 3d2c42fb -> project pocketos -> staging /var/lib/postgresql/data, production /var/lib/postgresql/data (41 GB, 6 backups inside) - the API takes no environment - undo: 48 h, e-mailed link',
    );
    expect(resolution.environments.map((each) => (each.kind === 'verified' ? each.name : each.kind))).toEqual([
      'production',
      'staging',
    ]);
    expect(located[0]?.blast).toMatchObject({
      bytes: 41_000_000_000,
      backupsInside: 6,
      rows: null,
      dependents: ['Postgres'],
    });
  });

  it('is unknown after it: a volume that nobody has', async () => {
    const on = bench(1);
    on.world = deleteVolume(on.world, on.world.began.volumeId, startMs);
    expect(await locateOne(on, volumeDelete(on))).toMatchObject({
      places: [],
      incomplete: expect.stringContaining('No project'),
    });
  });

  it('takes an id in capitals for the same id, and the retelling’s id for none', async () => {
    const on = bench(1);
    const upper = volumeDelete(on, on.world.began.volumeId.toUpperCase());
    expect((await locateOne(on, upper)).places).toHaveLength(2);
    on.asked.length = 0;
    expect((await locateOne(on, volumeDelete(on, 'vol_prod_abc123'))).incomplete).not.toBeNull();
    expect(on.asked).toEqual([]);
  });
});

describe('incomplete is unknown', () => {
  const answered = (body: unknown, status = 200): EvidenceAnswer => ({ kind: 'answered', status, body });
  const failures: readonly [string, EvidenceAnswer | 'reject'][] = [
    ['an error inside a 200', answered({ data: null, errors: [{ message: 'Not Authorized' }] })],
    [
      'an error beside data',
      answered({
        data: { projects: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } },
        errors: [{ message: 'x' }],
      }),
    ],
    ['HTTP 500', answered({}, 500)],
    ['another shape', answered({ data: { project: 7, projects: 7, volumeInstanceBackupList: 7, environment: 7 } })],
    ['a text', answered('<html>')],
    [
      'a page that is missing its cursor',
      answered({ data: { projects: { edges: [], pageInfo: { hasNextPage: true, endCursor: null } } } }),
    ],
    ['a timeout', { kind: 'unreachable', because: 'timeout' }],
    ['a call that rejects', 'reject'],
  ];
  const queries = ['railway:projects', 'railway:project', 'railway:volumeInstanceBackupList'];
  const cases = queries.flatMap((id) => failures.map(([how, answer]) => [id, how, answer] as const));
  it.each(cases)('%s: %s', async (id, _how, answer) => {
    const on = bench(2);
    let broke = 0;
    on.broken = (asked) => {
      if (asked !== id) return null;
      broke += 1;
      return answer === 'reject' ? Promise.reject(new Error('reset')) : answer;
    };
    expect((await locateOne(on, volumeDelete(on))).incomplete).not.toBeNull();
    expect(broke).toBeGreaterThan(0);
  });

  it('a signal that fires while Railway is silent', async () => {
    const on = bench(2);
    const abort = new AbortController();
    on.broken = () => {
      abort.abort();
      return new Promise(() => {});
    };
    const [found] = await resolverOf(on).locate([volumeDelete(on)], { fresh: true, signal: abort.signal });
    expect(found?.incomplete).toContain('too long');
  });

  it('an environment that the reader may not look into', async () => {
    const on = bench(2);
    on.reach = { kind: 'workspace', workspaceId: on.world.workspaces[0]?.id ?? '' };
    expect((await locateOne(on, volumeDelete(on))).incomplete).toBeNull();
    on.world = {
      ...on.world,
      environments: on.world.environments.map((each) =>
        each.name === 'production' ? { ...each, restricted: true } : each,
      ),
    };
    const found = await locateOne(on, volumeDelete(on));
    expect(found.incomplete).toContain('may not look into 1 environment');
    expect(environmentIds(found)).toEqual([named(on, 'staging')]);
  });

  it('a reader with a project token sees its own place and says that it is not all', async () => {
    const on = bench(2);
    on.reach = on.first.tokens.staging.reach;
    expect((await locateOne(on, volumeDelete(on))).incomplete).toContain('may not look into');
    expect(on.asked).toContain('railway:projectToken');
  });

  it('a kind that nobody can locate', async () => {
    const on = bench(2);
    expect(
      (await locateOne(on, operation('bucketDelete', [['bucket', named(on, 'staging')]]))).incomplete,
    ).not.toBeNull();
  });
});

describe('other targets', () => {
  const on = bench(3);
  const staging = named(on, 'staging');
  const production = named(on, 'production');
  const both = [staging, production].sort();
  const volumeId = on.world.began.volumeId;
  const projectId = on.world.projects[0]?.id ?? '';
  const [postgres, web] = on.world.services.map((each) => each.id);
  const disk = on.world.volumeInstances.find((each) => each.environmentId === staging);
  const deployment = on.world.deployments.find((each) => each.environmentId === staging)?.id ?? '';
  const [custom, own] = on.world.domains;
  it.each<[string, Operation, readonly string[]]>([
    ['environmentDelete', operation('environmentDelete', [['environment', staging]]), [staging]],
    ['projectDelete', operation('projectDelete', [['project', projectId]]), both],
    ['serviceDelete everywhere', operation('serviceDelete', [['service', web ?? '']]), both],
    [
      'serviceDelete in one',
      operation('serviceDelete', [
        ['service', postgres ?? ''],
        ['environment', staging],
      ]),
      [staging],
    ],
    ['volumeInstanceUpdate without environment', operation('volumeInstanceUpdate', [['volume', volumeId]]), both],
    [
      'volumeInstanceUpdate in one',
      operation('volumeInstanceUpdate', [
        ['volume', volumeId],
        ['environment', staging],
      ]),
      [staging],
    ],
    [
      'an operation that is not known to be narrowed',
      operation('volumeShred', [
        ['volume', volumeId],
        ['environment', staging],
      ]),
      both,
    ],
    ['deploymentRemove', operation('deploymentRemove', [['deployment', deployment]]), [staging]],
    ['customDomainDelete', operation('customDomainDelete', [['customDomain', custom?.id ?? '']]), [production]],
    ['serviceDomainDelete', operation('serviceDomainDelete', [['domain', own?.id ?? '']]), [staging]],
    ['a disk', operation('volumeInstanceBackupCreate', [['volume-instance', disk?.id ?? '']], 'write'), [staging]],
    [
      'a backup',
      operation('volumeInstanceBackupDelete', [
        ['backup', disk?.backups[0]?.id ?? ''],
        ['volumeInstance', disk?.id ?? ''],
      ]),
      [staging],
    ],
    [
      'variables',
      operation(
        'variableUpsert',
        [
          ['environment', staging],
          ['service', web ?? ''],
        ],
        'write',
      ),
      [staging],
    ],
  ])('%s', async (_name, asked, expected) => {
    const found = await locateOne(on, asked);
    expect([environmentIds(found), found.incomplete]).toEqual([expected, null]);
  });

  it.each<[string, Operation]>([
    [
      'a volume that is not in the environment named',
      operation('volumeInstanceUpdate', [
        ['volume', volumeId],
        ['environment', projectId],
      ]),
    ],
    [
      'a backup of another disk',
      operation('volumeInstanceBackupDelete', [
        ['backup', projectId],
        ['volumeInstance', disk?.id ?? ''],
      ]),
    ],
    ['a backup without its disk', operation('volumeInstanceBackupDelete', [['backup', disk?.backups[0]?.id ?? '']])],
    ['a domain that nobody has', operation('customDomainDelete', [['domain', projectId]])],
    ['a patch whose content is not named', operation('environmentPatchCommit', [['environment', staging]])],
  ])('unknown: %s', async (_name, asked) => {
    expect((await locateOne(on, asked)).incomplete).not.toBeNull();
  });

  it('shows which service and how many backups an environment takes with it', async () => {
    const found = await locateOne(on, operation('environmentDelete', [['environment', staging]]));
    expect(found.line).toBe('project pocketos -> staging (2.6 GB, 3 backups inside)');
    expect(found.blast).toMatchObject({ backupsInside: 3, dependents: ['Postgres'] });
  });
});

describe('staged patches', () => {
  const commit = (environmentId: string) => operation('environmentPatchCommitStaged', [['environment', environmentId]]);
  const prepare = (patch: unknown) => {
    const on = bench(4);
    on.world = stage(on.world, named(on, 'staging'), patch as Record<string, unknown>);
    return { on, staging: named(on, 'staging'), volumeId: on.world.began.volumeId };
  };

  it('are fetched, and what they delete is located everywhere it lies', async () => {
    const { on, staging } = prepare({ volumes: { [firstWorld(4).world.began.volumeId]: { isDeleted: true } } });
    const all = await resolverOf(on).locate([commit(staging)], now);
    expect(all.map((each) => [each.ref.kind, each.places.length, each.incomplete])).toEqual([
      ['environment', 1, null],
      ['volume', 2, null],
    ]);
    expect(all[0]?.line).toContain('the staged patch deletes volume 3d2c42fb');
    expect(all[1]?.blast?.backupsInside).toBe(6);
    expect(commitPatch(on.world, staging, {}, startMs)).toEqual(on.world);
  });

  it.each<[string, unknown, readonly string[], string]>([
    ['nothing', {}, ['environment'], 'deletes nothing'],
    ['a bucket', { buckets: { b1: { isDeleted: true } } }, ['environment', 'bucket?'], 'bucket (odd id)'],
    [
      'a service',
      { services: { [firstWorld(4).world.services[1]?.id ?? '']: { isDeleted: true } } },
      ['environment', 'service'],
      'service ',
    ],
    [
      'isDeleted as a text',
      { volumes: { [firstWorld(4).world.began.volumeId]: { isDeleted: 'true' } } },
      ['environment', 'volume'],
      'volume 3d2c42fb',
    ],
    [
      'a volume set to null',
      { volumes: { [firstWorld(4).world.began.volumeId]: null } },
      ['environment', 'volume'],
      'volume 3d2c42fb',
    ],
    [
      'a domain in a service',
      { services: { x: { networking: { customDomains: { y: { isDeleted: true } } } } } },
      ['environment'],
      '1 other thing',
    ],
    [
      'isDeleted: false',
      { volumes: { [firstWorld(4).world.began.volumeId]: { isDeleted: false } } },
      ['environment'],
      'deletes nothing',
    ],
    ['a list', [1], ['environment?'], ''],
  ])('%s', async (_what, patch, expected, says) => {
    const { on, staging } = prepare(patch);
    const all = await resolverOf(on).locate([commit(staging)], now);
    expect(all.map((each) => `${each.ref.kind}${each.incomplete === null ? '' : '?'}`)).toEqual(expected);
    expect(all[0]?.line).toContain(says);
  });
});

describe('cache', () => {
  it('answers for 30 s, never when fresh, never for a failure', async () => {
    const on = bench(5);
    const resolver = resolverOf(on);
    const ask = async (fresh: boolean) => {
      on.asked.length = 0;
      const [found] = await resolver.locate([volumeDelete(on)], { ...now, fresh });
      return { calls: on.asked.length, backups: found?.blast?.backupsInside, incomplete: found?.incomplete ?? null };
    };
    const asked = await ask(false);
    expect(asked.calls).toBe(4);
    on.world = randomBackupGone(on.world);
    on.nowMs += 29_999;
    expect(await ask(false)).toEqual({ calls: 0, backups: 6, incomplete: null });
    expect(await ask(true)).toEqual({ calls: 4, backups: 5, incomplete: null });
    on.nowMs += 30_001;
    on.broken = () => ({ kind: 'unreachable', because: 'down' });
    expect((await ask(false)).incomplete).not.toBeNull();
    on.broken = () => null;
    expect(await ask(false)).toEqual({ calls: 4, backups: 5, incomplete: null });
    on.nowMs -= 60_000;
    expect((await ask(false)).calls).toBe(4);
  });
});

function randomBackupGone(world: World): World {
  const volumeInstances = world.volumeInstances.map((each, index) =>
    index === 0 ? { ...each, backups: each.backups.slice(1) } : each,
  );
  return { ...world, volumeInstances };
}

/** What a perfect reader would say, from the tables. */
function expectedOf(world: World, volumeId: string) {
  const disks = world.volumeInstances.filter((each) => each.volumeId === volumeId);
  const volume = world.volumes.find((each) => each.id === volumeId);
  const project = world.projects.find((each) => each.id === volume?.projectId);
  const megabytes = disks.reduce((sum, each) => sum + each.currentSizeMB, 0);
  const backups = disks.reduce((sum, each) => sum + each.backups.length, 0);
  const nameOf = (id: string) => world.environments.find((each) => each.id === id)?.name ?? '';
  return {
    environments: disks.map((each) => each.environmentId).sort(),
    details: disks.map((each) => `${plainName(nameOf(each.environmentId))} ${each.mountPath}`).sort(),
    bytes: Math.round(megabytes * 1_000_000),
    backups,
    project: project?.name ?? '',
    size: sizeOf(megabytes),
    recent: disks.map((each) => startMs - Date.parse(each.createdAt) < 24 * 3_600_000),
  };
}

describe('after random changes', () => {
  const seeds = 240;
  it(`${seeds} worlds: the evidence equals the state`, async () => {
    const count = { worlds: 0, compared: 0, unknown: 0, paged: 0, many: 0, restricted: 0 };
    for (let seed = 1; seed <= seeds; seed += 1) {
      const on = bench(seed);
      on.pageMax = seed % 3 === 0 ? 1 : 500;
      if (seed % 4 === 0) on.reach = { kind: 'workspace', workspaceId: on.world.workspaces[0]?.id ?? '' };
      const changes = 1 + (seed % 9);
      for (let step = 0; step < changes; step += 1) on.world = randomChange(on.world, seed * 100 + step, startMs);
      count.worlds += 1;
      if (on.pageMax === 1) count.paged += 1;
      for (const volume of on.world.volumes) {
        const found = await locateOne(on, volumeDelete(on, volume.id));
        const truth = expectedOf(on.world, volume.id);
        const closed =
          on.reach.kind !== 'account' &&
          on.world.environments.some((each) => each.restricted && each.projectId === volume.projectId);
        if (closed || truth.environments.length === 0) {
          expect(found.incomplete, `seed ${seed}`).not.toBeNull();
          count.unknown += 1;
          if (closed) count.restricted += 1;
          continue;
        }
        expect(found.incomplete, `seed ${seed}`).toBeNull();
        expect(environmentIds(found), `seed ${seed}`).toEqual(truth.environments);
        expect(found.places.map((each) => `${each.label} ${each.detail}`).sort()).toEqual(truth.details);
        expect(found.blast).toMatchObject({ bytes: truth.bytes, backupsInside: truth.backups });
        expect(found.line).toContain(`project ${truth.project} -> `);
        expect(found.line).toContain(
          `(${truth.size}, ${truth.backups} backup${truth.backups === 1 ? '' : 's'} inside)`,
        );
        if (truth.recent.includes(true)) expect(found.places.some((each) => each.changedRecently)).toBe(true);
        count.compared += 1;
        if (truth.environments.length > 2) count.many += 1;
      }
    }
    expect(count.worlds).toBe(seeds);
    for (const [what, least] of [
      ['compared', 200],
      ['paged', 60],
      ['many', 20],
      ['restricted', 5],
    ] as const) {
      expect(count[what], what).toBeGreaterThan(least);
    }
  });
});
