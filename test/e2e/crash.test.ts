// kill -9 right after each durable step of an action's life, then the same home again: what the disk said is what the
// instance says, nothing runs twice, and what may or may not have happened waits for a human.
// The fake provider is another process and counts; one home lives through all of it, so its chain is verified each time.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Hold } from '../../src/hold/hold.ts';
import { runCli } from '../../src/testing/cli-run.ts';
import type { Order } from './crash-process.ts';
import { type CrashWorld, type Gateway, startCrashWorld } from './crash-world.ts';

let world: CrashWorld;
let gateway: Gateway;
const disks: string[] = [];
const disksWanted = 10;

beforeAll(async () => {
  world = await startCrashWorld(7, '400ms');
  gateway = await world.start();
  // Made beforehand: what the resolver has listed is kept for 30 s, and a disk that is newer is nowhere until then.
  for (const _each of Array.from({ length: disksWanted })) disks.push(await makeVolume());
  gateway.process.kill('SIGKILL');
  await dead();
  gateway = await world.start();
});

afterAll(() => {
  gateway?.process.kill('SIGKILL');
  world?.close();
});

const deletion = (volumeId: string) => `mutation { volumeDelete(volumeId: "${volumeId}") }`;

/** An allowed write: the agent makes a disk in staging, which a later deletion is about. */
async function makeVolume(): Promise<string> {
  const input = `{ projectId: "${world.projectId}", environmentId: "${world.stagingId}", mountPath: "/scratch" }`;
  const made = await gateway.ask(`mutation { volumeCreate(input: ${input}) { id } }`);
  expect(made.status, made.text).toBe(200);
  return (JSON.parse(made.text) as { data: { volumeCreate: { id: string } } }).data.volumeCreate.id;
}

function nextDisk(): string {
  const disk = disks.pop();
  if (disk === undefined) throw new Error('more disks are needed than were made');
  return disk;
}

async function holdOf(volumeId: string): Promise<string> {
  const held = await gateway.ask(deletion(volumeId));
  expect(held.status, held.text).toBe(423);
  return (JSON.parse(held.text) as { holdId: string }).holdId;
}

/** Waits for the end of the killed gateway. What the disk says then is kept as it is in no memory any more. */
async function dead(): Promise<void> {
  await gateway.exited;
  const { code, out } = await world.verify();
  expect(code, out).toBe(0);
}

async function list(): Promise<string> {
  return (await runCli(['holds'], { env: { HOLDPOINT_HOME: world.root } })).out;
}

const opening = ['requested', 'classified', 'resolved', 'decided', 'held'];

/** The row and the events of a hold say the same: no half of a commit. */
function whole(holdId: string, kinds: readonly string[], state: Hold['state']['kind']): Hold {
  const disk = world.disk(holdId);
  // Equal requests that came later are written with the hold as well, and move nothing.
  const moves = disk.kinds.filter((kind, index) => index < opening.length || ![...opening, 'attached'].includes(kind));
  expect(moves).toEqual(kinds);
  expect(disk.hold?.state.kind).toBe(state);
  if (disk.hold === null) throw new Error('the hold is gone');
  return disk.hold;
}

interface Point {
  /** Event after whose commit the process dies. */
  readonly dies: string;
  readonly orders: readonly ('approve' | 'deny' | 'cancel')[];
  /** Of the hold, at death. */
  readonly kinds: readonly string[];
  readonly state: Hold['state']['kind'];
  /** Calls that the fake has seen of this deletion, before and after. */
  readonly executed: 0 | 1;
  /** After the restart. */
  readonly becomes: { readonly state: Hold['state']['kind']; readonly adds: readonly string[] };
  /** What the agent gets for the same request then. */
  readonly answer: number;
}

const same = (state: Hold['state']['kind']) => ({ state, adds: [] });
const returned = { state: 'held', adds: ['reheld'] } as const;
const toDelay = [...opening, 'approved', 'delayed'];
const toRelease = [...toDelay, 'proven', 'released'];

const points: readonly Point[] = [
  { dies: 'held', orders: [], kinds: opening, state: 'held', executed: 0, becomes: same('held'), answer: 423 },
  {
    dies: 'approved',
    orders: ['approve'],
    kinds: [...opening, 'approved'],
    state: 'approved',
    executed: 0,
    becomes: returned,
    answer: 423,
  },
  {
    dies: 'delayed',
    orders: ['approve'],
    kinds: toDelay,
    state: 'delayed',
    executed: 0,
    becomes: returned,
    answer: 423,
  },
  {
    dies: 'proven',
    orders: ['approve'],
    kinds: [...toDelay, 'proven'],
    state: 'delayed',
    executed: 0,
    becomes: returned,
    answer: 423,
  },
  {
    dies: 'executed',
    orders: ['approve'],
    kinds: [...toRelease, 'executed'],
    state: 'executed',
    executed: 1,
    becomes: same('executed'),
    answer: 200,
  },
  {
    dies: 'denied',
    orders: ['deny'],
    kinds: [...opening, 'denied'],
    state: 'denied',
    executed: 0,
    becomes: same('denied'),
    answer: 403,
  },
  {
    dies: 'cancelled',
    orders: ['approve', 'cancel'],
    kinds: [...toDelay, 'cancelled'],
    state: 'cancelled',
    executed: 0,
    becomes: same('cancelled'),
    answer: 423,
  },
];

it.each(points)('dies when $dies is durable, and $becomes.state is what it comes back to', async (point) => {
  const volume = nextDisk();
  const before = await world.executions();
  let holdId: string;
  if (point.dies === 'held') {
    await gateway.order({ kind: 'die-at', event: 'held' });
    await expect(gateway.ask(deletion(volume))).rejects.toThrow();
    await dead();
    holdId = world.events().findLast((event) => event.kind === 'held')?.holdId ?? '';
  } else {
    holdId = await holdOf(volume);
    await gateway.order({ kind: 'die-at', event: point.dies });
    for (const [index, kind] of point.orders.entries()) {
      await gateway.order({ kind, holdId } satisfies Order);
      if (kind === 'approve' && index + 1 < point.orders.length) await gateway.until('delayed');
    }
    await dead();
  }
  const was = whole(holdId, point.kinds, point.state);
  expect((await world.executions()) - before).toBe(point.executed);
  gateway = await world.start();
  const is = whole(holdId, [...point.kinds, ...point.becomes.adds], point.becomes.state);
  if (point.becomes.adds.length === 0) expect(is).toEqual(was);
  else {
    expect(is).toEqual({ ...was, state: { kind: 'held' }, approvals: [], proofs: [] });
    const reheld = world.events().findLast((event) => event.kind === 'reheld');
    expect(reheld).toMatchObject({ holdId, data: { because: [expect.stringContaining('restarted')] } });
  }
  const again = await gateway.ask(deletion(volume));
  expect(again.status, again.text).toBe(point.answer);
  if (point.becomes.state === 'held') expect(again.text).toContain(holdId);
  else expect(await list()).not.toContain(holdId);
  expect((await world.executions()) - before).toBe(point.executed);
  expect((await world.volumeIds()).includes(volume)).toBe(point.executed === 0);
});

/** Released and then dead: whether it was sent is not known to any process. */
async function dieReleased(way: 'before the first byte' | 'before the answer', volume: string): Promise<string> {
  const holdId = await holdOf(volume);
  if (way === 'before the first byte') await gateway.order({ kind: 'die-at', event: 'released' });
  else await gateway.order({ kind: 'mute-released' });
  await gateway.order({ kind: 'approve', holdId });
  if (way === 'before the answer') {
    await gateway.until('released');
    await expect.poll(() => world.volumeIds(), { timeout: 20_000 }).not.toContain(volume);
    gateway.process.kill('SIGKILL');
  }
  await dead();
  return holdId;
}

it.each([
  { way: 'before the first byte', executed: 0, happened: 'not-happened', before: null },
  { way: 'before the answer', executed: 1, happened: 'happened', before: 'settled as happened' },
] as const)('dies released $way: unknown, until a human settles it', async ({ way, executed, happened, before }) => {
  const volume = nextDisk();
  const calls = await world.executions();
  const holdId = await dieReleased(way, volume);
  whole(holdId, toRelease, 'released');
  gateway = await world.start();
  expect(whole(holdId, [...toRelease, 'executed'], 'executed').state).toMatchObject({ outcome: 'unknown' });
  expect(await list()).toContain(holdId);
  expect((await gateway.ask(deletion(volume))).status).toBe(409);
  expect((await gateway.ask(deletion(volume))).status).toBe(409);
  expect((await world.executions()) - calls).toBe(executed);

  // The settlement, too, is a step after which it may die.
  await gateway.order({ kind: 'die-at', event: 'settled' });
  await gateway.order({ kind: 'settle', holdId, happened });
  await dead();
  const was = whole(holdId, [...toRelease, 'executed', 'settled'], 'settled');
  gateway = await world.start();
  expect(whole(holdId, [...toRelease, 'executed', 'settled'], 'settled')).toEqual(was);
  expect(await list()).not.toContain(holdId);
  const next = await gateway.ask(deletion(volume));
  expect(next.status, next.text).toBe(423);
  const opened = world.disk((JSON.parse(next.text) as { holdId: string }).holdId).hold;
  expect(opened?.before?.outcome ?? null).toBe(before);
  expect((await world.executions()) - calls).toBe(executed);
});

it('dies when collected is durable: the next equal request is a new hold that says what ran', async () => {
  const volume = nextDisk();
  const calls = await world.executions();
  const holdId = await holdOf(volume);
  await gateway.order({ kind: 'approve', holdId });
  await gateway.until('executed');
  await gateway.order({ kind: 'die-at', event: 'collected' });
  await expect(gateway.ask(deletion(volume))).rejects.toThrow();
  await dead();
  const was = whole(holdId, [...toRelease, 'executed', 'collected'], 'executed');
  gateway = await world.start();
  expect(whole(holdId, [...toRelease, 'executed', 'collected'], 'executed')).toEqual(was);
  const next = await gateway.ask(deletion(volume));
  expect(next.status).toBe(423);
  expect(world.disk((JSON.parse(next.text) as { holdId: string }).holdId).hold?.before).toMatchObject({
    hold: holdId,
    outcome: 'ok',
  });
  expect((await world.executions()) - calls).toBe(1);
});

it('dies when the decision on an allowed write is durable: sent at most once, and never by the next process', async () => {
  const calls = await world.executions();
  const made = world.events().length;
  await gateway.order({ kind: 'die-at', event: 'decided' });
  // An allowed write does not wait for the disk (at most one group commit is lost), so its answer may be faster.
  await makeVolume().catch(() => undefined);
  await dead();
  const added = world.events().slice(made);
  expect(added.slice(0, 4).map((event) => event.kind)).toEqual(['requested', 'classified', 'resolved', 'decided']);
  expect(added[3]?.data).toMatchObject({ verdict: 'allow' });
  const sent = (await world.executions()) - calls;
  expect(sent).toBeLessThanOrEqual(1);
  gateway = await world.start();
  await makeVolume();
  expect((await world.executions()) - calls).toBe(sent + 1);
});
