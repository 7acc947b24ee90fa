// Following a hold from a waiting request: until it has a result, is ended, or the wait is over. The hold goes on
// without the client; a client that hangs up loses nothing but its own answer.

import { Readable } from 'node:stream';
import type { HttpAnswer } from '../channels/http/port.ts';
import type { Hold } from '../hold/hold.ts';
import type { Clock } from '../platform/clock.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { Storage } from '../storage/storage.ts';
import { deniedAnswer, endedAnswer, heldAnswer, unknownAnswer } from './answers.ts';
import { resultBody } from './hold-cases.ts';
import type { HoldDesk } from './hold-desk.ts';
import type { Sealer } from './ports.ts';
import { decodeResult } from './result.ts';

export interface FollowDeps {
  readonly desk: HoldDesk;
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly waitMs: () => number | null;
}

/** Results are kept this long for an agent that comes back. */
export const resultKeptMs = 24 * 60 * 60_000;

function ended(what: string, why: string, next: string, code: string): Reason {
  return reason(code, what, why, next);
}

export function createFollow(deps: FollowDeps) {
  const { desk, clock } = deps;

  /** The answer of a hold that needs no more waiting; null while it does. */
  function settledAnswer(hold: Hold): HttpAnswer | null {
    const { state } = hold;
    switch (state.kind) {
      case 'denied':
        return endedAnswer(
          hold,
          ended(
            'Nothing was done.',
            `A human (${state.by}) said no to this.`,
            'Do not repeat it or reach for the same goal another way; ask your human what they want instead.',
            'denied-by-human',
          ),
        );
      case 'cancelled':
        return endedAnswer(
          hold,
          ended(
            'Nothing was done.',
            `A human (${state.by}) cancelled it within the delay.`,
            'Ask your human before trying again.',
            'cancelled-by-human',
          ),
        );
      case 'lapsed':
        return endedAnswer(
          hold,
          ended(
            'Nothing was done.',
            'The approval was not used in time and has lapsed.',
            'Repeat the request if it is still wanted: it opens a new hold.',
            'approval-lapsed',
          ),
        );
      case 'executed':
        if (state.outcome === 'unknown') return unknownAnswer(hold);
        if (state.outcome === 'failed' && state.status === null) {
          return endedAnswer(
            hold,
            ended(
              'Nothing was done.',
              'It was approved and released, but the provider could not be reached.',
              'Repeat the request: it opens a new hold.',
              'execution-failed',
            ),
          );
        }
        return null;
      default:
        return null;
    }
  }

  /** Hands a result out. The first who takes it marks it collected; all who waited at that moment get it. */
  async function collect(hold: Hold): Promise<HttpAnswer> {
    const id = resultBody(hold.id);
    const sealed = await deps.storage.body(id);
    const { state } = hold;
    if (sealed === null || (state.kind === 'executed' && clock.wallMs() - state.atMs > resultKeptMs)) {
      return deniedAnswer([
        ended(
          'The result is no longer kept.',
          'It was executed, and its answer is kept for 24 h only.',
          `See holdpoint hold show ${hold.id}.`,
          'result-gone',
        ),
      ]);
    }
    const result = decodeResult(deps.sealer.open(id, sealed));
    await desk.apply(hold.id, { kind: 'collected', atMs: clock.wallMs() });
    return {
      kind: 'upstream',
      status: result.status,
      headers: result.headers,
      body: Readable.from([Buffer.from(result.body)]),
    };
  }

  async function answerNow(hold: Hold): Promise<HttpAnswer | null> {
    const settled = settledAnswer(hold);
    if (settled !== null) return settled;
    return hold.state.kind === 'executed' ? collect(hold) : null;
  }

  /** Resolves with the hold's end, or with 423 when the wait is over or the client is gone. */
  return async function follow(holdId: string, client: AbortSignal): Promise<HttpAnswer> {
    const waitMs = deps.waitMs();
    let stopWaiting: () => void = () => undefined;
    const last = await new Promise<Hold | null>((resolve) => {
      const seen = (hold: Hold | null) => {
        if (hold === null || settledAnswer(hold) !== null || hold.state.kind === 'executed') resolve(hold);
      };
      const unwatch = desk.watch(holdId, seen);
      const cancelTimer = waitMs === null ? () => undefined : clock.after(waitMs, () => resolve(null));
      const gone = () => resolve(null);
      client.addEventListener('abort', gone, { once: true });
      stopWaiting = () => {
        unwatch();
        cancelTimer();
        client.removeEventListener('abort', gone);
      };
      // It may have moved before we watched.
      desk.cases.get(holdId).then(seen, () => resolve(null));
    }).finally(() => stopWaiting());
    const hold = last ?? (await desk.cases.get(holdId));
    if (hold === null)
      return deniedAnswer([
        ended('The hold is gone.', 'The store does not have it.', 'Repeat the request.', 'hold-missing'),
      ]);
    return (await answerNow(hold)) ?? heldAnswer(hold);
  };
}
