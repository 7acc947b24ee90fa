// The world of one random history: a case, a clock, a few humans, and everything that was ever said, so that it can be
// said again too late. `moves.ts` chooses what happens next, `ledger.ts` keeps the books that the invariants are held to.

import type { Resolution } from '../../src/action/action.ts';
import type { Factor } from '../../src/authorize/grant.ts';
import type { Approval, Hold } from '../../src/hold/hold.ts';
import { enrolledPeople } from '../../src/hold/people.ts';
import type { Requirement } from '../../src/hold/proof.ts';
import { advance } from '../../src/lifecycle/advance.ts';
import type { Command, LifecycleEvent } from '../../src/lifecycle/event.ts';
import { type CaseState, newCase } from '../../src/lifecycle/state.ts';
import { approvalOf, signAs } from '../../src/testing/people-pool.ts';
import { backupRequirement, delayMs, delayRequirement, heldHold, rootPeople } from '../../src/testing/release-case.ts';
import { environment, sampleAtMs, sampleHold } from '../../src/testing/sample-hold.ts';
import { type Counts, count } from './counts.ts';
import { createLedger, type Ledger } from './ledger.ts';

/** Histories a run; less only on a machine in a hurry. */
export const historyCount = Number(process.env.HOLDPOINT_PROPERTY_RUNS ?? 10_000);

export interface World {
  state: CaseState;
  nowMs: number;
  people: ReturnType<typeof enrolledPeople>;
  frozen: boolean;
  readonly past: LifecycleEvent[];
  readonly ledger: Ledger;
  readonly counts: Counts;
}

const everybody = enrolledPeople(rootPeople);
const factors: readonly Factor[] = ['typed-name', 'approval-key'];
const openPlace: Resolution = { ...sampleHold().resolution, environments: [environment('staging', 'open')] };

/** Sixteen kinds of hold: one or two humans or none, with and without delay and copy. Made once: digests cost time. */
const kinds: readonly Hold[] = Array.from({ length: 16 }, (_, kind) => {
  const copyOnly = (kind & 8) !== 0;
  const waits = (kind & 2) !== 0 && !copyOnly;
  const safeguards: readonly Requirement[] = [
    ...(waits ? [delayRequirement] : []),
    ...((kind & 4) !== 0 || copyOnly ? [backupRequirement] : []),
  ];
  const needs = {
    factors: copyOnly ? [] : factors,
    people: copyOnly ? 0 : 1 + (kind & 1),
    delayMs: waits ? delayMs : 0,
  };
  const base = sampleHold();
  const place = copyOnly ? { reading: { ...base.reading, effect: 'write' } as const, resolution: openPlace } : {};
  return heldHold({ ...place, needs: { ...needs, safeguards } });
});

export function holdOfKind(kind: number): Hold {
  return kinds[kind % kinds.length] ?? heldHold();
}

const changed = new Map<string, Hold>();

/** The same hold with other evidence, hence another digest. */
export function otherEvidence(hold: Hold, which: number): Hold {
  const rowsMax = [null, 10, 1_000][which % 3] ?? null;
  const name = `${kinds.findIndex((kind) => kind.needs === hold.needs)} ${rowsMax}`;
  const known = changed.get(name);
  const made = known ?? heldHold({ ...hold, material: { ...hold.material, rowsMax } });
  changed.set(name, made);
  return { ...hold, material: made.material, digest: made.digest };
}

export function newWorld(counts: Counts): World {
  return {
    state: newCase,
    nowMs: sampleAtMs,
    people: everybody,
    frozen: false,
    past: [],
    ledger: createLedger(),
    counts,
  };
}

export function holdIn(world: World): Hold | null {
  return world.state.at === 'held' ? world.state.hold : null;
}

/** Applies one event, books it, and checks everything that must hold after any event whatever. */
export function happen(
  world: World,
  event: LifecycleEvent,
  origin: 'checked' | 'unchecked' = 'unchecked',
): readonly Command[] {
  const before = world.state;
  const step = advance(before, event);
  world.ledger.book({ before, event, step, origin, world });
  world.state = step.state;
  world.past.push(event);
  count(world.counts, step.state === before ? `ignored ${event.kind}` : event.kind);
  return step.commands;
}

/** Few nonces, so that signatures are made once for all histories and replays are frequent. */
export function nonceOf(which: number): string {
  return (which % 200).toString(16).padStart(2, '0').repeat(16);
}

export function approvalBy(human: string, hold: Hold, atMs: number, nonce: string): Approval {
  return approvalOf(human, hold.digest, atMs, nonce, factors);
}

/** As if anna had signed, but the key is another's. */
export function forgedApproval(hold: Hold, atMs: number, nonce: string): Approval {
  return { ...approvalBy('anna', hold, atMs, nonce), signature: signAs('mallory', hold.digest, nonce) };
}
