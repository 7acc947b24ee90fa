// Opens everything that knows secrets, for one instance: vault, broker, sealer, agents' tokens, factors, stray finder.
// compose.ts calls this once. What leaves here are ports; no secret does, except in the broker's one request.

import type { Policy } from '../authorize/grant.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import type { Enrolment } from '../hold/people.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { systemDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { type AgentTokenRecord, findAgent, issueAgentToken } from './agent-tokens.ts';
import { type Broker, createBroker } from './broker.ts';
import { createFactors, type Factors } from './factors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { InstanceKeys } from './keys.ts';
import { createSealer, type Sealer } from './sealer.ts';
import { createSecrets, type KeptSecret, type Secrets } from './secrets.ts';
import { createStrayFinder, usualBounds } from './stray-finder.ts';
import { credentialCard, grantCard, presetCards, type TokenCard } from './token-card.ts';
import { openVault, type SecretRows, type Vault } from './vault.ts';

export interface CredentialsDeps {
  readonly keys: InstanceKeys;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly pages: readonly ProviderPage[];
  readonly policy: () => Policy | null;
  readonly people: () => ReadonlyMap<string, Enrolment>;
  /** not-asked: only a lab run's private gateway (gateway/compose.ts). */
  readonly totp: 'asked' | 'not-asked';
}

export interface Credentials {
  readonly vault: Vault;
  readonly secrets: Secrets;
  readonly broker: Broker;
  readonly sealer: Sealer;
  readonly factors: Factors;
  readonly strays: {
    find(literal: string, fingerprint: string): Promise<string | null>;
    /** True once a stray was located in a project folder since the start. */
    known(): boolean;
  };
  readonly agentTokens: {
    identify(authorization: string | null): string | null;
    isAgentToken(token: string): boolean;
    /** Replaces the agent's token; resolves with the new one, shown once. */
    issue(agent: string): Promise<string>;
  };
  tokenCards(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const tokenRow = 'agent-token:';

async function openAgentTokens(deps: CredentialsDeps): Promise<Credentials['agentTokens']> {
  const { keys, storage, random, clock } = deps;
  const rows = await storage.rows('system');
  const stored = rows
    .filter((row) => row.key.startsWith(tokenRow))
    .map((row) => JSON.parse(row.value) as AgentTokenRecord);
  let records: readonly AgentTokenRecord[] = stored;
  return {
    identify: (authorization) => findAgent(authorization, records, keys.agentTokenKey),
    isAgentToken: (token) => findAgent(`Bearer ${token}`, records, keys.agentTokenKey) !== null,
    async issue(agent) {
      const { token, record } = issueAgentToken(keys.agentTokenKey, random, agent, clock.wallMs());
      const event = systemDraft('enrolled', record.issuedAtMs, agent, { agent, what: 'agent token' });
      await storage.commit({
        events: [event],
        rows: [{ table: 'system', key: `${tokenRow}${agent}`, value: JSON.stringify(record) }],
      });
      records = [...records.filter((each) => each.agent !== agent), record];
      return token;
    },
  };
}

function secretRows(storage: Storage): SecretRows {
  return {
    read: (key) => storage.row('system', key),
    async write(key, value, { events, rows }) {
      await storage.commit({ events, rows: [{ table: 'system', key, value }, ...rows] });
    },
  };
}

function allCards(
  policy: Policy | null,
  pages: readonly ProviderPage[],
  kept: ReadonlyMap<string, KeptSecret>,
): readonly TokenCard[] {
  if (policy === null) return [];
  const { credentials, grants, delayIrreversibleMs } = policy;
  const pageOf = (provider: string) => pages.find((page) => page.name === provider) ?? null;
  const purposeOf = (ids: readonly string[]) =>
    credentials
      .filter((each) => ids.includes(each.id))
      .map((each) => each.purpose)
      .join('; ');
  return [
    ...credentials.map((each) => credentialCard(each, kept.get(each.id) ?? null, pageOf(each.provider), grants)),
    ...grants.map((grant) => grantCard(grant, purposeOf(grant.credentials) || 'not said', delayIrreversibleMs)),
    ...presetCards(delayIrreversibleMs),
  ];
}

export async function openCredentials(deps: CredentialsDeps): Promise<Credentials> {
  const { keys, storage, clock, random, pages } = deps;
  const vault = await openVault(keys.keysDir, secretRows(storage), clock);
  const sealer = createSealer(keys.bodyKey, random);
  const finder = createStrayFinder(
    () => (deps.policy()?.projects ?? []).map((project) => project.path),
    clock,
    usualBounds,
  );
  let known = false;
  const fingerprint = (literal: string) => fingerprintOf(keys.fingerprintKey, literal);
  const secrets = createSecrets({ vault, storage, pages, fingerprint, wallMs: clock.wallMs });
  return {
    vault,
    secrets,
    sealer,
    broker: createBroker({
      credentials: () => deps.policy()?.credentials ?? [],
      pages,
      vault,
      fingerprint,
    }),
    factors: createFactors({ storage, sealer, clock, random, people: deps.people, totp: deps.totp }),
    strays: {
      async find(literal, fingerprint) {
        const found = await finder.find(literal, fingerprint);
        if (found !== null) known = true;
        return found;
      },
      known: () => known,
    },
    agentTokens: await openAgentTokens(deps),
    tokenCards: async () => allCards(deps.policy(), pages, await secrets.kept()),
  };
}
