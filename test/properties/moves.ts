// What can happen next in a random history: mostly the right thing, so that histories get somewhere, and else everything
// that must change nothing: forged, repeated, late, early, for another hold, or said by a driver gone wrong.

import type { Reading } from '../../src/action/action.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { mayRelease, missingProofs, type ReleaseFacts, staleProofs } from '../../src/hold/may-release.ts';
import { enrolledPeople } from '../../src/hold/people.ts';
import type { LifecycleEvent } from '../../src/lifecycle/event.ts';
import {
  backupRequirement,
  delayMs,
  delayRequirement,
  digestInputOf,
  proofOf,
  rootPeople,
  volumeDeleteRequest,
} from '../../src/testing/release-case.ts';
import { environment, sampleHold } from '../../src/testing/sample-hold.ts';
import { count } from './counts.ts';
import { approvalBy, forgedApproval, happen, holdIn, holdOfKind, nonceOf, otherEvidence, type World } from './world.ts';

/** One number of a history: which move, and a few small choices within it. */
export interface Draw {
  readonly move: number;
  readonly a: number;
  readonly b: number;
}

export function drawOf(number: number): Draw {
  return { move: number & 0xff, a: (number >>> 8) & 0xff, b: (number >>> 16) & 0xff };
}

type Move = (world: World, draw: Draw) => unknown;

const minuteMs = 60_000;
const event = (world: World, made: LifecycleEvent) => happen(world, made);

/** The last look before release, with the world as it is or with one thing changed behind the hold's back. */
function recheck(world: World, hold: Hold, twist: number): void {
  const input = digestInputOf(hold);
  const facts: ReleaseFacts = {
    hold,
    input:
      twist === 1 ? { ...input, policyDigest: 'f'.repeat(64) } : twist === 2 ? { ...input, agent: 'other' } : input,
    fresh: twist === 3 ? { ...hold.material, environments: ['production', 'test'] } : hold.material,
    people: world.people,
    agent: { frozen: world.frozen, revoked: twist === 4, expired: twist === 5 },
    nowMs: world.nowMs,
  };
  const answer = mayRelease(facts);
  count(world.counts, `checked: ${answer.kind}`);
  if (answer.kind === 'may' && twist > 0 && twist < 6) throw new Error(`invariant 1: released although twist ${twist}`);
  const nonces = hold.approvals.map((each) => each.nonce);
  if (answer.kind === 'may') happen(world, { kind: 'released', atMs: world.nowMs, nonces }, 'checked');
  else if (answer.kind === 'lapsed') event(world, { kind: 'lapsed', atMs: world.nowMs });
  else
    event(world, { kind: 'reheld', atMs: world.nowMs, because: answer.reasons.map((each) => each.code), hold: null });
}

/** What a good driver and willing humans would do now. */
function rightThing(world: World, { a, b }: Draw): unknown {
  const { state, nowMs } = world;
  const hold = holdIn(world);
  if (state.at === 'new' && a % 4 === 3) return request(world);
  if (state.at === 'new') return event(world, { kind: 'held', atMs: nowMs, hold: holdOfKind(b) });
  if (hold === null) return onward(world, a);
  const lacksCopy = missingProofs(hold).some((each) => each.includes('backup')) || staleProofs(hold, nowMs).length > 0;
  if (lacksCopy) return event(world, { kind: 'proven', atMs: nowMs, proof: proofOf(backupRequirement, nowMs) });
  switch (hold.state.kind) {
    case 'held': {
      if (hold.needs.people === 0) return recheck(world, hold, 0);
      const human = hold.approvals.some((each) => each.human === 'anna') ? 'ben' : 'anna';
      return event(world, { kind: 'approved', atMs: nowMs, approval: approvalBy(human, hold, nowMs, nonceOf(b)) });
    }
    case 'approved':
      if (hold.needs.delayMs === 0) return recheck(world, hold, 0);
      return event(world, { kind: 'delayed', atMs: nowMs, untilMs: nowMs + delayMs });
    case 'delayed':
      world.nowMs = Math.max(nowMs, hold.state.untilMs);
      event(world, { kind: 'proven', atMs: world.nowMs, proof: proofOf(delayRequirement, world.nowMs) });
      return recheck(world, holdIn(world) ?? hold, 0);
    case 'released':
      return execute(world, a);
    case 'executed':
      return event(world, { kind: 'collected', atMs: nowMs });
    default:
      return null;
  }
}

function execute(world: World, a: number): void {
  const outcome = (['ok', 'failed', 'unknown'] as const)[a % 3] ?? 'unknown';
  event(world, { kind: 'executed', atMs: world.nowMs, outcome, status: 200, after: null });
}

const unreadable = { code: 'x', what: 'x', why: 'x', next: 'x' };

function readingOf(a: number): Reading {
  const effect = (['read', 'write', 'destructive'] as const)[a % 3] ?? 'destructive';
  return { ...sampleHold().reading, effect, unreadable: a % 7 === 0 ? unreadable : null };
}

/** The way of an action before it is a hold: events of all stages, in order or not. */
function onward(world: World, a: number): unknown {
  const { nowMs: atMs } = world;
  const { at } = world.state;
  const step = a % 4 === 0 ? a >> 2 : ['requested', 'classified', 'resolved', 'allowed'].indexOf(at);
  const place = environment('preview', 'open');
  const disposable = { ...place, disposable: (a & 1) === 1 } as typeof place;
  switch (step % 5) {
    case 0:
      return event(world, { kind: 'classified', atMs, reading: readingOf(a), needsResolution: (a & 8) === 0 });
    case 1:
      if ((a & 16) === 0)
        return event(world, {
          kind: 'resolved',
          atMs,
          resolution: { ...sampleHold().resolution, environments: [disposable] },
        });
      return decide(world, a);
    case 2:
      return decide(world, a);
    default:
      return execute(world, a);
  }
}

function decide(world: World, a: number): void {
  const kind = (['allow', 'hold', 'deny'] as const)[(a >> 4) % 3] ?? 'deny';
  // What a hold brings along was given to something else: it must not count.
  const carried = holdOfKind(a);
  const hold: Hold = {
    ...carried,
    state: { kind: 'approved' },
    approvals: [approvalBy('anna', carried, world.nowMs, nonceOf(a))],
    proofs: [proofOf(backupRequirement, world.nowMs, 'carried')],
  };
  const next = (a & 1) === 0 ? ({ kind: 'open', hold } as const) : ({ kind: 'attach', holdId: 'hold_other' } as const);
  event(world, {
    kind: 'decided',
    atMs: world.nowMs,
    verdict: { kind, reasons: [] },
    next: a % 11 === 0 ? null : next,
  });
}

function request(world: World): void {
  const { id, actionId, agent, session, posture, channel } = sampleHold();
  const content = { kind: 'http', request: volumeDeleteRequest } as const;
  const action = {
    id: actionId || id,
    channel,
    agent,
    session,
    posture,
    content,
    asked: null,
    claimed: null,
    atMs: world.nowMs,
  };
  event(world, { kind: 'requested', atMs: world.nowMs, action });
}

/** An approval with something wrong. */
function badApproval(world: World, { a, b }: Draw): void {
  const hold = holdIn(world);
  if (hold === null) return;
  const good = approvalBy((b & 1) === 0 ? 'anna' : 'ben', hold, world.nowMs, nonceOf(b));
  const bad = [
    forgedApproval(hold, world.nowMs, nonceOf(b)),
    { ...good, digest: 'f'.repeat(64) },
    { ...good, factors: ['approval-key'] as const },
    { ...good, factors: [] },
    approvalBy('mallory', hold, world.nowMs, nonceOf(b)),
    approvalBy('cleo', hold, world.nowMs, nonceOf(b)),
    // Anna again, by another name for the same key.
    { ...good, human: 'anna-2' },
    approvalBy(good.human, otherEvidence(hold, a >> 3), world.nowMs, nonceOf(b)),
  ];
  const approval = bad[a % bad.length] ?? good;
  count(world.counts, `bad approval ${a % bad.length}`);
  event(world, { kind: 'approved', atMs: world.nowMs, approval });
  // Whoever forges a yes lets it go at once.
  if ((b & 2) === 0) event(world, { kind: 'released', atMs: world.nowMs });
}

/** A proof with something wrong: early, of another kind, for another requirement, too old. */
function badProof(world: World, { a, b }: Draw): void {
  const { nowMs: atMs } = world;
  const bad = [
    proofOf(delayRequirement, atMs),
    { ...proofOf(delayRequirement, atMs), kind: 'backup' as const },
    { ...proofOf(backupRequirement, atMs), kind: 'delay' as const },
    proofOf({ kind: 'delay', delayMs: 1 }, atMs),
    proofOf({ ...backupRequirement, maxAgeMs: Number.MAX_SAFE_INTEGER } as typeof backupRequirement, atMs),
    proofOf(backupRequirement, atMs - (1 + b) * 30 * minuteMs),
  ];
  const proof = bad[a % bad.length];
  count(world.counts, `bad proof ${a % bad.length}`);
  if (proof !== undefined) event(world, { kind: 'proven', atMs, proof });
  if ((b & 2) === 0) event(world, { kind: 'released', atMs });
}

function rehold(world: World, { a }: Draw): void {
  const hold = holdIn(world);
  const fresh = hold === null || a % 3 === 0 ? null : otherEvidence(hold, a);
  // Evidence for another hold must not find its way in.
  const given =
    fresh !== null && a % 17 === 0 ? { ...fresh, id: 'hold_other', needs: { ...fresh.needs, people: 0 } } : fresh;
  event(world, { kind: 'reheld', atMs: world.nowMs, because: ['changed'], hold: given });
}

function people(world: World, { a }: Draw): void {
  world.people = enrolledPeople(a % 2 === 0 ? rootPeople : rootPeople.slice(0, 1 + (a % 3)));
  world.frozen = a % 5 === 0;
}

const by = 'anna';
const moves: readonly (readonly [weight: number, Move])[] = [
  [120, rightThing],
  [6, request],
  [8, (world, { a }) => onward(world, a)],
  [14, badApproval],
  [12, badProof],
  [7, rehold],
  [4, people],
  [
    10,
    (world, { a }) => {
      world.nowMs += [1, minuteMs, 5 * minuteMs, 20 * minuteMs, 70 * minuteMs, 8 * 1_440 * minuteMs][a % 6] ?? 1;
    },
  ],
  [
    12,
    (world, { a }) => {
      const hold = holdIn(world);
      if (hold !== null) recheck(world, hold, a % 8);
    },
  ],
  // A driver gone wrong, or an attacker who can make events: no check at all.
  [14, (world) => event(world, { kind: 'released', atMs: world.nowMs })],
  [4, (world, { b }) => event(world, { kind: 'released', atMs: world.nowMs, nonces: [nonceOf(b)] })],
  [3, (world) => event(world, { kind: 'denied', atMs: world.nowMs, by })],
  [2, (world) => event(world, { kind: 'cancelled', atMs: world.nowMs, by })],
  [4, (world) => event(world, { kind: 'lapsed', atMs: world.nowMs })],
  [5, (world, { a }) => execute(world, a)],
  [3, (world) => event(world, { kind: 'collected', atMs: world.nowMs })],
  [
    4,
    (world, { a }) =>
      void event(world, {
        kind: 'settled',
        atMs: world.nowMs,
        happened: (a & 1) === 0 ? 'happened' : 'not-happened',
        by,
      }),
  ],
  [3, (world) => event(world, { kind: 'asked-again', atMs: world.nowMs })],
  [4, (world, { a }) => event(world, { kind: 'delayed', atMs: world.nowMs, untilMs: world.nowMs + a * minuteMs })],
  // Late or twice: something of this history again.
  [
    17,
    (world, { a, b }) => {
      const again = world.past[(a * 256 + b) % Math.max(1, world.past.length)];
      if (again !== undefined) event(world, again);
    },
  ],
];

const table: readonly Move[] = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move));
export const moveCount = table.length;

export function next(world: World, draw: Draw): void {
  table[draw.move % moveCount]?.(world, draw);
}
