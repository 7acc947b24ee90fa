// The name a human types to show that they read where the action lies: `<environment>/<resolved name>`.
// It stops typos and habit, not agents (those are stopped by the signed factor). The page says it, the CLI asks it,
// the gateway compares it: all through this one function.

import { type Environment, resourceName } from '../action/action.ts';
import type { Hold } from './hold.ts';
import { inertLine } from './inert-text.ts';

/** How an environment is named on pages; an unknown one counts as production and says so. */
export function environmentName(environment: Environment): string {
  switch (environment.kind) {
    case 'verified':
      return inertLine(environment.name);
    case 'unknown':
      return 'unknown';
    case 'account':
      return 'account';
  }
}

/** `production/pocketos-db`: strictest environment and first resource, by the provider's name or else its id. */
export function typedNameOf(hold: Pick<Hold, 'resolution' | 'reading'>): string {
  const [strictest] = hold.resolution.environments;
  const [first] = hold.resolution.resources;
  const environment = strictest === undefined ? 'unknown' : environmentName(strictest);
  const name = first === undefined ? hold.reading.operation : (first.label ?? resourceName(first.ref));
  return `${environment}/${inertLine(name)}`;
}
