// Playbooks: the lifecycle told as a script and checked line by line, without sockets or sleeps.
//   >> event       what happens           << commands    exactly what the fold asks for then (no line: nothing)
//   == state       where the case stands   -- 5 min       time passes
// Each word after `>>` is looked up here; an unknown one is an error, so that a script cannot pass by a typo.

import { expect } from 'vitest';
import type { Action, Reading, Verdict } from '../action/action.ts';
import type { Hold } from '../hold/hold.ts';
import { advance } from '../lifecycle/advance.ts';
import type { Command, LifecycleEvent } from '../lifecycle/event.ts';
import { type CaseState, newCase } from '../lifecycle/state.ts';
import { approvalOf, signAs } from './people-pool.ts';
import { backupRequirement, delayRequirement, heldHold, proofOf, volumeDeleteRequest } from './release-case.ts';
import { environment, sampleAtMs } from './sample-hold.ts';

export interface Stage {
  readonly state: CaseState;
  readonly nowMs: number;
  /** The hold that opens, and the evidence a rehold brings. */
  readonly hold: Hold;
}

const delayMs = 600_000;
const by = 'anna';

export const playedAction: Action = {
  id: 'act_1',
  channel: 'http',
  agent: 'cursor-staging',
  session: 'ses_1',
  atMs: sampleAtMs,
  posture: 'brokered',
  content: { kind: 'http', request: volumeDeleteRequest },
  asked: null,
  claimed: null,
};

function reading(stage: Stage, [effect, unreadable]: readonly string[]): Reading {
  const why = { code: 'unreadable', what: 'x', why: 'x', next: 'x' };
  const found = (['read', 'write', 'destructive'] as const).find((each) => each === effect);
  if (found === undefined) throw new Error(`no effect: ${effect}`);
  return { ...stage.hold.reading, effect: found, unreadable: unreadable === 'unreadable' ? why : null };
}

function decided(stage: Stage, [kind, next = 'open']: readonly string[]): LifecycleEvent {
  const verdict = { kind: kind as Verdict['kind'], reasons: [] };
  const holdId = 'hold_other';
  const follow = (['attach', 'result', 'denied', 'unsettled'] as const).find((each) => each === next);
  const open = next === 'open' ? ({ kind: 'open', hold: stage.hold } as const) : null;
  return { kind: 'decided', atMs: stage.nowMs, verdict, next: follow === undefined ? open : { kind: follow, holdId } };
}

function approved(stage: Stage, [human = 'anna', how = '']: readonly string[]): LifecycleEvent {
  const { nowMs: atMs } = stage;
  const hold = stage.state.at === 'held' ? stage.state.hold : stage.hold;
  // The nonce is the minute's: the same human in the same minute says the same yes.
  const nonce = Math.floor(atMs / 60_000)
    .toString(16)
    .padStart(16, '0');
  const good = approvalOf(human, hold.digest, atMs, nonce);
  switch (how) {
    case '':
      return { kind: 'approved', atMs, approval: good };
    case 'another-digest':
      return { kind: 'approved', atMs, approval: approvalOf(human, 'f'.repeat(64), atMs, nonce) };
    case 'by-click':
      return { kind: 'approved', atMs, approval: { ...good, factors: ['click'] } };
    case 'forged':
      return { kind: 'approved', atMs, approval: { ...good, signature: signAs('mallory', hold.digest, nonce) } };
    default:
      throw new Error(`no such approval: ${how}`);
  }
}

/** Every event of the fold by its name. */
const events: Readonly<Record<LifecycleEvent['kind'], (stage: Stage, words: readonly string[]) => LifecycleEvent>> = {
  requested: ({ nowMs }) => ({ kind: 'requested', atMs: nowMs, action: playedAction }),
  classified: (stage, words) => ({
    kind: 'classified',
    atMs: stage.nowMs,
    reading: reading(stage, words),
    needsResolution: words.includes('somewhere'),
  }),
  resolved: ({ nowMs, hold }, [place]) => {
    const { resolution } = hold;
    const preview = { ...environment('preview', 'open'), disposable: true };
    const found = place === 'disposable' ? { ...resolution, environments: [preview as typeof preview] } : resolution;
    return { kind: 'resolved', atMs: nowMs, resolution: found };
  },
  decided,
  attached: ({ nowMs, hold }) => ({ kind: 'attached', atMs: nowMs, holdId: hold.id }),
  held: ({ nowMs, hold }) => ({ kind: 'held', atMs: nowMs, hold }),
  proven: ({ nowMs }, [what]) => {
    const requirement = what === 'delay' ? delayRequirement : backupRequirement;
    return { kind: 'proven', atMs: nowMs, proof: proofOf(requirement, nowMs) };
  },
  approved,
  delayed: ({ nowMs }) => ({ kind: 'delayed', atMs: nowMs, untilMs: nowMs + delayMs }),
  released: ({ nowMs }) => ({ kind: 'released', atMs: nowMs }),
  executed: ({ nowMs }, [outcome]) => ({
    kind: 'executed',
    atMs: nowMs,
    outcome: (['ok', 'failed'] as const).find((each) => each === outcome) ?? 'unknown',
    status: 200,
    after: null,
  }),
  collected: ({ nowMs }) => ({ kind: 'collected', atMs: nowMs }),
  denied: ({ nowMs }) => ({ kind: 'denied', atMs: nowMs, by }),
  cancelled: ({ nowMs }) => ({ kind: 'cancelled', atMs: nowMs, by }),
  lapsed: ({ nowMs }) => ({ kind: 'lapsed', atMs: nowMs }),
  reheld: ({ nowMs, hold }, [evidence]) => {
    const fresh = evidence === 'new' ? heldHold({ ...hold, material: { ...hold.material, rowsMax: 1_000 } }) : null;
    return { kind: 'reheld', atMs: nowMs, because: ['it changed'], hold: fresh };
  },
  settled: ({ nowMs }) => ({ kind: 'settled', atMs: nowMs, happened: 'happened', by }),
  'asked-again': ({ nowMs }) => ({ kind: 'asked-again', atMs: nowMs }),
};

export function eventOf(stage: Stage, words: string): LifecycleEvent {
  const [name = '', ...rest] = words.split(/\s+/);
  const make = Object.entries(events).find(([kind]) => kind === name)?.[1];
  if (make === undefined) throw new Error(`no event: ${name}`);
  return make(stage, rest);
}

/** `held`, `approved` … for a hold, the stage's name before one. */
export function standing(state: CaseState): string {
  if (state.at === 'ended') return `ended ${state.how}`;
  return state.at === 'held' ? state.hold.state.kind : state.at;
}

const shown = (commands: readonly Command[]) => commands.map((each) => each.kind).join(' ');

/** Plays a script on a new case whose hold, should one open, is `hold`. Returns the case as it stands at the end. */
export function play(script: string, hold: Hold = heldHold()): CaseState {
  let stage: Stage = { state: newCase, nowMs: sampleAtMs, hold };
  const lines = script.split('\n').map((line) => line.trim());
  let asked = '';
  for (const [index, line] of lines.entries()) {
    const words = line.slice(2).trim();
    const at = `line ${index + 1}: ${line}`;
    if (line.startsWith('>>')) {
      const step = advance(stage.state, eventOf(stage, words));
      stage = { ...stage, state: step.state };
      asked = shown(step.commands);
      if (!lines[index + 1]?.startsWith('<<')) expect(asked, at).toBe('');
    } else if (line.startsWith('<<')) expect(asked, at).toBe(words);
    else if (line.startsWith('==')) expect(standing(stage.state), at).toBe(words);
    else if (line.startsWith('--')) stage = { ...stage, nowMs: stage.nowMs + Number.parseFloat(words) * 60_000 };
    else if (line !== '') throw new Error(`cannot read ${at}`);
  }
  return stage.state;
}
