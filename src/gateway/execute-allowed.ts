// Sending what was allowed. The `decided` of a write is handed to the journal before the first byte leaves and is
// synced by the next group commit; a plain read is only tallied.

import type { Reading } from '../action/action.ts';
import type { HttpAnswer } from '../channels/http/port.ts';
import { notForAgents } from '../channels/http/refusals.ts';
import type { HttpExecutor, UpstreamAnswer } from '../execute/executor.ts';
import type { Clock } from '../platform/clock.ts';
import { HoldpointError } from '../platform/fault.ts';
import { reason } from '../platform/reason.ts';
import type { Storage } from '../storage/storage.ts';
import { maskAnswer } from './answer-masks.ts';
import { refusedAnswer } from './answers.ts';
import type { Broker } from './ports.ts';
import { draftsOf, type Run } from './run.ts';
import type { Sessions } from './sessions.ts';

export interface ExecuteAllowedDeps {
  readonly clock: Clock;
  readonly storage: Storage;
  readonly sessions: Sessions;
  readonly broker: Broker;
  readonly executor: HttpExecutor;
  readonly fault: (where: string, error: unknown) => void;
}

export type ExecuteAllowed = (run: Run, reading: Reading) => Promise<HttpAnswer>;

export function createExecuteAllowed(deps: ExecuteAllowedDeps): ExecuteAllowed {
  const { storage, clock, broker } = deps;

  function journal(run: Run): void {
    storage
      .commit({ events: draftsOf(run, null) })
      .catch((error: unknown) => deps.fault('journal of an allowed write', error));
    run.trail.length = 0;
  }

  function executed(run: Run, outcome: 'ok' | 'failed' | 'unknown', status: number | null): void {
    run.trail.push({ kind: 'executed', atMs: clock.wallMs(), outcome, status, after: null });
    journal(run);
  }

  async function send(run: Run, credential: string | null): Promise<UpstreamAnswer> {
    const request =
      credential === null || run.page === null ? run.request : await broker.inject(run.request, credential, run.page);
    return deps.executor.send(request, { bulk: run.bulk, signal: run.client, fresh: false });
  }

  return async function executeAllowed(run, reading) {
    const quiet = reading.plain;
    if (!quiet) journal(run);
    const credential = run.credential.kind === 'placeholder' ? run.credential.credential : null;
    let answer: UpstreamAnswer;
    try {
      answer = await send(run, credential);
    } catch (error) {
      const code = error instanceof HoldpointError ? error.code : 'upstream-broken';
      if (!quiet) executed(run, code === 'upstream-broken' ? 'unknown' : 'failed', null);
      deps.fault('upstream', error);
      return refusedAnswer(
        notForAgents.has(code) ? 403 : 502,
        error instanceof HoldpointError ? error.reason : unreachable,
      );
    }
    if (quiet) deps.sessions.tally(run.session, run.host.name, lengthOf(answer));
    else executed(run, answer.status >= 500 ? 'unknown' : answer.status >= 400 ? 'failed' : 'ok', answer.status);
    const headers = credential === null ? answer.headers : broker.maskHeaders(answer.headers, credential);
    const body = credential === null ? answer.body : broker.maskBody(answer.body, answer.headers, credential);
    const masks = reading.operations.flatMap((operation) => operation.masks);
    if (masks.length > 0) return maskAnswer({ status: answer.status, headers, body }, masks);
    return { kind: 'upstream', status: answer.status, headers, body };
  };
}

function lengthOf(answer: UpstreamAnswer): number {
  const length = answer.headers.find(([name]) => name === 'content-length')?.[1];
  return length === undefined ? 0 : Number(length);
}

const unreachable = reason(
  'upstream-broken',
  'The provider could not be asked.',
  'The connection to it failed.',
  'Try again later.',
);
