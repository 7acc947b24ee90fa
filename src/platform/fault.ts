// Faults: what went wrong with the world (network, disk, bad bytes, bad configuration), with a stable code.
// Not for answers (deny and hold are values) and not for bugs (those throw plain errors and the action is denied).

import { type Reason, reason } from './reason.ts';

export type Retry = 'no' | 'later' | 'after-fix';

/** A fault with what, why and what next. `code` is documented in docs/reference/codes.md and never changes meaning. */
export class HoldpointError extends Error {
  override readonly name = 'HoldpointError';
  readonly reason: Reason;
  readonly retry: Retry;

  constructor(code: string, parts: { what: string; why: string; next: string; retry?: Retry; cause?: unknown }) {
    super(`${parts.what} ${parts.why} ${parts.next}`, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.reason = reason(code, parts.what, parts.why, parts.next);
    this.retry = parts.retry ?? 'after-fix';
  }

  get code(): string {
    return this.reason.code;
  }
}
