// The control port's view of the gateway: what console/server/port.ts asks, answered from the store, the desk and the
// system. Reading and narrowing are plain; everything that widens goes through human-verbs.ts and a fresh factor.

import { digestOf } from '../action/canonical.ts';
import { isExpired } from '../authorize/authorize.ts';
import type { Policy } from '../authorize/grant.ts';
import type { ControlPort, Done, FactorSubmission, Status } from '../console/server/port.ts';
import type { Hold } from '../hold/hold.ts';
import type { Clock } from '../platform/clock.ts';
import { HoldpointError } from '../platform/fault.ts';
import { reason } from '../platform/reason.ts';
import { type SealedEvent, systemDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { createCredentialVerbs } from './credential-verbs.ts';
import { type HumanVerbs, no } from './human-verbs.ts';
import type { Factors, PolicyReader, SecretKeeper } from './ports.ts';
import { loadPolicy } from './running-policy.ts';
import type { Sessions } from './sessions.ts';
import type { System } from './system.ts';

export interface ControlDeps {
  readonly storage: Storage;
  readonly system: System;
  readonly sessions: Sessions;
  readonly verbs: HumanVerbs;
  readonly factors: Factors;
  readonly policies: PolicyReader;
  readonly clock: Clock;
  readonly find: (id: string) => Promise<Hold | null>;
  readonly facts: () => Pick<Status, 'lab' | 'startedAtMs' | 'proxyPort' | 'controlPort' | 'policyFileDiffers'>;
  readonly tokenCards: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Makes a token for an agent of the policy; returns it once. */
  readonly newAgentToken: (agent: string) => Promise<string>;
  readonly secrets: SecretKeeper;
  readonly listeners: Set<(event: SealedEvent) => void>;
  readonly fault: (where: string, error: unknown) => void;
}

const ok = <T>(value: T): Done<T> => ({ ok: true, value });

/** Finds a hold by id, unambiguous prefix of an open one, or `newest`. */
export function holdFinder(storage: Storage): (id: string) => Promise<Hold | null> {
  return async (id) => {
    const exact = await storage.row('hold', id);
    if (exact !== null) return JSON.parse(exact) as Hold;
    if (id === 'newest') return only(await storage.holds({ open: true, limit: 1 }));
    if (id.length < 3) return null;
    // Two of each are enough to know that a prefix says too little.
    const begins = (keyPrefix: string) => storage.holds({ open: true, keyPrefix, limit: 2 });
    return only([...(await begins(id)), ...(await begins(`hold_${id}`))]);
  };
}

function only(found: readonly string[]): Hold | null {
  const [text] = found;
  return text === undefined || found.length > 1 ? null : (JSON.parse(text) as Hold);
}

export function createControl(deps: ControlDeps): ControlPort {
  const { storage, system, verbs, factors, clock } = deps;

  async function status(): Promise<Status> {
    const { policy, policyDigest: digest } = system.state;
    const head = await storage.head();
    const openHolds = await storage.openHoldCount();
    const postures = deps.sessions.postures();
    const nowMs = clock.wallMs();
    return {
      ...deps.facts(),
      policyDigest: digest,
      journal: { seq: head.seq, writable: storage.writable, anchoredAtMs: null },
      openHolds,
      agents: (policy?.grants ?? []).map((grant) => ({
        agent: grant.agent,
        frozen: system.agentState(grant.agent) === 'frozen',
        revoked: system.agentState(grant.agent) === 'revoked',
        expired: isExpired(grant, nowMs),
        posture: postures.get(grant.agent) ?? null,
        grant: `${grant.scopes.map((scope) => `${scope.kind}:${scope.access}`).join(', ') || 'no scopes'} in ${grant.environments === 'all' ? 'all environments' : grant.environments.join(', ')}; destructive ${grant.destructive}`,
      })),
    };
  }

  function parse(text: string): Done<Policy> {
    try {
      return ok(deps.policies.parse(text));
    } catch (error) {
      if (error instanceof HoldpointError) return no(422, error.reason);
      throw error;
    }
  }

  async function applyPolicy(
    text: string,
    submission: FactorSubmission | null,
    by: string,
  ): Promise<Done<{ readonly changes: readonly string[] }>> {
    const parsed = parse(text);
    if (!parsed.ok) return parsed;
    const { changes, widens } = deps.policies.describe(system.state.policy, parsed.value);
    if (widens) {
      if (submission === null) return no(403, factorNeeded);
      const fault = await verbs.widening(submission, digestOf({ verb: 'policy-apply', text }), ['owner']);
      if (fault !== null) return no(403, fault);
    }
    await loadPolicy(system, parsed.value, changes, submission?.human ?? by);
    return ok({ changes });
  }

  async function host(
    verb: 'allow' | 'deny',
    name: string,
    submission: FactorSubmission | null,
    by: string,
  ): Promise<Done<null>> {
    const { policy } = system.state;
    if (policy === null) return no(409, noPolicy);
    if (verb === 'allow') {
      if (submission === null) return no(403, factorNeeded);
      const fault = await verbs.widening(submission, digestOf({ verb: 'host-allow', host: name }), ['owner']);
      if (fault !== null) return no(403, fault);
    }
    const without = (list: readonly string[]) => list.filter((each) => each !== name);
    const ordinary = verb === 'allow' ? [...without(policy.hosts.ordinary), name] : without(policy.hosts.ordinary);
    const denied = verb === 'deny' ? [...without(policy.hosts.denied), name] : without(policy.hosts.denied);
    const words = verb === 'allow' ? `${name} is an ordinary host now` : `${name} is denied now`;
    await loadPolicy(
      system,
      { ...policy, hosts: { ...policy.hosts, ordinary, denied } },
      [words],
      submission?.human ?? by,
    );
    return ok(null);
  }

  async function agentAdd(input: unknown, submission: FactorSubmission): Promise<Done<{ readonly token: string }>> {
    const agent = typeof input === 'object' && input !== null && 'agent' in input ? String(input.agent) : '';
    if (system.grantOf(agent) === null) return no(404, noSuchAgent);
    const fault = await verbs.widening(submission, digestOf({ verb: 'agent-add', agent }), ['owner']);
    if (fault !== null) return no(403, fault);
    const token = await deps.newAgentToken(agent);
    return ok({ token });
  }

  function storedHolds(query: Parameters<ControlPort['holds']>[0]): Promise<readonly string[]> {
    const { open, limit, beforeMs } = query;
    return storage.holds({
      ...(open ? { open: true } : {}),
      limit,
      ...(beforeMs === undefined ? {} : { beforeMs }),
    });
  }

  return {
    status,
    holds: async (query) => (await storedHolds(query)).map((text) => JSON.parse(text) as Hold),
    holdsText: async (query) => `[${(await storedHolds(query)).join(',')}]`,
    hold: deps.find,
    nonce: (digest) => factors.nonce(digest),
    people: () => factors.sealedPeople(),
    approve: verbs.approve,
    deny: verbs.deny,
    cancel: verbs.cancel,
    settle: verbs.settle,
    freeze: verbs.freeze,
    thaw: verbs.thaw,
    credentials: deps.tokenCards,
    ...createCredentialVerbs(deps),
    host,
    hosts: async () => {
      const { policy } = system.state;
      const list = (names: readonly string[], as: string) => names.map((name) => ({ host: name, as }));
      return policy === null
        ? []
        : [
            ...list(policy.hosts.governed, 'governed'),
            ...list(policy.hosts.tunnel, 'tunnel'),
            ...list(policy.hosts.ordinary, 'ordinary'),
            ...list(policy.hosts.denied, 'denied'),
          ];
    },
    applyPolicy,
    diffPolicy: async (text) => {
      const parsed = parse(text);
      return parsed.ok ? ok(deps.policies.describe(system.state.policy, parsed.value)) : parsed;
    },
    agentAdd,
    agentRevoke: async (agent, by) => {
      await system.happen({ kind: 'revoked', agent, human: null }, { agent, human: null, by }, agent);
      return ok(null);
    },
    events: (query) => storage.events(query),
    onEvent: (listener) => {
      deps.listeners.add(listener);
      return () => deps.listeners.delete(listener);
    },
    refused: ({ route, why, peerUid }) => {
      storage
        .commit({
          events: [
            systemDraft('refused', clock.wallMs(), null, { route: route.slice(0, 200).toWellFormed(), why, peerUid }),
          ],
        })
        .catch((error: unknown) => deps.fault('journal of a refusal', error));
    },
    probed: async ({ attempt, refusedBy, succeeded }) => {
      await storage.commit({
        events: [systemDraft('probed', clock.wallMs(), null, { attempt, refusedBy, succeeded })],
      });
    },
  };
}

const factorNeeded = reason(
  'factor-needed',
  'Nothing was changed.',
  'This gives an agent more power than it has now, so it takes a human with a fresh factor.',
  'Run the command on your own terminal, where it can ask for it.',
);
const noPolicy = reason(
  'no-policy',
  'Nothing was changed.',
  'No policy is loaded.',
  'Apply one first: holdpoint policy apply.',
);
const noSuchAgent = reason(
  'agent-unknown',
  'No token was made.',
  'The policy has no such agent.',
  'Add the agent to the policy, apply it, then repeat this.',
);
