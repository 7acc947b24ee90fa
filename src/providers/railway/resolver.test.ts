// The resolver against the faithful fake: exact lines for the incident, every kind of target, staged patches, and unknown
// whenever the walk is not complete. What it says after hundreds of random changes is resolver-random.test.ts.

import { describe, expect, it } from 'vitest';
import type { Operation } from '../../action/action.ts';
import { firstWorld } from '../../lab/fake-railway/first-world.ts';
import { commitPatch, deleteVolume, stage } from '../../lab/fake-railway/transition.ts';
import type { World } from '../../lab/fake-railway/world.ts';
import { resolveWith } from '../../resolve/resolution.ts';
import {
  bench,
  environmentIds,
  locateOne,
  named,
  now,
  operation,
  resolverOf,
  startMs,
  volumeDelete,
} from '../../testing/railway-bench.ts';
import type { EvidenceAnswer } from './evidence.ts';

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

  it('more ids than anybody needs, without asking for them', async () => {
    const on = bench(2);
    const volumeId = on.world.began.volumeId;
    const many = Array.from({ length: 60 }, () => ['volume', volumeId] as const);
    const all = await resolverOf(on).locate([operation('volumeDelete', many)], now);
    expect(all.filter((each) => each.incomplete === null)).toHaveLength(40);
    expect(all.filter((each) => each.incomplete?.includes('more than 40'))).toHaveLength(20);
    expect(on.asked).toHaveLength(4);
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
    [
      'a query of one environment that names the project too',
      operation(
        'deployments',
        [
          ['project', projectId],
          ['environment', staging],
        ],
        'read',
      ),
      [staging],
    ],
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
