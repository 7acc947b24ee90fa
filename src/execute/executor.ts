// The Executor port: how released bytes leave. `gateway` sends stored bytes itself; `connection` (SQL) and `agent`
// (shell, MCP, SDK) come with their channels. What is sent is the classified request plus declared auth-slot changes.

import type { Readable } from 'node:stream';
import type { OutgoingRequest } from '../action/request.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable;
}

export interface SendOptions {
  /** Streams after the head instead of request.body (recognised bulk routes only); null otherwise. */
  readonly bulk: Readable | null;
  readonly signal: AbortSignal;
  /** True for holds: own connection, no reuse. */
  readonly fresh: boolean;
}

/** Thrown as `cause`-carrying fault codes: `upstream-not-reached` (no byte written: failed) and `upstream-broken` (unknown). */
export interface HttpExecutor {
  send(request: OutgoingRequest, options: SendOptions): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}
