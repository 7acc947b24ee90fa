// Invariants 3 and 6 over whole processes: whenever the gateway is killed, whatever the disk refuses, the next process
// finds the same holds, sends nothing twice, calls what it cannot know unknown, and asks its humans again.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Hold } from '../../src/hold/hold.ts';
import { genesis, seal } from '../../src/record/seal.ts';
import { type Fate, type MemoryDisk, memoryDisk } from '../../src/testing/memory-storage.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { settle } from '../../src/testing/simulated-clock.ts';
import { type Counts, count } from './counts.ts';
import { type Outside, type Process, startProcess, storedHold } from './process.ts';
import { approvalBy, historyCount, holdOfKind, nonceOf } from './world.ts';

const runs = Math.max(50, Math.floor(historyCount / 20));

interface Life {
  readonly outside: Outside;
  now: Process;
  readonly ids: string[];
}

const wild: readonly Fate[] = ['refused', 'lost', ...Array<Fate>(40).fill('written')];

function start(outside: Outside, wallMs: number): Process {
  return startProcess(outside, wallMs, () => wild[outside.random.int(wild.length)] ?? 'written');
}

/** A refused commit is an answer like any other here; what it must not do is leave half of itself behind. */
async function tried(work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), settle().then(settle)]);
}

async function step(life: Life): Promise<void> {
  const { outside, now, ids } = life;
  const { random, disk } = outside;
  const holdId = ids[random.int(Math.max(1, ids.length))];
  const hold = holdId === undefined ? null : storedHold(disk, holdId);
  const atMs = now.clock.wallMs();
  const choice = random.int(20);
  if (choice < 2 && ids.length < 3) return open(life);
  if (choice < 9 && hold !== null) return approve(life, hold);
  if (choice < 15) return now.clock.advance(random.pick([1_000, 30_000, 300_000, 660_000, 4_500_000]));
  if (choice === 15) return restart(life);
  if (choice === 16) return now.clock.stepWall(random.pick([-45_000, 45_000, 5_000]));
  if (hold === null) return;
  if (choice === 17) return tried(now.desk.apply(hold.id, { kind: 'denied', atMs, by: 'anna' }));
  if (choice === 18) return tried(now.desk.apply(hold.id, { kind: 'asked-again', atMs }));
  return tried(now.desk.apply(hold.id, { kind: 'settled', atMs, happened: 'happened', by: 'anna' }));
}

async function open({ outside, now, ids }: Life): Promise<void> {
  const id = `hold_${ids.length}`;
  const atMs = now.clock.wallMs();
  const hold: Hold = { ...holdOfKind(outside.random.int(8)), id, atMs, askedAgainMs: atMs };
  ids.push(id);
  await tried(now.desk.cases.open(hold, [], []));
}

async function approve({ outside, now }: Life, hold: Hold): Promise<void> {
  const human = outside.random.oneIn(2) ? 'anna' : 'ben';
  const approval = approvalBy(human, hold, now.clock.wallMs(), nonceOf(outside.random.int(200)));
  await tried(now.desk.apply(hold.id, { kind: 'approved', atMs: now.clock.wallMs(), approval }));
}

const rows = (disk: MemoryDisk, ids: readonly string[]) => ids.map((id) => storedHold(disk, id));

/** Kill -9, another process on the same disk, recovery; its own commits may fail too, then the start is repeated. */
async function restart(life: Life): Promise<void> {
  const { outside, ids } = life;
  const { disk, counts } = outside;
  life.now.kill();
  const before = rows(disk, ids);
  const sentBefore = new Map(outside.sent);
  const wallMs = life.now.clock.wallMs() + outside.random.int(7_200_000);
  for (;;) {
    life.now = start(outside, wallMs);
    let recovered = false;
    await tried(life.now.desk.recover().then(() => (recovered = true)));
    await settle();
    if (recovered) break;
    life.now.kill();
    count(counts, 'killed in recovery');
  }
  count(counts, 'restarted');
  expect(outside.sent, 'recovery sends nothing').toEqual(sentBefore);
  for (const [index, after] of rows(disk, ids).entries()) comparable(before[index] ?? null, after, counts);
}

function comparable(was: Hold | null, is: Hold | null, counts: Counts): void {
  const kind = was?.state.kind ?? 'nothing';
  if (was === null || is === null) expect(is).toEqual(was);
  else if (kind === 'released') {
    count(counts, 'released without an outcome');
    expect(is.state).toMatchObject({ kind: 'executed', outcome: 'unknown' });
  } else if (kind === 'approved' || kind === 'delayed') {
    count(counts, `${kind} when killed`);
    expect(is.state).toEqual({ kind: 'held' });
    expect(is.approvals).toEqual([]);
    expect(is.proofs.filter((proof) => proof.kind === 'delay')).toEqual([]);
  } else expect(is).toEqual(was);
}

/** The journal and its projection say the same, and the chain is whole. */
function consistent({ outside, ids }: Life): void {
  const { disk, sent, counts } = outside;
  expect(outside.broken).toEqual([]);
  let previous = genesis;
  for (const [index, event] of disk.events.entries()) {
    expect(event).toEqual(seal(previous, event, index + 1, disk.stream));
    previous = event.chain;
  }
  for (const id of ids) {
    const hold = storedHold(disk, id);
    const events = disk.events.filter((event) => event.holdId === id);
    if (hold === null) {
      expect(events).toEqual([]);
      continue;
    }
    expect(sent.get(id) ?? 0, 'never sent twice').toBeLessThanOrEqual(1);
    expect(events.filter((event) => event.kind === 'released').length).toBeLessThanOrEqual(1);
    const moves = events.filter(({ kind }) => !['proven', 'attached', 'collected'].includes(kind));
    const last = moves.at(-1)?.kind;
    const same: readonly string[] =
      last === 'reheld' ? ['held'] : last === 'approved' ? ['held', 'approved'] : [`${last}`];
    expect(same, `journal ends with ${last}`).toContain(hold.state.kind);
    count(counts, `ended ${hold.state.kind}`);
  }
}

async function live(seed: number, steps: number, counts: Counts): Promise<void> {
  const random = seededRandom(seed);
  const outside: Outside = { disk: memoryDisk(), sent: new Map(), random, counts, broken: [] };
  const life: Life = { outside, now: start(outside, 1_777_000_000_000), ids: [] };
  await open(life);
  for (let taken = 0; taken < steps; taken += 1) await step(life);
  await restart(life);
  consistent(life);
}

const exercised: Readonly<Record<string, number>> = {
  sent: 80,
  restarted: 700,
  'killed in recovery': 10,
  'released without an outcome': 15,
  'approved when killed': 30,
  'delayed when killed': 20,
  'ended held': 100,
  'ended executed': 50,
  'ended denied': 50,
  'ended settled': 5,
  'ended lapsed': 3,
  'fault in clock drift': 1,
};

it(`survives a kill at any point in ${runs} random lives`, async () => {
  const counts: Counts = new Map();
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 5, max: 30 }), (seed, steps) => live(seed, steps, counts)),
    { numRuns: runs },
  );
  const seen = JSON.stringify(Object.fromEntries([...counts].sort()));
  for (const [what, least] of Object.entries(exercised))
    expect(counts.get(what) ?? 0, `${what} in ${seen}`).toBeGreaterThanOrEqual(Math.floor((least * runs) / 1_000));
});
