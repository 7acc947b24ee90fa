// kill -9 at random moments of a busy life: an agent that writes and deletes at once, a human who says yes and no, and
// an end between any two lines of code. The provider, another process, knows what really ran.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Hold } from '../../src/hold/hold.ts';
import type { SealedEvent } from '../../src/record/event.ts';
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts';
import { type CrashWorld, type Gateway, startCrashWorld } from './crash-world.ts';

const seeds = 20;
let world: CrashWorld;
let gateway: Gateway;
let writes = 0;
/** Every disk that was there at some time. */
const known = new Set<string>();
const seen = { gone: 0, unknown: 0, returned: 0, denied: 0, killedWhileStarting: 0 };

beforeAll(async () => {
  world = await startCrashWorld(11, '20ms');
  gateway = await world.start();
});

afterAll(() => {
  gateway?.process.kill('SIGKILL');
  world?.close();
});

const isGone = () => undefined;

function write(): Promise<unknown> {
  writes += 1;
  const input = `{ projectId: "${world.projectId}", environmentId: "${world.stagingId}", mountPath: "/w${writes}" }`;
  return gateway.ask(`mutation { volumeCreate(input: ${input}) { id } }`);
}

async function remove(random: SeededRandom, volumeId: string): Promise<void> {
  const query = `mutation { volumeDelete(volumeId: "${volumeId}") }`;
  const held = await gateway.ask(query);
  const { holdId } = JSON.parse(held.text) as { holdId?: string };
  if (held.status !== 423 || holdId === undefined) return;
  await gateway.order(random.oneIn(8) ? { kind: 'deny', holdId } : { kind: 'approve', holdId });
  await gateway.ask(query);
}

/** Moves of a hold, oldest first: equal requests that came again move nothing. */
function movesOf(events: readonly SealedEvent[], holdId: string): readonly string[] {
  const still = ['requested', 'classified', 'resolved', 'decided', 'attached', 'proven', 'collected'];
  return events.filter((event) => event.holdId === holdId && !still.includes(event.kind)).map((event) => event.kind);
}

function consistent(hold: Hold, moves: readonly string[]): void {
  const last = moves.at(-1);
  expect(moves.filter((kind) => kind === 'held').length).toBe(1);
  expect(moves.filter((kind) => kind === 'released').length, 'released once').toBeLessThanOrEqual(1);
  expect(hold.state.kind, moves.join(' ')).toBe(last === 'reheld' ? 'held' : last);
}

function holdIds(events: readonly SealedEvent[]): readonly string[] {
  return events.filter((event) => event.kind === 'held').map((event) => event.holdId ?? '');
}

async function load(random: SeededRandom): Promise<void> {
  const disks = (await world.volumeIds()).filter((id) => id !== world.firstVolumeId);
  for (const id of disks) known.add(id);
  const chosen = disks.filter(() => random.oneIn(2)).slice(0, 4);
  const work = [...Array.from({ length: 3 }, write), ...chosen.map((id) => remove(random, id)), write()];
  await gateway.order({ kind: 'die-after', events: 1 + random.int(70), ms: random.int(20) });
  const all = Promise.all(work.map((each) => each.catch(isGone)));
  // It may have had nothing more to do before its moment came.
  await Promise.race([gateway.exited, all]);
  gateway.process.kill('SIGKILL');
  await gateway.exited;
  await all;
}

/** A start that is killed as well leaves a home from which the next one starts. */
async function restart(random: SeededRandom): Promise<void> {
  if (random.oneIn(4)) {
    const early = world.start();
    early.catch(isGone);
    await new Promise((resolve) => setTimeout(resolve, random.int(1_200)));
    seen.killedWhileStarting += world.killYoung();
    await early
      .then((each) => {
        each.process.kill('SIGKILL');
        return each.exited;
      })
      .catch(isGone);
  }
  gateway = await world.start();
}

async function look(): Promise<void> {
  const events = world.events();
  let released = 0;
  const ran = new Set<string>();
  for (const id of holdIds(events)) {
    const { hold } = world.disk(id);
    if (hold === null) throw new Error(`no row for ${id}`);
    const moves = movesOf(events, id);
    consistent(hold, moves);
    expect(['held', 'executed', 'denied', 'settled']).toContain(hold.state.kind);
    if (!moves.includes('released')) continue;
    released += 1;
    expect(moves.indexOf('approved'), 'a yes before it went').toBeGreaterThan(0);
    ran.add(/volumeId: \\*"([^"\\]+)/.exec(hold.shown.body)?.[1] ?? '');
  }
  const there = await world.volumeIds();
  const gone = [...known].filter((id) => !there.includes(id));
  for (const id of gone) expect([...ran], 'what is gone was released').toContain(id);
  expect(await world.executions()).toBeLessThanOrEqual(writes + released);
  seen.gone = gone.length;
  seen.returned = events.filter((event) => event.kind === 'reheld').length;
  seen.denied = events.filter((event) => event.kind === 'denied').length;
  seen.unknown = events.filter((event) => event.kind === 'executed' && event.data.outcome === 'unknown').length;
}

it(`comes back whole from ${seeds} kills at any moment, and nothing runs twice`, async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed);
    await load(random);
    const { code, out } = await world.verify();
    expect(code, out).toBe(0);
    const before = await world.executions();
    await restart(random);
    await look();
    expect(await world.executions(), 'a start executes nothing').toBe(before);
  }
  expect(seen.gone, JSON.stringify(seen)).toBeGreaterThan(2);
  expect(seen.returned + seen.unknown, JSON.stringify(seen)).toBeGreaterThan(1);
});
