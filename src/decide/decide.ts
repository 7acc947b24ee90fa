// decide: one verdict for one action, from values alone. Order of questions: may this agent act at all, can the bytes be
// read, whose credential is it, what does the host's class say, what does the verdict table say. Strictest wins.
// It never looks anything up and never shows who must say yes: that is needs.ts. Whatever throws here denies.

import type { HostClass, Reading, Resolution, Verdict, VerdictKind } from '../action/action.ts';
import { authorize, isExpired, operationsOf } from '../authorize/authorize.ts';
import type { Grant, Policy } from '../authorize/grant.ts';
import type { Reason } from '../platform/reason.ts';
import { explainFindings, otherReasons as say } from './reasons.ts';
import { columnOf, type Finding, findingsFor, liveAspects } from './verdict-rules.ts';
import { atLeast, stricter } from './verdict-table.ts';

/** What the broker found in the request (credentials/broker.ts), without any secret. */
export type CredentialState =
  | { readonly kind: 'absent' }
  /** Our placeholder, whole value, in the provider's slot. */
  | { readonly kind: 'placeholder'; readonly credential: string }
  /** A credential that we did not issue. `found`: `domains/railway.env:2` where the finder knows it. */
  | { readonly kind: 'stray'; readonly fingerprint: string; readonly slot: string; readonly found: string | null }
  /** The broker refuses by itself: a placeholder where none may stand, two credentials at once. */
  | { readonly kind: 'refused'; readonly reason: Reason }
  /** At a host that is no provider's: something that looks like the agent's own sign-in there. */
  | { readonly kind: 'carried'; readonly slot: string };

/** What humans have said about a host; `agent` null: for all agents. */
export interface HostDecision {
  readonly agent: string | null;
  readonly host: string;
  readonly as: 'ordinary' | 'denied';
}

export interface DecideInput {
  readonly reading: Reading;
  /** null: not resolved (see needsResolution); what is not account-wide then counts as unknown. */
  readonly resolution: Resolution | null;
  /** null: the agent is not in the policy. */
  readonly grant: Grant | null;
  readonly policy: Policy;
  readonly agentState: 'active' | 'frozen' | 'revoked';
  /** null: no host is involved (SQL, shell, MCP): the table alone. */
  readonly host: { readonly name: string; readonly class: HostClass } | null;
  readonly credentialState: CredentialState;
  readonly hostDecisions: readonly HostDecision[];
  readonly nowMs: number;
}

interface Opinion {
  readonly kind: VerdictKind;
  readonly reasons: readonly Reason[];
}

const deny = (...reasons: readonly Reason[]): Opinion => ({ kind: 'deny', reasons });
const hold = (...reasons: readonly Reason[]): Opinion => ({ kind: 'hold', reasons });
const allow = (...reasons: readonly Reason[]): Opinion => ({ kind: 'allow', reasons });

/** The verdict. Never throws: a rule that breaks denies. */
export function decide(input: DecideInput): Verdict {
  try {
    return judge(input);
  } catch {
    return deny(say.broken);
  }
}

function judge(input: DecideInput): Verdict {
  const { grant, reading } = input;
  if (input.agentState !== 'active') return deny(say.stopped(input.agentState));
  if (grant === null) return deny(say.agentUnknown);
  if (isExpired(grant, input.nowMs)) return deny(say.expired(grant));
  if (reading.unreadable !== null) return deny(reading.unreadable);
  const credential = judgeCredential(input.credentialState, grant, input.host);
  if (credential !== null) return credential;
  return judgePlace(input, grant);
}

function judgeCredential(state: CredentialState, grant: Grant, host: DecideInput['host']): Opinion | null {
  switch (state.kind) {
    case 'absent':
      return null;
    case 'carried':
      // A host that a human governs without a provider's page has no slot in which anything may stand.
      return host === null || host.class === 'governed' ? deny(say.carried(state.slot)) : null;
    case 'placeholder':
      return grant.credentials.includes(state.credential) ? null : deny(say.credentialNotGranted(grant));
    case 'stray':
      return deny(say.stray(state.fingerprint, state.slot, state.found));
    case 'refused':
      return deny(state.reason);
  }
}

function judgePlace(input: DecideInput, grant: Grant): Opinion {
  const { host } = input;
  if (host === null || host.class === 'governed') return judgeTable(input, grant);
  const decided = decisionFor(input.hostDecisions, host.name, grant.agent);
  if (decided === 'denied') return deny(say.hostDenied);
  // A tunnel carries no request of its own; a request that does show up there is judged like an ordinary host's.
  const ordinary = host.class !== 'other' || decided === 'ordinary';
  return judgeHost(input, grant, ordinary);
}

function decisionFor(decisions: readonly HostDecision[], host: string, agent: string): HostDecision['as'] | null {
  const about = decisions.filter((each) => each.host === host && (each.agent === null || each.agent === agent));
  if (about.some((each) => each.as === 'denied')) return 'denied';
  return about.length > 0 ? 'ordinary' : null;
}

/** Hosts that are no provider's: no scopes and no environments exist there, so only effect and credential speak. */
function judgeHost(input: DecideInput, grant: Grant, ordinary: boolean): Opinion {
  const { reading, policy, credentialState } = input;
  if (!ordinary && policy.hosts.strict) return deny(say.hostStrict);
  if (reading.effect === 'destructive' || operationsOf(reading).some((each) => each.effect === 'destructive')) {
    return grant.destructive === 'never' ? judgeNever(reading, grant) : hold(say.hostDestructive);
  }
  if (ordinary) return allow(say.hostOrdinary);
  if (credentialState.kind !== 'absent') return hold(say.hostCredential);
  return reading.plain && reading.effect === 'read' ? allow(say.hostRead) : hold(say.hostUnproven);
}

function judgeNever(reading: Reading, grant: Grant): Opinion {
  const findings: readonly Finding[] = operationsOf(reading)
    .filter((operation) => operation.effect === 'destructive')
    .map((operation) => ({
      verdict: 'deny',
      code: 'destructive-never',
      operation,
      environment: { kind: 'unknown', because: 'nothing can be looked up at this host' },
    }));
  return deny(...explainFindings(findings, grant, reading));
}

function judgeTable(input: DecideInput, grant: Grant): Opinion {
  const { reading, resolution, policy } = input;
  const findings = operationsOf(reading).flatMap((operation) =>
    findingsFor(operation, reading, resolution, grant, policy),
  );
  // Nothing found is nothing judged: an empty list must not allow.
  if (findings.length === 0) return deny(say.broken);
  const kind = findings.reduce<VerdictKind>((worst, finding) => stricter(worst, finding.verdict), 'allow');
  const decisive = findings.filter((finding) => atLeast(finding.verdict, kind));
  return { kind, reasons: explainFindings(decisive, grant, reading) };
}

export interface ResolutionQuestion {
  readonly reading: Reading;
  readonly grant: Grant | null;
  readonly host: DecideInput['host'];
}

/**
 * Whether the provider must be asked where the things lie before deciding. Not for what is denied whatever the answer
 * (so that an agent cannot make the gateway spend calls), and not for plain reads, which must stay fast.
 */
export function needsResolution({ reading, grant, host }: ResolutionQuestion): boolean {
  if (grant === null || reading.unreadable !== null) return false;
  if (host !== null && host.class !== 'governed') return false;
  if (authorize(reading, grant).kind === 'beyond') return false;
  const operations = operationsOf(reading);
  if (grant.destructive === 'never' && operations.some((each) => each.effect === 'destructive')) return false;
  return operations.some((each) => columnOf(each, reading) !== 'read' || liveAspects(each).length > 0);
}
