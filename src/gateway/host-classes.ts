// The class of each host under the running policy, remembered until the policy changes: it is asked for every request.
// What the classes are is decide/host-class.ts.

import type { HostClass } from '../action/action.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import { classifyHost } from '../decide/host-class.ts';
import type { System } from './system.ts';

/** Host classes by name and port, remembered until the policy changes: this is asked for every request. */
export function rememberHostClasses(
  system: System,
  pages: readonly ProviderPage[],
): (host: string, port: number) => HostClass | 'denied' {
  let known = new Map<string, HostClass | 'denied'>();
  system.onChange(() => {
    known = new Map();
  });
  return (host, port) => {
    const key = `${host}:${port}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const { policy } = system.state;
    const found = policy === null ? 'denied' : classifyHost(host, port, pages, policy);
    if (known.size > 10_000) known = new Map();
    known.set(key, found);
    return found;
  };
}
