// An environment as the policy binds it: a name for a set of provider ids. Ids bind, names never do.
// It knows no provider; resolution.ts maps what a resolver found to these.

import type { ResourceRef } from '../action/action.ts';

export interface EnvironmentPolicy {
  readonly name: string;
  readonly protected: boolean;
  readonly disposable: boolean;
  /** Provider ids that make up this environment, e.g. {provider:'railway', kind:'environment', id}. */
  readonly is: readonly ResourceRef[];
}
