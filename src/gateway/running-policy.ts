// The running policy: an event, never a file. Loading one, describing what it changes, and noticing that the file in
// the home says something else (reported and ignored, DESIGN section 5).

import { existsSync, readFileSync } from 'node:fs';
import { policyDigest } from '../authorize/digests.ts';
import type { Policy } from '../authorize/grant.ts';
import type { Home } from '../platform/home.ts';
import { describePolicyChange } from './policy-change.ts';
import { parsePolicy } from './policy-file.ts';
import type { PolicyReader } from './ports.ts';
import type { System } from './system.ts';

export function createPolicyReader(parse: (text: string) => Policy): PolicyReader {
  return {
    parse,
    // Without a running policy everything is new: measured against the empty one.
    describe: (before, after) => describePolicyChange(before ?? parsePolicy('{}'), after),
  };
}

/** Journals and applies a policy; nothing happens if it is the running one already. */
export async function loadPolicy(
  system: System,
  policy: Policy,
  changes: readonly string[],
  by: string,
): Promise<void> {
  const digest = policyDigest(policy);
  if (digest === system.state.policyDigest) return;
  const data = { digest, changes, by, policy: JSON.parse(JSON.stringify(policy)) };
  await system.happen({ kind: 'policy-loaded', policy, digest }, data, null);
}

export function policyFileDiffers(home: Home, system: System, policies: PolicyReader): boolean {
  if (!existsSync(home.policyFile)) return false;
  try {
    return policyDigest(policies.parse(readFileSync(home.policyFile, 'utf8'))) !== system.state.policyDigest;
  } catch {
    return true;
  }
}
