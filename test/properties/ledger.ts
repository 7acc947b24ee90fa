// The books of one history, kept from the events alone and not from the fold's state: who said yes since the hold last
// lay before its humans, what was proven, what was let go. Where the fold lets something go that the books do not
// cover, an invariant is broken. Deliberately naive: it must not make the fold's mistakes.

import { expect } from 'vitest';
import { canonicalJson } from '../../src/action/canonical.ts';
import type { Approval, Hold } from '../../src/hold/hold.ts';
import type { Proof } from '../../src/hold/proof.ts';
import { advance } from '../../src/lifecycle/advance.ts';
import type { LifecycleEvent } from '../../src/lifecycle/event.ts';
import type { Step } from '../../src/lifecycle/hold-moves.ts';
import type { CaseState } from '../../src/lifecycle/state.ts';
import { count, isGenuine } from './counts.ts';
import type { World } from './world.ts';

interface Entry {
  readonly before: CaseState;
  readonly event: LifecycleEvent;
  readonly step: Step;
  /** checked: mayRelease said so. unchecked: a driver gone wrong, or an attacker who can make events. */
  readonly origin: 'checked' | 'unchecked';
  readonly world: World;
}

export interface Ledger {
  book(entry: Entry): void;
}

export function createLedger(): Ledger {
  /** Since the hold last came before its humans. */
  let yes: { readonly approval: Approval; readonly atMs: number }[] = [];
  let delayedAtMs: number | null = null;
  let delayProofs: { readonly proof: Proof; readonly atMs: number }[] = [];
  /** Since it was opened. */
  const spent = new Set<string>();
  let proofs: Proof[] = [];
  let executions = 0;

  function reset(): void {
    yes = [];
    delayedAtMs = null;
    delayProofs = [];
  }

  function note({ before, event, step, world }: Entry): void {
    if (before.at !== 'held' && step.state.at === 'held') {
      reset();
      proofs = [];
    }
    if (before.at !== 'held') return;
    if (event.kind === 'reheld' && step.state !== before) reset();
    if (event.kind === 'approved' && before.hold.state.kind === 'held' && !spent.has(event.approval.nonce)) {
      yes.push({ approval: event.approval, atMs: world.nowMs });
      if (step.state !== before) spent.add(event.approval.nonce);
    }
    if (event.kind === 'delayed' && before.hold.state.kind === 'approved') delayedAtMs = world.nowMs;
    if (event.kind === 'proven' && event.proof.kind === 'delay')
      delayProofs.push({ proof: event.proof, atMs: world.nowMs });
    if (event.kind === 'proven' && event.proof.kind !== 'delay') proofs.push(event.proof);
  }

  /** Invariants 1 and 2, at the moment at which something goes. */
  function mayGo(hold: Hold, { origin, world, before, event }: Entry): void {
    const { needs, digest } = hold;
    const valid = yes.filter(
      ({ approval }) => approval.digest === digest && needs.factors.every((each) => approval.factors.includes(each)),
    );
    const people = new Set(valid.map(({ approval }) => approval.human));
    expect(people.size, 'invariant 1: enough distinct humans').toBeGreaterThanOrEqual(needs.people);
    if (hold.reading.effect === 'destructive') expect(people.size, 'invariant 1: a human').toBeGreaterThan(0);
    const was = before.at === 'held' ? before.hold.state.kind : 'nothing';
    expect(needs.people === 0 ? ['held', 'approved', 'delayed'] : ['approved', 'delayed']).toContain(was);
    for (const wanted of needs.safeguards) {
      if (wanted.kind === 'delay') {
        // The delay follows the last yes that counts; its proof comes after the whole of it.
        const begunMs = delayedAtMs === null ? Number.POSITIVE_INFINITY : Math.max(...valid.map(({ atMs }) => atMs));
        const counted = delayProofs.filter(({ atMs }) => atMs >= begunMs + wanted.delayMs * 0.9);
        expect(counted.length, 'invariant 2: the delay has passed').toBeGreaterThan(0);
      } else {
        const found = proofs.filter(
          (proof) => proof.requirement === canonicalJson(wanted) && proof.kind === wanted.kind,
        );
        // An unchecked release may carry an old date; only the check before release knows what time it is.
        const nowMs = origin === 'checked' ? world.nowMs : event.atMs;
        const fresh = found.filter((proof) => nowMs - proof.atMs <= wanted.maxAgeMs);
        expect(fresh.length, 'invariant 2: a fresh copy').toBeGreaterThan(0);
      }
    }
    if (origin === 'checked') verified(hold, world);
  }

  /** What only signatures and the people of now can say. */
  function verified(hold: Hold, world: World): void {
    expect(world.frozen, 'invariant 1: not frozen').toBe(false);
    const genuine = hold.approvals.filter((approval) => isGenuine(approval) && world.people.has(approval.human));
    expect(new Set(genuine.map((each) => each.human)).size, 'invariant 1: signed').toBeGreaterThanOrEqual(
      hold.needs.people,
    );
    for (const { atMs } of hold.approvals)
      expect(world.nowMs - atMs, 'invariant 1: window').toBeLessThanOrEqual(hold.needs.delayMs + 3_600_000);
    expect(world.nowMs - hold.askedAgainMs, 'seven days').toBeLessThanOrEqual(7 * 86_400_000);
  }

  function book(entry: Entry): void {
    const { before, event, step, world } = entry;
    note(entry);
    const goes = step.commands.filter((each) => each.kind === 'execute-held' || each.kind === 'execute-allowed');
    executions += goes.length;
    expect(executions, 'nothing goes twice').toBeLessThanOrEqual(1);
    if (goes.some((each) => each.kind === 'execute-held') && step.state.at === 'held') {
      mayGo(step.state.hold, entry);
      count(world.counts, `released with ${step.state.hold.needs.people} people, ${entry.origin}`);
    }
    if (goes.some((each) => each.kind === 'execute-allowed')) allowedRightly(entry);
    if (before.at === 'held' && step.state.at === 'held') {
      const { id, agent, retryKey, askedAgainMs } = before.hold;
      expect(step.state.hold, 'a hold stays who it is').toMatchObject({ id, agent, retryKey });
      expect(step.state.hold.askedAgainMs).toBeGreaterThanOrEqual(askedAgainMs);
    }
    if (step.state === before) expect(step.commands, 'invariant 6: ignored is without consequence').toEqual([]);
    // Invariant 6: whatever it was, a second time it is nothing.
    const again = advance(step.state, event);
    expect(again.state, `invariant 6: ${event.kind} twice`).toBe(step.state);
    expect(again.commands).toEqual([]);
  }

  return { book };
}

/** Invariants 1 and 5 for what goes without a hold. */
function allowedRightly({ before, event, world }: Entry): void {
  expect(event.kind === 'decided' && event.verdict.kind).toBe('allow');
  if (before.at !== 'classified' && before.at !== 'resolved') throw new Error(`allowed from ${before.at}`);
  expect(before.reading.unreadable, 'invariant 5: unreadable is never allowed').toBeNull();
  if (before.at === 'classified') expect(before.needs, 'invariant 5: the place was looked up').toBe('decision');
  count(world.counts, `allowed, ${before.reading.effect}`);
  if (before.reading.effect !== 'destructive') return;
  const places = before.at === 'resolved' ? before.resolution.environments : [];
  expect(places.some((each) => each.kind === 'verified' && each.disposable)).toBe(true);
  count(world.counts, 'destruction allowed in a disposable place');
}
