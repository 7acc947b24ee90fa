// The fold's events: everything that can happen to one action, in past tense, with the values the fold needs.
// entry.ts renders each as a masked journal entry; record/event.ts is that form. Nothing here is ever written as is.

import type { Action, Outcome, Reading, Resolution, Verdict } from '../action/action.ts';
import type { Approval, Hold } from '../hold/hold.ts';
import type { Proof } from '../hold/proof.ts';

/** How a verdict of hold continues, after the newest hold with the same retry key was looked at. */
export type Continuation =
  | { readonly kind: 'open'; readonly hold: Hold }
  | { readonly kind: 'attach'; readonly holdId: string }
  /** Another request of this agent to the same unjudged host waits. */
  | { readonly kind: 'beside'; readonly holdId: string }
  | { readonly kind: 'result'; readonly holdId: string }
  | { readonly kind: 'denied'; readonly holdId: string }
  | { readonly kind: 'unsettled'; readonly holdId: string };

export type LifecycleEvent =
  | { readonly kind: 'requested'; readonly atMs: number; readonly action: Action }
  | { readonly kind: 'classified'; readonly atMs: number; readonly reading: Reading; readonly needsResolution: boolean }
  | { readonly kind: 'resolved'; readonly atMs: number; readonly resolution: Resolution }
  | { readonly kind: 'decided'; readonly atMs: number; readonly verdict: Verdict; readonly next: Continuation | null }
  | { readonly kind: 'attached'; readonly atMs: number; readonly holdId: string }
  | { readonly kind: 'held'; readonly atMs: number; readonly hold: Hold }
  | { readonly kind: 'proven'; readonly atMs: number; readonly proof: Proof }
  | { readonly kind: 'approved'; readonly atMs: number; readonly approval: Approval }
  | { readonly kind: 'delayed'; readonly atMs: number; readonly untilMs: number }
  /** `nonces`: of the approvals that mayRelease has verified. A hold with other approvals by now is not released. */
  | { readonly kind: 'released'; readonly atMs: number; readonly nonces?: readonly string[] }
  | {
      readonly kind: 'executed';
      readonly atMs: number;
      readonly outcome: Outcome;
      readonly status: number | null;
      readonly after: string | null;
    }
  | { readonly kind: 'collected'; readonly atMs: number }
  | { readonly kind: 'denied'; readonly atMs: number; readonly by: string }
  | { readonly kind: 'cancelled'; readonly atMs: number; readonly by: string }
  | { readonly kind: 'lapsed'; readonly atMs: number }
  | { readonly kind: 'reheld'; readonly atMs: number; readonly because: readonly string[]; readonly hold: Hold | null }
  | {
      readonly kind: 'settled';
      readonly atMs: number;
      readonly happened: 'happened' | 'not-happened';
      readonly by: string;
    }
  /** An equal request came again: keeps a hold from growing too old. Journalled as `attached`. */
  | { readonly kind: 'asked-again'; readonly atMs: number };

/** What the driver does next. Answers come back as events. */
export type Command =
  | { readonly kind: 'classify' }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'decide' }
  /** Send the request now: an allowed action, no hold. */
  | { readonly kind: 'execute-allowed' }
  | { readonly kind: 'answer-denied' }
  | { readonly kind: 'follow-hold'; readonly next: Continuation }
  | { readonly kind: 'open-hold'; readonly hold: Hold }
  | { readonly kind: 'start-safeguards'; readonly holdId: string }
  | { readonly kind: 'notify'; readonly holdId: string }
  | { readonly kind: 'start-delay'; readonly holdId: string; readonly delayMs: number }
  /** Resolve afresh, ask mayRelease, then `released`, `reheld` or `lapsed`. */
  | { readonly kind: 'recheck'; readonly holdId: string }
  | { readonly kind: 'execute-held'; readonly holdId: string }
  | { readonly kind: 'stop-safeguards'; readonly holdId: string }
  | { readonly kind: 'answer-waiting'; readonly holdId: string };
