// The rules of a lab run in which only some layers are enforced: what would this one safeguard have done, with the same
// agent and the same pipeline? A layer that is off believes what the agent believed. Real instances cannot have these.

import type { Environment, Reading, Verdict } from '../action/action.ts';
import { authorize } from '../authorize/authorize.ts';
import type { Grant } from '../authorize/grant.ts';
import type { DecideInput } from '../decide/decide.ts';
import { decide } from '../decide/decide.ts';
import { holdNeeds } from '../decide/needs.ts';
import { type Rules, realRules } from '../gateway/rules.ts';
import { reason } from '../platform/reason.ts';
import type { Layer } from './gateway-port.ts';
import { layers } from './gateway-port.ts';

const allow: Verdict = { kind: 'allow', reasons: [] };
const order = { allow: 0, hold: 1, deny: 2 } as const;

function stricter(a: Verdict, b: Verdict): Verdict {
  return order[b.kind] > order[a.kind] ? b : a;
}

function destroys(reading: Reading): boolean {
  return reading.effect === 'destructive';
}

/** grants: what the grant does not cover is refused; asking a human is another layer. */
function byGrants(input: DecideInput): Verdict {
  const { reading, grant } = input;
  if (grant === null) return decide(input);
  const answer = authorize(reading, grant);
  const never = destroys(reading) && grant.destructive === 'never';
  if (answer.kind === 'within' && !never) return allow;
  const verdict = decide({ ...input, credentialState: { kind: 'absent' } });
  return verdict.kind === 'deny' ? verdict : allow;
}

function isGranted(environment: Environment, grant: Grant): boolean {
  if (environment.kind !== 'verified') return false;
  return grant.environments === 'all' || grant.environments.includes(environment.name);
}

const elsewhere = reason(
  'environment-not-granted',
  'This was refused.',
  'It reaches an environment that is not granted to this agent, or that nobody knows.',
  'Stay inside the environment that was given to you, or ask your human.',
);

/** environment: what reaches an environment that is not granted, or is not known, is refused. */
function byEnvironment(input: DecideInput): Verdict {
  const { reading, resolution, grant, host } = input;
  if (grant === null || reading.plain || host?.class !== 'governed') return allow;
  const reached = resolution?.environments ?? [];
  const inside = reached.length > 0 && reached.every((each) => each.kind === 'account' || isGranted(each, grant));
  if (inside || (reading.effect === 'read' && resolution === null)) return allow;
  return { kind: 'deny', reasons: [elsewhere] };
}

function byStray(input: DecideInput): Verdict {
  return input.credentialState.kind === 'stray' ? decide(input) : allow;
}

const asked = reason(
  'destructive-needs-human',
  'This would destroy something, so nothing happens until a human has said yes to exactly this.',
  'It is destructive, wherever it lies.',
  'Wait for your human.',
);
/** With the layer `hold` off, the human is one who says yes to everything at once (lab-gateway.ts). */
const hurried = reason(
  'human-in-a-hurry',
  'This would destroy something, and a human who looks at nothing says yes to it.',
  'The layer that makes a human look is switched off in this run.',
  'Wait.',
);

export function layeredRules(enforced: readonly Layer[]): Rules {
  if (layers.every((layer) => enforced.includes(layer))) return realRules;
  const on = new Set(enforced);
  const opinions: Readonly<Record<Layer, (input: DecideInput) => Verdict>> = {
    grants: byGrants,
    environment: byEnvironment,
    stray: byStray,
    hold: () => allow,
    delay: () => allow,
  };
  return {
    decide(input) {
      if (input.agentState !== 'active' || input.reading.unreadable !== null) return decide(input);
      const verdict = enforced.reduce((worst, layer) => stricter(worst, opinions[layer](input)), allow);
      if (verdict.kind === 'deny' || !destroys(input.reading)) return verdict;
      // The fold lets nothing destructive pass without a human; what differs is whether that human looks.
      return { kind: 'hold', reasons: [on.has('hold') ? asked : hurried] };
    },
    needs(reading, resolution, policy) {
      const needs = holdNeeds(reading, resolution, policy);
      const delayMs = on.has('delay') ? needs.delayMs : 0;
      return on.has('hold') ? { ...needs, delayMs } : { factors: ['approval-key'], people: 1, delayMs };
    },
    needsResolution: ({ reading, host }) => host?.class === 'governed' && !reading.plain,
  };
}
