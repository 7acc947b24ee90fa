// What humans can do to holds and agents: approve, deny, cancel, settle, freeze, thaw. Narrowing needs a signed-in
// human; widening a fresh factor over exactly that. Each is an event of the fold; nothing here moves a hold itself.

import { digestOf } from '../action/canonical.ts';
import type { Factor } from '../authorize/grant.ts';
import type { Done, FactorSubmission } from '../console/server/port.ts';
import type { Approval, Hold } from '../hold/hold.ts';
import { typedNameOf } from '../hold/typed-name.ts';
import type { LifecycleEvent } from '../lifecycle/event.ts';
import { currentPeople, denialsFreeze } from '../lifecycle/system.ts';
import type { Clock } from '../platform/clock.ts';
import { type Reason, reason } from '../platform/reason.ts';
import type { HoldDesk } from './hold-desk.ts';
import type { Factors } from './ports.ts';
import type { System } from './system.ts';

export interface HumanVerbsDeps {
  readonly desk: HoldDesk;
  readonly system: System;
  readonly factors: Factors;
  readonly clock: Clock;
  /** A hold by id or unambiguous prefix, or `newest`. */
  readonly find: (id: string) => Promise<Hold | null>;
}

export function no<T>(status: number, why: Reason): Done<T> {
  return { ok: false, status, reason: why };
}

const notFound = reason(
  'hold-not-found',
  'There is no such hold.',
  'No hold has this id, or more than one begins with it.',
  'List them: holdpoint holds --all.',
);

function unchanged(hold: Hold, verb: string): Reason {
  return reason(
    'hold-not-open',
    `The hold was not ${verb}.`,
    `It is ${hold.state.kind} already.`,
    `Look at it: holdpoint hold show ${hold.id}.`,
  );
}

export function createHumanVerbs(deps: HumanVerbsDeps) {
  const { desk, system, factors, clock, find } = deps;

  async function move(id: string, event: LifecycleEvent, verb: string): Promise<Done<Hold>> {
    const hold = await find(id);
    if (hold === null) return no(404, notFound);
    const applied = await desk.apply(hold.id, event);
    if (applied.hold === null || applied.changed === 'unchanged') return no(409, unchanged(applied.hold ?? hold, verb));
    return { ok: true, value: applied.hold };
  }

  /** Owner for everything that widens; approvers may say yes to holds. */
  async function widening(
    submission: FactorSubmission,
    digest: string,
    roles: readonly string[],
  ): Promise<Reason | null> {
    if (submission.digest !== digest) {
      return reason(
        'factor-other-digest',
        'Nothing was changed.',
        'The factor signs something else than this.',
        'Look at it again and repeat the command.',
      );
    }
    const human = currentPeople(system.state).get(submission.human);
    if (human === undefined || !roles.includes(human.role)) {
      return reason(
        'factor-not-enrolled',
        'Nothing was changed.',
        'This human may not do that here.',
        `It takes: ${roles.join(' or ')}.`,
      );
    }
    return factors.check(submission);
  }

  async function approve(id: string, submission: FactorSubmission): Promise<Done<Hold>> {
    const hold = await find(id);
    if (hold === null) return no(404, notFound);
    if (hold.state.kind !== 'held') return no(409, unchanged(hold, 'approved'));
    const wantsName = hold.needs.factors.includes('typed-name');
    if (wantsName && submission.typedName !== typedNameOf(hold)) {
      return no(
        403,
        reason(
          'typed-name-differs',
          'The hold was not approved.',
          'The name typed is not the one on the page.',
          `Type exactly: ${typedNameOf(hold)}.`,
        ),
      );
    }
    const fault = await widening(submission, hold.digest, ['owner', 'approver']);
    if (fault !== null) return no(403, fault);
    const given: readonly Factor[] = wantsName ? ['typed-name', 'approval-key'] : ['approval-key'];
    const { human, nonce, digest, signature } = submission;
    const publicKey = currentPeople(system.state).get(human)?.publicKey ?? '';
    const approval: Approval = { human, factors: given, publicKey, nonce, digest, signature, atMs: clock.wallMs() };
    return move(hold.id, { kind: 'approved', atMs: approval.atMs, approval }, 'approved');
  }

  async function deny(id: string, by: string): Promise<Done<Hold>> {
    const atMs = clock.wallMs();
    const done = await move(id, { kind: 'denied', atMs, by }, 'denied');
    if (!done.ok) return done;
    const { agent } = done.value;
    system.countDenial(agent, atMs);
    // Three noes within an hour: this agent is trying doors. A human thaws it (DESIGN section 6).
    if (denialsFreeze(system.state, agent) && system.agentState(agent) === 'active') {
      await system.happen(
        { kind: 'frozen', agent },
        { agent, by: 'policy', because: 'three denials within an hour' },
        agent,
      );
    }
    return done;
  }

  return {
    widening,
    approve,
    deny,
    cancel: (id: string, by: string) => move(id, { kind: 'cancelled', atMs: clock.wallMs(), by }, 'cancelled'),
    async settle(id: string, happened: 'happened' | 'not-happened', submission: FactorSubmission): Promise<Done<Hold>> {
      const hold = await find(id);
      if (hold === null) return no(404, notFound);
      const fault = await widening(submission, digestOf({ verb: 'settle', id: hold.id, happened }), [
        'owner',
        'approver',
      ]);
      if (fault !== null) return no(403, fault);
      return move(hold.id, { kind: 'settled', atMs: clock.wallMs(), happened, by: submission.human }, 'settled');
    },
    async freeze(agent: string | null, by: string): Promise<Done<null>> {
      await system.happen({ kind: 'frozen', agent }, { agent, by }, agent);
      return { ok: true, value: null };
    },
    async thaw(agent: string | null, submission: FactorSubmission): Promise<Done<null>> {
      const fault = await widening(submission, digestOf({ verb: 'thaw', agent }), ['owner']);
      if (fault !== null) return no(403, fault);
      await system.happen({ kind: 'thawed', agent }, { agent, by: submission.human }, agent);
      return { ok: true, value: null };
    },
  };
}

export type HumanVerbs = ReturnType<typeof createHumanVerbs>;
