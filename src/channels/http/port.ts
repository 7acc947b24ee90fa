// What the HTTP channel asks of the gateway. The channel turns bytes into an outgoing request and an answer into bytes;
// who the agent is, what the request means and whether it may go is all behind this port.

import type { Readable } from 'node:stream';
import type { HostClass } from '../../action/action.ts';
import type { OutgoingRequest } from '../../action/request.ts';
import type { Headers } from '../../execute/executor.ts';
import type { Reason } from '../../platform/reason.ts';

/** The tunnel's peer, for posture and the journal. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly localPort: number;
}

/** One tunnel or proxy connection of one agent. Identity is fixed at its start; grants are looked up per request. */
export interface HttpSession {
  readonly agent: string;
  readonly id: string;
  /** Ends when the agent is frozen, revoked or expired: the channel closes its sockets at once. */
  readonly ended: AbortSignal;
}

export type HttpAnswer =
  /** An upstream answer, streamed through (already with credentials substituted back). */
  | { readonly kind: 'upstream'; readonly status: number; readonly headers: Headers; readonly body: Readable }
  /** Our own answer: problem JSON for people and models. */
  | { readonly kind: 'own'; readonly status: number; readonly headers: Headers; readonly body: string };

export interface HttpChannelPort {
  /** null: no or wrong token -> 407. Compares in constant time. `authorization` is Proxy-Authorization as sent. */
  open(authorization: string | null, peer: Peer, target: string): HttpSession | null;
  close(session: HttpSession): void;
  /** `tunnel`: only SNI and bytes are seen. `refused`: own addresses, loopback, metadata, denied hosts. */
  classOf(
    host: string,
    port: number,
    session: HttpSession,
  ): { readonly kind: HostClass } | { readonly kind: 'refused'; readonly reason: Reason };
  /** True if this head is a recognised bulk route whose body is streamed unread (git-receive-pack, S3 object, image push). */
  isBulk(head: OutgoingRequest): boolean;
  /** Runs one request through the pipeline. Never rejects; `client` aborts when the agent hangs up. */
  submit(
    session: HttpSession,
    request: OutgoingRequest,
    bulk: Readable | null,
    client: AbortSignal,
  ): Promise<HttpAnswer>;
  /** Journals a refusal that the channel itself decided (bad framing, 421, 413 …), and renders it. */
  refuse(session: HttpSession | null, status: number, reason: Reason): HttpAnswer;
  /** Where a host is reached; the lab's override points governed names at its fake. Resolves DNS, checks the address is reachable for agents, returns the pinned address. */
  route(host: string, port: number): Promise<Route>;
}

export interface Route {
  readonly address: string;
  readonly port: number;
  /** Extra trust anchor (PEM) for this route: the lab's own CA. null: public roots. */
  readonly ca: string | null;
}
