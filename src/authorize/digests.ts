// Digests of what was in force when a hold opened. An approval is bound to them: a grant or policy that changes in
// between re-holds instead of releasing under rules that nobody looked at.

import { digestOf } from '../action/canonical.ts';
import type { Grant, Policy } from './grant.ts';

/** SHA-256 over the canonical grant, hex. */
export function grantDigest(grant: Grant): string {
  return digestOf(grant);
}

/** SHA-256 over the canonical policy, hex. */
export function policyDigest(policy: Policy): string {
  return digestOf(policy);
}
