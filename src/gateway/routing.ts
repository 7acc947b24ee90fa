// Where a host is reached from here: an upstream override in a lab, public DNS otherwise, and never an address that
// agents may not reach. A lab leaves loopback for nothing but model APIs, if at all.

import type { HostClass } from '../action/action.ts';
import type { Route } from '../channels/http/port.ts';
import { isForbidden, resolvePinned } from '../platform/addresses.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type Reason, reason } from '../platform/reason.ts';

export interface RoutingDeps {
  /** Lab only: where named hosts lie; null for a host that it does not name. */
  readonly override: ((host: string, port: number) => Route | null) | null;
  /** anywhere: real instance. tunnels: lab with real agents. nowhere: a lab run. */
  readonly leave: 'anywhere' | 'tunnels' | 'nowhere';
  readonly hostClass: (host: string, port: number) => HostClass | 'denied';
}

export interface Routing {
  route(host: string, port: number): Promise<Route>;
  /** Known without DNS: a literal address or name that agents may not reach. */
  forbidden(host: string, port: number): Reason | null;
}

const labStays = reason(
  'lab-stays',
  'This host was not reached.',
  'A lab instance reaches its own fake providers only.',
  'Use a real instance for real hosts.',
);

export function createRouting(deps: RoutingDeps): Routing {
  const { override, leave } = deps;

  function mayLeave(host: string, port: number): boolean {
    return leave === 'anywhere' || (leave === 'tunnels' && deps.hostClass(host, port) === 'tunnel');
  }

  return {
    forbidden(host, port) {
      if (override?.(host, port) != null) return null;
      const bare = host.replace(/^\[|\]$/g, '');
      const literal = /^[0-9.]+$|:/.test(bare) ? isForbidden(bare) : null;
      if (literal !== null) return literal;
      return mayLeave(host, port) ? null : labStays;
    },
    async route(host, port) {
      const named = override?.(host, port) ?? null;
      if (named !== null) return named;
      if (!mayLeave(host, port)) throw fault('lab-stays', labStays);
      const pinned = await resolvePinned(host);
      if (pinned.kind !== 'pinned') throw fault(pinned.reason.code, pinned.reason);
      return { address: pinned.address, port, ca: null };
    },
  };
}

function fault(code: string, why: Reason): HoldpointError {
  return new HoldpointError(code, { what: why.what, why: why.why, next: why.next, retry: 'no' });
}
