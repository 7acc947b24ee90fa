// Which proofs an action needs before it may be released: a delay for what nothing undoes, and a fresh backup for what
// the policy protects. Pure; asked when a hold opens and again just before release, because policies change.

import { type Resolution, resourceName } from '../action/action.ts';
import type { Policy } from '../authorize/grant.ts';
import type { Requirement } from '../hold/proof.ts';

/** A backup older than this is renewed before release, where the policy does not say otherwise. */
const maxAgeMs = 15 * 60_000;

/** Requirements in a stable order: the delay first, then backups by resource. */
export function requirementsFor(resolution: Resolution, policy: Policy, delayMs: number): readonly Requirement[] {
  const reached = new Set(resolution.resources.map((resource) => resourceName(resource.ref)));
  const backups = policy.protects
    .map(({ resource, backup }) => ({ kind: 'backup', backup, resource: resourceName(resource), maxAgeMs }) as const)
    .filter((requirement) => reached.has(requirement.resource))
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  return delayMs > 0 ? [{ kind: 'delay', delayMs }, ...backups] : backups;
}
