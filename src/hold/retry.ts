// The state table of a repeated request: what the newest hold with the same retry key says to it (DESIGN section 6).
// It decides on one repetition only; what a new request means is decide/, and the moves of the hold are lifecycle/.

import type { Hold } from './hold.ts';

/** How long a human's no answers the same request without asking again. */
export const denialLastsMs = 24 * 60 * 60_000;
/** How long a result is kept for the agent that asked for it. */
export const resultLastsMs = 24 * 60 * 60_000;

export type RetryAnswer =
  | { readonly kind: 'new'; readonly before: Hold['before'] }
  | { readonly kind: 'attach'; readonly hold: Hold }
  | { readonly kind: 'result'; readonly hold: Hold }
  | { readonly kind: 'denied'; readonly hold: Hold }
  | { readonly kind: 'unsettled'; readonly hold: Hold };

function earlier(hold: Hold, outcome: string, atMs: number): RetryAnswer {
  return { kind: 'new', before: { hold: hold.id, atMs, outcome } };
}

/** `newest` is the newest hold with this retry key or null. Total over all hold states. */
export function answerRetry(newest: Hold | null, nowMs: number): RetryAnswer {
  if (newest === null) return { kind: 'new', before: null };
  const { state } = newest;
  switch (state.kind) {
    case 'held':
    case 'approved':
    case 'delayed':
    case 'released':
      return { kind: 'attach', hold: newest };
    case 'executed':
      if (state.outcome === 'unknown') return { kind: 'unsettled', hold: newest };
      if (state.outcome === 'failed') return { kind: 'new', before: null };
      return state.collected || nowMs - state.atMs >= resultLastsMs
        ? earlier(newest, 'ok', state.atMs)
        : { kind: 'result', hold: newest };
    case 'settled':
      return state.happened === 'happened'
        ? earlier(newest, 'settled as happened', state.atMs)
        : { kind: 'new', before: null };
    case 'denied':
      return nowMs - state.atMs < denialLastsMs ? { kind: 'denied', hold: newest } : { kind: 'new', before: null };
    case 'cancelled':
    case 'lapsed':
      return { kind: 'new', before: null };
  }
}
