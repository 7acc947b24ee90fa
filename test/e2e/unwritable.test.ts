// Invariant 4 through the whole gateway: a journal that cannot be written lets plain reads through and nothing else, and
// the gateway comes back by itself. The store is real; another connection holds its write lock, as a stuck backup would.
// And the agent's hot path: a plain read never waits for the journal at all.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ProxyAgent, request } from 'undici';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LabInstance, startLab } from '../../src/lab/lab-instance.ts';
import { labAgent, visitorPolicy } from '../../src/lab/visitor-policy.ts';
import { homeAt } from '../../src/platform/home.ts';

let folder = '';
let lab: LabInstance;
let dispatcher: ProxyAgent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-unwritable-'));
  lab = await startLab({
    root: join(folder, 'home'),
    proxyPort: 0,
    controlPort: 0,
    seed: 5,
    deleteMode: 'immediate',
    leave: 'nowhere',
    notifier: { held: () => {}, moved: () => {} },
    policy: (world) => visitorPolicy(world, { delay: '1s', wait: '100ms', project: folder }),
    task: 'look around',
    fault: () => {},
  });
  const ca = readFileSync(lab.instance.bundleFile, 'utf8');
  dispatcher = new ProxyAgent({ uri: lab.proxyUrls[labAgent] ?? '', requestTls: { ca } });
});

afterAll(async () => {
  await dispatcher?.close();
  await lab?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(query: string): Promise<{ readonly status: number; readonly text: string }> {
  const { statusCode, body } = await request('https://backboard.railway.com/graphql/v2', {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.placeholder}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    dispatcher,
  });
  return { status: statusCode, text: await body.text() };
}

const projectId = () => lab.fake.world().projects[0]?.id ?? '';
const read = () => ask(`{ project(id: "${projectId()}") { id name } }`);
const deletion = () => ask(`mutation { volumeDelete(volumeId: "${lab.fake.world().began.volumeId}") }`);

function write(): ReturnType<typeof ask> {
  const stagingId = lab.fake.world().environments.find((each) => each.name === 'staging')?.id ?? '';
  const input = `{ projectId: "${projectId()}", environmentId: "${stagingId}", mountPath: "/more" }`;
  return ask(`mutation { volumeCreate(input: ${input}) { id } }`);
}

it('reads plainly without a single commit, and writes with one before the provider sees it', async () => {
  expect((await read()).status).toBe(200);
  const commit = vi.spyOn(lab.instance.tapped.storage, 'commit');
  for (let n = 0; n < 20; n += 1) expect((await read()).status).toBe(200);
  const kinds = () => commit.mock.calls.flatMap(([change]) => change.events.map((event) => event.kind));
  // The tally of a session comes every 10 s, on no request's way.
  expect(kinds().filter((kind) => kind !== 'tallied')).toEqual([]);
  const written = await write();
  expect(written.status, written.text).toBe(200);
  expect(kinds()).toContain('decided');
  commit.mockRestore();
});

it('denies all but plain reads while the journal cannot be written, and recovers', async () => {
  const disks = lab.fake.world().volumes.length;
  const lock = new Database(homeAt(join(folder, 'home')).storeFile);
  lock.exec('BEGIN IMMEDIATE');
  try {
    // The first to need the journal finds out; it is denied like those after it, and nobody was asked.
    const held = await deletion();
    expect(held.status).toBe(403);
    expect(held.text).toContain('journal-unwritable');
    expect(lab.instance.tapped.storage.writable).toBe(false);
    const refused = await write();
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('journal-unwritable');
    expect((await deletion()).status).toBe(403);
    expect((await read()).status).toBe(200);
    expect(lab.fake.world().volumes.length).toBe(disks);
    expect(lab.fake.world().volumeInstances.length).toBeGreaterThan(0);
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
  }
  await expect.poll(() => lab.instance.tapped.storage.writable, { timeout: 30_000 }).toBe(true);
  expect((await write()).status).toBe(200);
  expect((await deletion()).status).toBe(423);
  expect((await lab.instance.control.status()).openHolds).toBe(1);
});
