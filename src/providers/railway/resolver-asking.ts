// Asks one evidence question and insists on a complete answer: HTTP 200, no `errors`, the declared shape. Anything less
// is the fault `evidence-incomplete`, which the resolver turns into "unknown"; there is no half-trusted answer.
// Answers are kept for cacheMs, except that a fresh resolution (just before release) starts from nothing.

import type { ZodType } from 'zod';
import { HoldpointError } from '../../platform/fault.ts';
import { type EvidenceAnswer, type EvidenceCall, type EvidenceQuery, misfit } from './evidence.ts';

export interface Asking {
  ask<T>(query: EvidenceQuery, variables: Readonly<Record<string, string | null>>, shape: ZodType<T>): Promise<T>;
}

export interface AnswerCache {
  asking(options: { readonly fresh: boolean; readonly signal: AbortSignal }): Asking;
}

/** Most answers kept at a time; a walk of a large account is some hundred. */
const cacheMax = 2_000;

export function incomplete(why: string): HoldpointError {
  return new HoldpointError('evidence-incomplete', {
    what: 'Railway did not say completely where this lies.',
    why,
    next: 'Look at the resource in the Railway dashboard, or check the reading credential of the gateway.',
    retry: 'later',
  });
}

function firstError(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return 'the answer is not an object';
  const { errors, data } = body as { readonly errors?: unknown; readonly data?: unknown };
  if (Array.isArray(errors) && errors.length > 0) {
    const message = (errors[0] as { readonly message?: unknown } | null)?.message;
    // Only the one message that is understood is repeated; other texts of the provider are not ours to show.
    return message === 'Not Authorized' ? 'Railway answered "Not Authorized"' : 'Railway answered with an error';
  }
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) return 'the answer carries strange errors';
  return typeof data === 'object' && data !== null ? null : 'the answer carries no data';
}

function dataOf<T>(query: EvidenceQuery, answer: EvidenceAnswer, shape: ZodType<T>): T {
  if (answer.kind === 'unreachable') throw incomplete(`${query.id} was not answered: ${answer.because}.`);
  if (answer.status !== 200) throw incomplete(`${query.id} was answered with HTTP ${answer.status}.`);
  const error = firstError(answer.body);
  if (error !== null) throw incomplete(`${query.id}: ${error}.`);
  const parsed = shape.safeParse((answer.body as { readonly data: unknown }).data);
  if (!parsed.success) throw incomplete(`${query.id} was answered in a form that this resolver does not know.`);
  return parsed.data;
}

function untilAborted(answer: Promise<EvidenceAnswer>, signal: AbortSignal): Promise<EvidenceAnswer> {
  return new Promise((resolve) => {
    const late = () => resolve({ kind: 'unreachable', because: 'it took too long' });
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    answer
      .catch((): EvidenceAnswer => ({ kind: 'unreachable', because: 'the call failed' }))
      .then(resolve)
      .finally(() => signal.removeEventListener('abort', late));
  });
}

export function answerCache(call: EvidenceCall, clock: { wallMs(): number }, cacheMs: number): AnswerCache {
  const kept = new Map<string, { readonly atMs: number; readonly answer: EvidenceAnswer }>();

  const keep = (key: string, answer: EvidenceAnswer) => {
    if (answer.kind !== 'answered' || answer.status !== 200 || firstError(answer.body) !== null) return;
    kept.delete(key);
    kept.set(key, { atMs: clock.wallMs(), answer });
    const oldest = kept.size > cacheMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
  };

  const recall = (key: string): EvidenceAnswer | null => {
    const found = kept.get(key);
    if (found === undefined) return null;
    const ageMs = clock.wallMs() - found.atMs;
    // A clock that went back makes an age negative, and an age that is not known is too old.
    return ageMs >= 0 && ageMs < cacheMs ? found.answer : null;
  };

  return {
    asking({ fresh, signal }) {
      // Within one resolution equal questions are asked once, fresh or not: it is one look at one state.
      const asked = new Map<string, Promise<EvidenceAnswer>>();
      return {
        async ask(query, variables, shape) {
          const wrong = misfit(query, variables);
          if (wrong !== null) throw incomplete(`The id for ${query.id} is not one of Railway's (${wrong}).`);
          const key = JSON.stringify([query.id, Object.entries(variables).sort()]);
          const remembered = fresh ? null : recall(key);
          const answer = asked.get(key) ?? remembered ?? untilAborted(call(query, variables, signal), signal);
          const pending = Promise.resolve(answer);
          asked.set(key, pending);
          const settled = await pending;
          if (remembered === null) keep(key, settled);
          return dataOf(query, settled, shape);
        },
      };
    },
  };
}
