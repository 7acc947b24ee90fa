// Asking where things lie: the provider's resolver for facts, the pure stage for what they mean under the policy.
// Whatever fails is unknown, and unknown counts as production. A resolver's fault never becomes a milder answer.

import type { Reading, Resolution } from '../action/action.ts';
import type { Policy } from '../authorize/grant.ts';
import { resolveWith } from '../resolve/resolution.ts';
import type { Located, Resolver } from '../resolve/resolver.ts';

export type Resolve = (reading: Reading, freshness: 'cached' | 'fresh', signal: AbortSignal) => Promise<Resolution>;

export interface ResolvingDeps {
  readonly resolvers: ReadonlyMap<string, Resolver>;
  readonly policy: () => Policy | null;
  readonly wallMs: () => number;
  readonly fault: (where: string, error: unknown) => void;
}

export function createResolve(deps: ResolvingDeps): Resolve {
  async function locate(
    reading: Reading,
    freshness: 'cached' | 'fresh',
    signal: AbortSignal,
  ): Promise<readonly Located[]> {
    const resolver = reading.provider === null ? undefined : deps.resolvers.get(reading.provider);
    if (resolver === undefined) return [];
    try {
      return await resolver.locate(reading.operations, { fresh: freshness === 'fresh', signal });
    } catch (error) {
      deps.fault(`resolver ${resolver.provider}`, error);
      return [];
    }
  }
  return async (reading, freshness, signal) => {
    const located = await locate(reading, freshness, signal);
    return resolveWith(located, reading.operations, deps.policy()?.environments ?? [], deps.wallMs());
  };
}
