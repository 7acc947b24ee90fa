// The rules that the pipeline asks: the verdict, what a hold needs, and whether the provider must be asked first.
// Always the real ones, except in a lab run that shows what a single layer would have done (lab/layered-rules.ts).

import type { Reading, Resolution, Verdict } from '../action/action.ts';
import type { Policy } from '../authorize/grant.ts';
import {
  type CredentialState,
  type DecideInput,
  decide,
  needsResolution,
  type ResolutionQuestion,
} from '../decide/decide.ts';
import { type HumanNeeds, holdNeeds } from '../decide/needs.ts';

export interface Rules {
  decide(input: DecideInput): Verdict;
  needs(reading: Reading, resolution: Resolution | null, policy: Policy): HumanNeeds;
  needsResolution(question: ResolutionQuestion, credential: CredentialState): boolean;
}

export const realRules: Rules = {
  decide,
  needs: holdNeeds,
  // Whatever the answer, such a request is refused: an agent must not make the gateway spend calls.
  needsResolution: (question, credential) =>
    credential.kind !== 'stray' && credential.kind !== 'refused' && needsResolution(question),
};
