// What humans can do to the secrets behind placeholders: give one (an owner's fresh factor over exactly this secret) and
// take it away (any signed-in human: it only stops things). Which credentials there are is the policy's; this keeps none.

import type { Done, FactorSubmission, GivenCredential } from '../console/server/port.ts';
import { credentialPutDigest } from '../console/server/secret-digest.ts';
import { HoldpointError } from '../platform/fault.ts';
import { reason } from '../platform/reason.ts';
import { type HumanVerbs, no } from './human-verbs.ts';
import type { SecretKeeper } from './ports.ts';
import type { System } from './system.ts';

export interface CredentialVerbsDeps {
  readonly system: System;
  readonly verbs: Pick<HumanVerbs, 'widening'>;
  readonly secrets: SecretKeeper;
}

export function createCredentialVerbs({ system, verbs, secrets }: CredentialVerbsDeps) {
  return {
    async credentialPut(id: string, secret: string, submission: FactorSubmission): Promise<Done<GivenCredential>> {
      const credential = system.state.policy?.credentials.find((each) => each.id === id);
      if (credential === undefined) return no(404, notInPolicy);
      const fault = await verbs.widening(submission, credentialPutDigest(id, secret), ['owner']);
      if (fault !== null) return no(403, fault);
      try {
        return { ok: true, value: await secrets.put(credential, secret, submission.human) };
      } catch (error) {
        if (error instanceof HoldpointError && error.code === 'secret-unfit') return no(422, error.reason);
        throw error;
      }
    },
    /** Also for a credential that the policy has no more: what is left of it must be removable. */
    async credentialRemove(id: string, by: string): Promise<Done<null>> {
      return (await secrets.remove(id, by)) ? { ok: true, value: null } : no(404, nothingStored);
    },
  };
}

const notInPolicy = reason(
  'credential-unknown',
  'No secret was stored.',
  'The policy has no such credential.',
  'Add it to the policy with its provider, placeholder and purpose, apply it, then repeat this.',
);
const nothingStored = reason(
  'no-secret-stored',
  'Nothing was removed.',
  'No secret is stored for this credential.',
  'List the credentials: holdpoint credential list.',
);
