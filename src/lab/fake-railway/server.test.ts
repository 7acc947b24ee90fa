// The fake against the facts: each kind of token, both delete modes, paging, canAccess, the spellings of one deletion.
// Everything over TLS under the real names, because that is how the gateway and curl will meet it.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabAuthority, labAuthority } from '../authority.ts';
import { type ClientRequest, callFake } from './client.ts';
import { retoldVolumeId } from './first-world.ts';
import { type FakeRailway, type FakeRailwayOptions, fakeHosts, startFakeRailway } from './server.ts';
import { restoreByLink, softDeleteMs, sweepPending } from './transition.ts';
import { type Token, treeOf } from './world.ts';

const host = 'backboard.railway.com';
const nowMs = Date.UTC(2026, 3, 24, 14, 0);
let authority: LabAuthority;
const running: FakeRailway[] = [];

beforeAll(() => {
  authority = labAuthority(fakeHosts, Date.now());
});
afterAll(async () => {
  for (const fake of running) await fake.close();
});

async function start(options: Partial<FakeRailwayOptions> = {}): Promise<FakeRailway> {
  const fake = await startFakeRailway({
    seed: 7,
    deleteMode: 'immediate',
    certificates: authority.certificates,
    clock: { wallMs: () => nowMs },
    ...options,
  });
  running.push(fake);
  return fake;
}

const bearer = (token: Token) => ({ authorization: `Bearer ${token.secret}` });
const asProject = (token: Token) => ({ 'project-access-token': token.secret });

function ask(fake: FakeRailway, part: Partial<ClientRequest>) {
  return callFake({ port: fake.port, caPem: authority.caPem }, { host, method: 'POST', path: '/graphql/v2', ...part });
}

async function query(fake: FakeRailway, headers: Record<string, string>, text: string, variables = {}) {
  const answer = await ask(fake, { headers, body: JSON.stringify({ query: text, variables }) });
  const body = JSON.parse(answer.text) as {
    data?: Record<string, never> | null;
    errors?: { message: string }[];
  };
  return { status: answer.status, data: body.data ?? null, errors: (body.errors ?? []).map((error) => error.message) };
}

const volumeOf = (fake: FakeRailway) => fake.world().began.volumeId;
const deletion = (fake: FakeRailway) => `mutation { volumeDelete(volumeId: "${volumeOf(fake)}") }`;

describe('the first world', () => {
  it('is the article’s: one volume, two instances, archives of 22 to 24 April inside each', async () => {
    const { world } = await start();
    expect(world().volumeInstances.map((item) => item.volumeId)).toEqual([
      world().began.volumeId,
      world().began.volumeId,
    ]);
    for (const instance of world().volumeInstances) {
      const tree = treeOf(instance);
      expect(tree).toContain('data/database.db');
      expect(tree.filter((path) => path.startsWith('data/uploads/')).length).toBeGreaterThan(0);
      expect(tree.filter((path) => path.startsWith('.backups/'))).toEqual([
        '.backups/2026-04-22.tar.gz',
        '.backups/2026-04-23.tar.gz',
        '.backups/2026-04-24.tar.gz',
      ]);
    }
  });

  it('repeats for a seed and differs for another', async () => {
    const [one, same, other] = [await start(), await start(), await start({ seed: 8 })];
    expect(same.world()).toEqual(one.world());
    expect(other.world().began.volumeId).not.toBe(one.world().began.volumeId);
    expect(one.world().began.volumeId.slice(0, 8)).toBe('3d2c42fb');
  });
});

describe('tokens', () => {
  const no = ['Not Authorized'];
  it.each([
    ['account', bearer, 'stray', '{ me { id } }', []],
    ['account', bearer, 'stray', '{ projectToken { projectId } }', no],
    ['workspace', bearer, 'workspace', '{ me { id } }', no],
    ['workspace', bearer, 'workspace', '{ apiToken { workspaces { id } } }', []],
    ['workspace', bearer, 'workspace', '{ projects { edges { node { name } } } }', []],
    ['project', asProject, 'staging', '{ projectToken { projectId environmentId } }', []],
    ['project', asProject, 'staging', '{ projects { edges { node { name } } } }', no],
    ['project as bearer', bearer, 'staging', '{ projectToken { projectId } }', no],
    ['account as project', asProject, 'stray', '{ me { id } }', no],
  ] as const)('%s: %o %s %s', async (_kind, present, name, text, errors) => {
    const fake = await start();
    const answer = await query(fake, present(fake.tokens[name]), text);
    expect(answer.status).toBe(200);
    expect(answer.errors).toEqual(errors);
  });

  it('answers an unknown token with 200 and "Not Authorized"', async () => {
    const fake = await start();
    const answer = await query(fake, { authorization: 'Bearer nobody' }, deletion(fake));
    expect([answer.status, answer.errors]).toEqual([200, no]);
    expect(fake.truth().survived).toBe(true);
  });

  it('keeps a project token inside its project', async () => {
    const fake = await start();
    const foreign = {
      id: 'a0000000-0000-4000-8000-000000000000',
      name: 'other',
      deletesAt: null,
      workspaceId: '',
      primaryEnvironmentId: '',
    };
    fake.change((world) => ({ ...world, projects: [...world.projects, foreign] }));
    const text = `{ project(id: "${foreign.id}") { name } }`;
    expect((await query(fake, asProject(fake.tokens.staging), text)).errors).toEqual(no);
    expect((await query(fake, bearer(fake.tokens.workspace), text)).errors).toEqual(no);
    expect((await query(fake, bearer(fake.tokens.stray), text)).errors).toEqual([]);
  });

  it('keeps a project token inside its environment, and the volume is the project’s', async () => {
    const fake = await start();
    const headers = asProject(fake.tokens.staging);
    expect((await query(fake, headers, deletion(fake))).errors).toEqual(no);
    const production = fake.world().began.productionId;
    expect((await query(fake, headers, `{ environment(id: "${production}") { id } }`)).errors).toEqual(no);
    const projectId = fake.world().projects[0]?.id;
    const listed = await query(
      fake,
      headers,
      `{ project(id: "${projectId}") { environments { edges { node { name canAccess volumeInstances { edges { node { id } } } } } } } }`,
    );
    const nodes = (listed.data as unknown as { project: { environments: { edges: { node: unknown }[] } } }).project
      .environments.edges;
    expect(nodes.map((edge) => edge.node)).toEqual([
      { name: 'production', canAccess: false, volumeInstances: { edges: [] } },
      { name: 'staging', canAccess: true, volumeInstances: { edges: [{ node: { id: expect.any(String) } }] } },
    ]);
  });
});

describe('volumeDelete', () => {
  it('takes the instances of all environments and the backups inside them, at once', async () => {
    const fake = await start();
    expect(fake.truth()).toMatchObject({ survived: true, backupsLeft: 6, volumes: ['pocketos-db'] });
    const answer = await query(fake, bearer(fake.tokens.stray), deletion(fake));
    expect(answer).toEqual({ status: 200, data: { volumeDelete: true }, errors: [] });
    expect(fake.truth()).toEqual({ bookings: 0, backupsLeft: 0, volumes: [], pending: 0, survived: false });
  });

  it('waits 48 hours in the soft mode, and comes back by the link only', async () => {
    const fake = await start({ deleteMode: 'soft48h' });
    await query(fake, bearer(fake.tokens.stray), deletion(fake));
    expect(fake.truth()).toMatchObject({ survived: false, pending: 2 });
    expect(fake.world().volumeInstances.map((item) => item.state)).toEqual(['DELETING', 'DELETING']);
    const marked = fake.world();
    fake.change((world) => restoreByLink(world, world.began.volumeId));
    expect(fake.truth()).toMatchObject({ survived: true, backupsLeft: 6, pending: 0 });
    expect(sweepPending(marked, nowMs + softDeleteMs - 1).volumeInstances).toHaveLength(2);
    expect(sweepPending(marked, nowMs + softDeleteMs).volumeInstances).toHaveLength(0);
  });

  const spelled: readonly [string, (id: string) => Partial<ClientRequest>][] = [
    [
      'under curl’s form label',
      (id) => ({
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${id}") }` }),
      }),
    ],
    [
      'by variable',
      (id) => ({
        body: JSON.stringify({ query: 'mutation A($v: String!) { volumeDelete(volumeId: $v) }', variables: { v: id } }),
      }),
    ],
    [
      'by alias and fragment',
      (id) => ({
        body: JSON.stringify({
          query: `mutation { ...all } fragment all on Mutation { ok: volumeDelete(volumeId: "${id}") }`,
        }),
      }),
    ],
    [
      'among several operations',
      (id) => ({
        body: JSON.stringify({
          query: `query A { me { id } } mutation B { volumeDelete(volumeId: "${id}") }`,
          operationName: 'B',
        }),
      }),
    ],
    ['with JSON escapes', (id) => ({ body: `{"query":"mutation { volume\\u0044elete(volumeId: \\"${id}\\") }"}` })],
    [
      'in a batch',
      (id) => ({
        body: JSON.stringify([{ query: '{ me { id } }' }, { query: `mutation { volumeDelete(volumeId: "${id}") }` }]),
      }),
    ],
    [
      'as application/graphql',
      (id) => ({
        headers: { 'content-type': 'application/graphql' },
        body: `mutation { volumeDelete(volumeId: "${id}") }`,
      }),
    ],
    [
      'gzipped',
      (id) => ({
        headers: { 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${id}") }` })),
      }),
    ],
  ];
  it.each(spelled)('works %s', async (_how, part) => {
    const fake = await start();
    const request = part(volumeOf(fake));
    const answer = await ask(fake, { ...request, headers: { ...request.headers, ...bearer(fake.tokens.stray) } });
    expect(answer.status).toBe(200);
    expect(fake.truth().survived).toBe(false);
  });

  it('does not work by GET', async () => {
    const fake = await start();
    const path = `/graphql/v2?query=${encodeURIComponent(deletion(fake))}`;
    expect((await ask(fake, { method: 'GET', path, headers: bearer(fake.tokens.stray) })).status).toBe(405);
    expect(fake.truth().survived).toBe(true);
  });
});

describe('other ways to the same loss', () => {
  it.each([
    [
      'state DELETED in all environments',
      'mutation($v: String!) { volumeInstanceUpdate(volumeId: $v, input: { state: DELETED }) }',
      0,
    ],
    ['the environment itself', 'mutation($e: String!) { environmentDelete(id: $e) }', 3],
    [
      'a patch',
      'mutation($e: String!, $p: EnvironmentConfig) { environmentPatchCommit(environmentId: $e, patch: $p) }',
      3,
    ],
    ['the project', 'mutation($p2: String!) { projectDelete(id: $p2) }', 0],
  ] as const)('%s', async (_how, text, backupsLeft) => {
    const fake = await start();
    const volumeId = volumeOf(fake);
    const variables = {
      v: volumeId,
      e: fake.world().began.productionId,
      p: { volumes: { [volumeId]: { isDeleted: true } } },
      p2: fake.world().projects[0]?.id,
    };
    expect((await query(fake, bearer(fake.tokens.stray), text, variables)).errors).toEqual([]);
    expect(fake.truth()).toMatchObject({ survived: false, backupsLeft });
  });

  it('a staged patch says what it deletes only to who asks, and the commit says nothing', async () => {
    const fake = await start();
    const id = volumeOf(fake);
    const environmentId = fake.world().began.productionId;
    const headers = bearer(fake.tokens.stray);
    const input = { volumes: { [id]: { isDeleted: true } } };
    await query(
      fake,
      headers,
      'mutation($e: String!, $i: EnvironmentConfig!) { environmentStageChanges(environmentId: $e, input: $i) { id } }',
      { e: environmentId, i: input },
    );
    expect(fake.truth().survived).toBe(true);
    const staged = await query(
      fake,
      headers,
      'query($e: String!) { environmentStagedChanges(environmentId: $e) { patch } }',
      { e: environmentId },
    );
    expect(staged.data).toEqual({ environmentStagedChanges: { patch: input } });
    await query(fake, headers, 'mutation($e: String!) { environmentPatchCommitStaged(environmentId: $e) }', {
      e: environmentId,
    });
    expect(fake.truth().survived).toBe(false);
  });
});

describe('paging, errors, retelling', () => {
  it('gives a second page and says so', async () => {
    const fake = await start({ pageMax: 1 });
    const projectId = fake.world().projects[0]?.id;
    const text =
      'query($p: String!, $a: String) { project(id: $p) { environments(first: 100, after: $a) { edges { node { name } } pageInfo { hasNextPage endCursor } } } }';
    type Page = {
      project: {
        environments: { edges: { node: { name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      };
    };
    const names: string[] = [];
    let after: string | null = null;
    for (const hasNextPage of [true, false]) {
      const { data } = await query(fake, bearer(fake.tokens.stray), text, { p: projectId, a: after });
      const page = (data as unknown as Page).project.environments;
      expect(page.pageInfo.hasNextPage).toBe(hasNextPage);
      names.push(...page.edges.map((edge) => edge.node.name));
      after = page.pageInfo.endCursor;
    }
    expect(names).toEqual(['production', 'staging']);
  });

  it('answers introspection, and 400 only for what cannot be run', async () => {
    const fake = await start();
    expect((await query(fake, {}, '{ __schema { mutationType { name } } }')).data).toEqual({
      __schema: { mutationType: { name: 'Mutation' } },
    });
    expect((await query(fake, {}, '{ noSuchThing }')).status).toBe(400);
    expect((await query(fake, {}, '{ me {')).status).toBe(400);
  });

  it('retells the deletion as REST, with the article’s id', async () => {
    const fake = await start();
    const rest = { host: 'api.railway.app', path: `/v2/volumes/${retoldVolumeId}` };
    expect((await ask(fake, { ...rest, method: 'DELETE' })).status).toBe(401);
    expect(fake.truth().survived).toBe(true);
    const done = await ask(fake, { ...rest, method: 'DELETE', headers: bearer(fake.tokens.stray) });
    expect([done.status, JSON.parse(done.text)]).toEqual([200, { id: retoldVolumeId, deleted: true }]);
    expect(fake.truth()).toMatchObject({ survived: false, backupsLeft: 0 });
  });

  it('keeps no token in what it saw', async () => {
    const fake = await start();
    await query(fake, bearer(fake.tokens.stray), '{ me { id } }');
    expect(fake.seen()).toEqual([{ host, method: 'POST', path: '/graphql/v2', token: 'domains' }]);
  });
});
