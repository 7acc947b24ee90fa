// The retry table, every state against every answer: whoever changes a row changes what a repeated request does.

import { describe, expect, it } from 'vitest';
import { sampleAtMs, sampleHold } from '../testing/sample-hold.ts';
import type { Hold, HoldState } from './hold.ts';
import { answerRetry, denialLastsMs, resultLastsMs } from './retry.ts';

const atMs = sampleAtMs;
const nowMs = atMs + 1_000;
const executed = { kind: 'executed', atMs, status: 200, after: null, collected: false } as const;
const ok = { ...executed, outcome: 'ok' } as const;
const failed = { ...executed, outcome: 'failed' } as const;
const unknown = { ...executed, outcome: 'unknown' } as const;
const denied = { kind: 'denied', by: 'anna', atMs } as const;
const settled = { kind: 'settled', by: 'anna', atMs } as const;

const holdIn = (state: HoldState): Hold => sampleHold({ state });
const ran = (outcome: string) => ({ kind: 'new', before: { hold: sampleHold().id, atMs, outcome } });
const fresh = { kind: 'new', before: null };

describe('answerRetry', () => {
  it('opens a hold where there was none', () => {
    expect(answerRetry(null, nowMs)).toEqual(fresh);
  });

  it.each<[string, HoldState, string]>([
    ['held', { kind: 'held' }, 'attach'],
    ['approved', { kind: 'approved' }, 'attach'],
    ['in its delay', { kind: 'delayed', untilMs: nowMs }, 'attach'],
    ['released, not yet answered', { kind: 'released', atMs }, 'attach'],
    ['executed, result not collected', ok, 'result'],
    ['outcome unknown', unknown, 'unsettled'],
    ['outcome unknown, answer collected', { ...unknown, collected: true }, 'unsettled'],
    ['denied', denied, 'denied'],
  ])('%s', (_when, state, kind) => {
    const hold = holdIn(state);
    expect(answerRetry(hold, nowMs)).toEqual({ kind, hold });
  });

  it.each<[string, HoldState, number, object]>([
    ['collected', { ...ok, collected: true }, nowMs, ran('ok')],
    ['never collected, and the result no longer kept', ok, atMs + resultLastsMs, ran('ok')],
    ['failed', failed, nowMs, fresh],
    ['failed and collected', { ...failed, collected: true }, nowMs, fresh],
    ['settled as happened', { ...settled, happened: 'happened' }, nowMs, ran('settled as happened')],
    ['settled as not happened', { ...settled, happened: 'not-happened' }, nowMs, fresh],
    ['denied a day ago', denied, atMs + denialLastsMs, fresh],
    ['cancelled', { kind: 'cancelled', by: 'anna', atMs }, nowMs, fresh],
    ['lapsed', { kind: 'lapsed', atMs }, nowMs, fresh],
  ])('a new hold: %s', (_when, state, now, answer) => {
    expect(answerRetry(holdIn(state), now)).toEqual(answer);
  });

  it.each<[string, HoldState, number, string]>([
    ['a no stands to the last millisecond', denied, atMs + denialLastsMs - 1, 'denied'],
    ['a no stands although the clock went back', denied, atMs - denialLastsMs, 'denied'],
    ['a result is kept to the last millisecond', ok, atMs + resultLastsMs - 1, 'result'],
    ['an unknown outcome never ages', unknown, atMs + 1_000 * denialLastsMs, 'unsettled'],
  ])('%s', (_because, state, now, kind) => {
    expect(answerRetry(holdIn(state), now).kind).toBe(kind);
  });
});
