// Findings in words: what, why, what next, for a person and for a model. Only words of ours, of the policy and of the
// provider's data stand here; nothing that the agent wrote, because reasons are read as the gateway's own speech.

import type { Environment, Reading } from '../action/action.ts';
import { isIrreversible } from '../action/effect.ts';
import { neededScope, scopeName } from '../authorize/authorize.ts';
import type { Grant } from '../authorize/grant.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { Finding } from './verdict-rules.ts';

const stay =
  'The goal is on hold, not this tool: do not look for another route. Wait for your human, or ask them whether this is meant.';
const ask = 'Do not look for another route. Tell your human what you need and why; only they can widen a grant.';

/** An environment in words, with who says so. */
export function environmentInWords(environment: Environment): string {
  switch (environment.kind) {
    case 'verified':
      return `${environment.name} (verified by ${environment.by})`;
    case 'unknown':
      return `an environment that is not known (${environment.because}), which counts as production`;
    case 'account':
      return 'the whole account';
  }
}

function granted(grant: Grant): string {
  if (grant.environments === 'all') return 'all verified environments';
  return grant.environments.length === 0 ? 'no environment' : grant.environments.join(', ');
}

function covered(grant: Grant): string {
  return grant.scopes.length === 0 ? 'nothing' : grant.scopes.map(scopeName).join(', ');
}

/** Where the findings of one code land, each place once. */
function places(findings: readonly Finding[]): string {
  return [...new Set(findings.map((finding) => environmentInWords(finding.environment)))].join(' and ');
}

function kinds(findings: readonly Finding[]): string {
  return [...new Set(findings.map(({ operation }) => (operation.scope === '' ? 'other' : operation.scope)))].join(', ');
}

/** How sure the reading is, where it is not proven. */
function doubt(findings: readonly Finding[]): string {
  return findings.some(({ operation }) => operation.basis === 'assumed')
    ? ' What it does is not proven, so the worse reading counts.'
    : '';
}

type Words = (findings: readonly Finding[], grant: Grant, reading: Reading) => Omit<Reason, 'code'>;

const words: Readonly<Record<Finding['code'], Words>> = {
  'scope-missing': (findings, grant) => {
    const needed = [...new Set(findings.map(({ operation }) => scopeName(neededScope(operation))))].join(', ');
    return {
      what: `This action needs ${needed}, which the grant does not cover.`,
      why: `Scope ${needed} is missing: this agent's grant covers ${covered(grant)}.`,
      next: ask,
    };
  },
  'within-grant': (findings, grant) => ({
    what: 'This action is inside the grant.',
    why: `It touches ${kinds(findings)} in ${places(findings)}; the grant covers ${covered(grant)} in ${granted(grant)}.${doubt(findings)}`,
    next: 'Nothing to do.',
  }),
  'read-elsewhere': (findings) => ({
    what: 'This is a plain read, and its scope is granted.',
    why: `It reads ${kinds(findings)}; the request does not say that this lies outside the grant, and a plain read changes nothing.`,
    next: 'Nothing to do.',
  }),
  'read-known-elsewhere': (findings, grant) => ({
    what: 'This reads from an environment outside the grant.',
    why: `The request itself names that environment by its id; this agent's grant covers ${granted(grant)}. It asks for ${kinds(findings)}.`,
    next: ask,
  }),
  'write-elsewhere': (findings, grant) => ({
    what: `This changes ${kinds(findings)} outside the grant's environments, so a human must say yes first.`,
    why: `It reaches ${places(findings)}; this agent's grant covers ${granted(grant)}.${doubt(findings)}`,
    next: stay,
  }),
  'destructive-never': (findings) => ({
    what: `This would destroy ${kinds(findings)}, and this agent may never do that.`,
    why: `The grant says destructive: never. It would reach ${places(findings)}.${doubt(findings)}`,
    next: 'Do not look for another route. If it must be done, your human does it, or grants destructive: confirm.',
  }),
  'destructive-needs-human': (findings, _grant, reading) => ({
    what: `This would destroy ${kinds(findings)}, so nothing happens until a human has said yes to exactly this.`,
    why: `It reaches ${places(findings)}. ${undo(reading)}${doubt(findings)}`,
    next: stay,
  }),
  disposable: (findings) => ({
    what: 'This destroys something in a disposable environment only.',
    why: `Every target lies in ${places(findings)} and nowhere else, and the policy calls that environment disposable.`,
    next: 'Nothing to do.',
  }),
  'aspect-mints-access': (findings) => ({
    what: 'This would create a new way in (a token, a key, an invitation), so a human must say yes first.',
    why: `New access outlives this request and is not bound by this grant. It reaches ${places(findings)}.`,
    next: stay,
  }),
  'aspect-removes-protection': (findings) => ({
    what: 'This would take a safety net away (backups, retention, protection), so a human must say yes first.',
    why: `What is lost afterwards could no longer be brought back. It reaches ${places(findings)}.`,
    next: stay,
  }),
  'aspect-exposes-secrets': (findings) => ({
    what: 'The answer would carry secrets in the clear, so a human must say yes first.',
    why: `No rule masks these values, and what an agent has read it can pass on. It reaches ${places(findings)}.`,
    next: stay,
  }),
  'aspect-runs-code': (findings, grant) => ({
    what: 'This would run code outside the environments of the grant, so a human must say yes first.',
    why: `It reaches ${places(findings)}; this agent's grant covers ${granted(grant)}.`,
    next: stay,
  }),
  'aspect-spends-money': (findings, grant) => ({
    what: 'This would spend money outside the environments of the grant, so a human must say yes first.',
    why: `It reaches ${places(findings)}; this agent's grant covers ${granted(grant)}.`,
    next: stay,
  }),
};

function undo(reading: Reading): string {
  return isIrreversible(reading.recovery)
    ? 'Nothing is known that brings it back: IRREVERSIBLE.'
    : `What can bring it back: ${reading.recovery}.`;
}

/** One reason for all findings of one code. */
export function explainFindings(findings: readonly Finding[], grant: Grant, reading: Reading): readonly Reason[] {
  const codes = [...new Set(findings.map((finding) => finding.code))];
  return codes.map((code) => {
    const same = findings.filter((finding) => finding.code === code);
    const said = words[code](same, grant, reading);
    return reason(code, said.what, said.why, said.next);
  });
}

/** Reasons that do not come from the table. Each takes only words that are ours, the policy's or a fingerprint. */
export const otherReasons = {
  agentUnknown: reason(
    'grant-missing',
    'This agent has no grant, so nothing is allowed.',
    'The running policy names no agent for this token.',
    'Ask your human to add this agent with `holdpoint agent add`.',
  ),
  expired: (grant: Grant) =>
    reason(
      'grant-expired',
      "This agent's grant has ended.",
      `It ran until the end of ${grant.expires ?? 'its day'} (UTC).`,
      'Stop here and tell your human; they can set a new end in the policy.',
    ),
  stopped: (state: 'frozen' | 'revoked') =>
    reason(
      `agent-${state}`,
      `This agent is ${state}, so nothing is allowed.`,
      state === 'frozen' ? 'A human or a rule has frozen it.' : 'A human has taken its token back.',
      state === 'frozen'
        ? 'Stop here. A human can look at `holdpoint log` and thaw it.'
        : 'Stop here. A human can add the agent again.',
    ),
  broken: reason(
    'rule-broken',
    'This action could not be judged, so it is denied.',
    'A rule of the gateway failed while it looked at this action.',
    'Tell your human: the journal names the action, and `holdpoint explain` shows how it is read.',
  ),
  stray: (fingerprint: string, slot: string, found: string | null) =>
    reason(
      'credential-stray',
      `The request carries a credential that this gateway did not issue (${fingerprint}, in ${slot}).`,
      found === null
        ? 'Only placeholders of the grant may stand there; where this one came from is not known.'
        : `Only placeholders of the grant may stand there; this one lies in ${found}.`,
      'Do not use it and do not look for another. Use the placeholder that your grant names; a human should rotate this credential.',
    ),
  carried: (slot: string) =>
    reason(
      'credential-stray',
      `The request carries a credential that this gateway did not issue (in ${slot}).`,
      'This host is governed, and no credential of any grant is meant for it.',
      'Do not use it and do not look for another. Ask your human whether this host needs a credential of its own.',
    ),
  credentialNotGranted: (grant: Grant) =>
    reason(
      'credential-not-granted',
      'The request uses a credential that is not in this grant.',
      `This agent's grant lists ${grant.credentials.length === 0 ? 'no credential' : grant.credentials.join(', ')}.`,
      ask,
    ),
  hostDenied: reason(
    'host-denied',
    'This host is denied.',
    'A human has denied it, for this agent or for all.',
    'Do not look for another route. Ask your human if the task needs this host.',
  ),
  hostStrict: reason(
    'host-strict',
    'This host is not one that the policy names, and the policy is strict.',
    'hosts.strict denies every host that is neither governed, nor listed as ordinary, nor a tunnel.',
    'Ask your human to run `holdpoint host allow` for it.',
  ),
  hostCredential: reason(
    'host-credential',
    'This request carries a credential to a host that nobody has judged yet, so a human must say yes first.',
    'The host is neither a known provider nor listed as ordinary, and a credential there may do anything.',
    stay,
  ),
  hostUnproven: reason(
    'host-unproven',
    'This request goes to a host that nobody has judged yet and is not provably a read, so a human must say yes first.',
    'The host is neither a known provider nor listed as ordinary.',
    stay,
  ),
  hostDestructive: reason(
    'host-destructive',
    'This request would destroy something at a host outside the governed ones, so a human must say yes first.',
    'Nothing can be looked up there, so the place counts as production, and destruction always waits for a human.',
    stay,
  ),
  hostRead: reason('host-read', 'A plain read without a credential.', 'Such reads pass to any host.', 'Nothing to do.'),
  hostOrdinary: reason(
    'host-ordinary',
    'This host is listed as ordinary.',
    'A human has listed it, and this does not destroy anything.',
    'Nothing to do.',
  ),
} as const;
