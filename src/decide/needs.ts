// What a hold needs from humans: factors, people, delay. Taken from the rules of every environment reached and joined to
// the strictest, so that one more environment never asks for less. Backups and their proofs are safeguard/.

import type { Environment, Reading, Resolution } from '../action/action.ts';
import { isIrreversible } from '../action/effect.ts';
import type { ApprovalPolicy, Factor, Policy } from '../authorize/grant.ts';

export interface HumanNeeds {
  readonly factors: readonly Factor[];
  readonly people: number;
  readonly delayMs: number;
}

const factorOrder: readonly Factor[] = ['typed-name', 'passkey', 'approval-key', 'click'];
const strictDefault: ApprovalPolicy = { factors: ['typed-name', 'approval-key'], people: 1 };
const plainDefault: ApprovalPolicy = { factors: ['approval-key'], people: 1 };

/** Unknown counts as production; account-wide things reach production too. */
export function countsAsProtected(environment: Environment): boolean {
  return environment.kind !== 'verified' || environment.protected;
}

/** The rule for one environment. Own name first, then `*`, then the default; unknown is as strict as any protected one. */
function ruleFor(environment: Environment, policy: Policy): ApprovalPolicy {
  const strict = countsAsProtected(environment);
  const named = environment.kind === 'verified' ? policy.approvals[environment.name] : undefined;
  const rule = named ?? policy.approvals['*'] ?? (strict ? strictDefault : plainDefault);
  const asked = rule.factors.length === 0 ? { ...rule, factors: plainDefault.factors } : rule;
  return strict ? withoutClick(asked) : asked;
}

/** A click proves that a window was open. Where it was the only factor, the default takes its place. */
function withoutClick(rule: ApprovalPolicy): ApprovalPolicy {
  const factors = rule.factors.filter((factor) => factor !== 'click');
  const signs = factors.includes('approval-key') || factors.includes('passkey');
  return { ...rule, factors: signs ? factors : [...factors, 'approval-key'] };
}

function joined(a: ApprovalPolicy, b: ApprovalPolicy): ApprovalPolicy {
  const either = factorOrder.filter((factor) => a.factors.includes(factor) || b.factors.includes(factor));
  return {
    // One signed factor is asked once: the passkey is the stronger form, and approval-key its way in a terminal.
    factors: either.includes('passkey') ? either.filter((factor) => factor !== 'approval-key') : either,
    people: Math.max(a.people, b.people),
  };
}

/** Rules of protected environments, for those whose name is not known: an unknown place may be any of them. */
function rulesFor(environment: Environment, policy: Policy): readonly ApprovalPolicy[] {
  const own = ruleFor(environment, policy);
  if (environment.kind === 'verified') return [own];
  const protectedOnes = policy.environments
    .filter((each) => each.protected && policy.approvals[each.name] !== undefined)
    .map((each) => ruleFor({ ...each, kind: 'verified', by: 'policy' }, policy));
  return [own, ...protectedOnes];
}

/** Who must say yes, and how long it waits after that. `resolution` null counts as one unknown environment. */
export function holdNeeds(reading: Reading, resolution: Resolution | null, policy: Policy): HumanNeeds {
  const reached: readonly Environment[] =
    resolution === null || resolution.environments.length === 0
      ? [{ kind: 'unknown', because: 'not resolved' }]
      : resolution.environments;
  const rules = reached.flatMap((environment) => rulesFor(environment, policy));
  const strictest = rules.reduce(joined, { factors: [], people: 1 });
  return { ...strictest, delayMs: delayFor(reading, policy) };
}

/** Delay is time to notice a mistake: for destruction that nothing is known to undo, and for writes that nothing undoes. */
function delayFor(reading: Reading, policy: Policy): number {
  const worst = reading.effect === 'destructive' && isIrreversible(reading.recovery);
  const final = reading.effect === 'write' && reading.recovery === 'none';
  return worst || final ? policy.delayIrreversibleMs : 0;
}
