// policy.yaml -> Policy. Whatever is unknown, doubtful or contradicts itself is an error with its line, never a default:
// a policy that means something else than its author thought is worse than none.
// The running policy is an event, not this file; what a change would widen is policy-change.ts.

import type { ResourceRef } from '../action/action.ts';
import type { ApprovalPolicy, Grant, Policy, Scope } from '../authorize/grant.ts';
import { presetNamed } from '../authorize/presets.ts';
import { normaliseHost, type PageHosts, shippedTunnels, tunnelsOverGoverned } from '../decide/host-class.ts';
import { invalidPolicy, type PolicyDocument, type Problem, readYaml, shapeProblems } from './policy-problem.ts';
import { referenceProblems } from './policy-references.ts';
import { overrideScalars, type ScalarSource } from './policy-scalars.ts';
import { keysAt, type PolicyText, parseDuration, policySchema } from './policy-schema.ts';
import { secretProblems } from './policy-secrets.ts';

export interface PolicyContext {
  /** Providers that exist; empty: their names are not checked. */
  readonly pages: readonly PageHosts[];
  /** `HOLDPOINT_*` variables and the files of `HOLDPOINT_*_FILE`; null: none. */
  readonly scalars: ScalarSource | null;
}

const bare: PolicyContext = { pages: [], scalars: null };
const defaultDelayMs = 600_000;
const defaultWaitMs = 50_000;
const textMax = 1_048_576;

/** Reads a policy. Throws HoldpointError `config-invalid` with every problem and its line. */
export function parsePolicy(text: string, context: PolicyContext = bare): Policy {
  if (text.length > textMax) throw invalidPolicy([{ line: null, says: 'The file is larger than 1 MiB.' }]);
  const document = readYaml(text);
  const value = overrideScalars(document.value ?? {}, context.scalars);
  // Secrets first: a later message about the same line might otherwise quote one.
  const secrets = secretProblems(value, document);
  if (secrets.length > 0) throw invalidPolicy(secrets);
  const read = policySchema.safeParse(value);
  if (!read.success) throw invalidPolicy(shapeProblems(read.error.issues, document, keysAt));
  const references = referenceProblems(read.data, document, context.pages);
  if (references.length > 0) throw invalidPolicy(references);
  const policy = policyOf(read.data);
  const hidden = tunnelProblems(policy, document, context.pages);
  if (hidden.length > 0) throw invalidPolicy(hidden);
  return policy;
}

function tunnelProblems(policy: Policy, document: PolicyDocument, pages: readonly PageHosts[]): readonly Problem[] {
  return tunnelsOverGoverned(pages, policy).map((host) => ({
    line: document.lineOf(['hosts', 'tunnel']),
    says: `hosts.tunnel: ${host} is governed, and a tunnel would hide what goes there.`,
  }));
}

function policyOf(text: PolicyText): Policy {
  const hosts = text.hosts ?? {};
  return {
    grants: Object.entries(text.agents ?? {}).map(([agent, input]) => grantOf(agent, input)),
    environments: Object.entries(text.environments ?? {}).map(([name, input]) => ({
      name,
      protected: input.protected ?? false,
      disposable: input.disposable ?? false,
      is: input.is.map(refOf),
    })),
    credentials: Object.entries(text.credentials ?? {}).map(([id, input]) => ({ id, ...input })),
    protects: (text.protects ?? []).flatMap((each) =>
      'resource' in each ? [{ resource: refOf(each.resource), backup: each.backup }] : [],
    ),
    approvals: Object.fromEntries(
      Object.entries(text.approvals ?? {}).map(([name, input]): [string, ApprovalPolicy] => [
        name,
        { factors: [...new Set(input.factors)], people: input.people ?? 1 },
      ]),
    ),
    delayIrreversibleMs: durationOf(text.delay?.irreversible, defaultDelayMs),
    waitMs: text.wait === null ? null : durationOf(text.wait, defaultWaitMs),
    hosts: {
      governed: (hosts.governed ?? []).map(normaliseHost),
      tunnel: tunnelsOf(hosts.tunnel ?? []),
      ordinary: (hosts.ordinary ?? []).map(normaliseHost),
      denied: (hosts.denied ?? []).map(normaliseHost),
      strict: hosts.strict ?? false,
    },
    projects: Object.entries(text.project ?? {}).map(([name, input]) => ({
      name,
      path: input.path,
      changelog: input.changelog ?? null,
    })),
    ...storesOf(text),
  };
}

/** Databases, backups and what they protect. */
function storesOf(text: PolicyText): Pick<Policy, 'databases' | 'backups' | 'protectsOn'> {
  return {
    databases: Object.entries(text.databases ?? {}).map(([name, input]) => ({
      name,
      credential: afterColon(input.upstream),
      environment: input.environment,
      listenPort: input.listen,
    })),
    backups: Object.entries(text.backups ?? {}).map(([name, input]) => ({
      name,
      source: afterColon(input.source),
      to: input.to,
      maxAgeMs: durationOf(input.max_age, 0),
      maxLoss: input.max_loss ?? 0,
      verify: 'restore',
    })),
    protectsOn: (text.protects ?? []).flatMap((each) =>
      'on' in each ? [{ on: each.on, environment: each.in, backup: each.backup }] : [],
    ),
  };
}

/** A preset gives what the agent's own entry leaves out; without either there is no power. */
function grantOf(agent: string, input: NonNullable<PolicyText['agents']>[string]): Grant {
  const preset = input.preset === undefined ? null : presetNamed(input.preset);
  return {
    agent,
    preset: preset?.name ?? null,
    scopes: input.scopes?.map(scopeOf) ?? preset?.scopes ?? [],
    environments: input.environments ?? preset?.environments ?? [],
    credentials: input.credentials ?? [],
    destructive: input.destructive ?? preset?.destructive ?? 'never',
    expires: input.expires ?? null,
  };
}

export function scopeOf(text: string): Scope {
  const [kind = 'other', access] = text.split(':');
  return { kind, access: access === 'write' ? 'write' : 'read' };
}

/** `railway:environment:<id>`; ids may hold colons (ARNs). */
export function refOf(text: string): ResourceRef {
  const [provider = '', kind = '', ...id] = text.split(':');
  return { provider, kind, id: id.join(':') };
}

const afterColon = (text: string): string => text.slice(text.indexOf(':') + 1);

function durationOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

/** `+host` and `-host` edit the shipped list; names without a sign replace it. */
function tunnelsOf(entries: readonly string[]): readonly string[] {
  const signed = (sign: string) =>
    entries.filter((each) => each.startsWith(sign)).map((each) => normaliseHost(each.slice(1)));
  const plain = entries.filter((each) => !/^[+-]/.test(each)).map(normaliseHost);
  const base = plain.length > 0 ? plain : shippedTunnels;
  const removed = signed('-');
  return [...new Set([...base, ...signed('+')])].filter((each) => !removed.includes(each));
}
