// The name a human types to show that they read where the action lies: `<environment>/<resolved name>`.
// It stops typos and habit, not agents (those are stopped by the signed factor). The page says it, the CLI asks it,
// the gateway compares it: all through this one function.

import { resourceName } from '../action/action.ts';
import type { Hold } from './hold.ts';
import { inertLine } from './inert-text.ts';
import { environmentName } from './material.ts';

/** `production/pocketos-db`: strictest environment and first resource, by the provider's name or else its id. */
export function typedNameOf(hold: Pick<Hold, 'resolution' | 'reading'>): string {
  const [strictest] = hold.resolution.environments;
  const [first] = hold.resolution.resources;
  const environment = strictest === undefined ? '(unknown)' : environmentName(strictest);
  const name = first === undefined ? hold.reading.operation : (first.label ?? resourceName(first.ref));
  return inertLine(`${environment}/${name}`);
}
