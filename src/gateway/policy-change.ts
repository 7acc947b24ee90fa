// What a new policy would change, in words, and whether any of it gives somebody more power. `policy apply` asks an
// owner's factor if it does. A comparison that is in doubt counts as widening: a needless signature costs a minute.

import { resourceName } from '../action/action.ts';
import { canonicalJson } from '../action/canonical.ts';
import { covers, grantEndMs, scopeName } from '../authorize/authorize.ts';
import type { ApprovalPolicy, Grant, Policy } from '../authorize/grant.ts';
import type { EnvironmentPolicy } from '../resolve/environment-policy.ts';

export interface PolicyChange {
  /** One sentence for each difference; widening ones first. */
  readonly changes: readonly string[];
  readonly widens: boolean;
}

interface Difference {
  readonly says: string;
  readonly way: 'wider' | 'narrower' | 'same';
}

const wider = (says: string): Difference => ({ says, way: 'wider' });
const narrower = (says: string): Difference => ({ says, way: 'narrower' });
const neutral = (says: string): Difference => ({ says, way: 'same' });

/** Everything that differs. Equal policies give no changes. */
export function describePolicyChange(before: Policy, after: Policy): PolicyChange {
  const found = [
    ...grantDifferences(before, after),
    ...environmentDifferences(before, after),
    ...credentialDifferences(before, after),
    ...approvalDifferences(before, after),
    ...protectDifferences(before, after),
    ...timeDifferences(before, after),
    ...hostDifferences(before, after),
    ...otherDifferences(before, after),
  ];
  // A field that somebody adds to Policy and forgets here must not slip through as "nothing changed".
  const differs = canonicalJson(before) !== canonicalJson(after);
  const all =
    found.length === 0 && differs ? [wider('Something changes that has no words yet; treat it as widening.')] : found;
  const order = { wider: 0, narrower: 1, same: 2 } as const;
  const sorted = [...all].sort((a, b) => order[a.way] - order[b.way]);
  return { changes: sorted.map((each) => each.says), widens: all.some((each) => each.way === 'wider') };
}

/** Pairs two lists by name; null where a side has none. */
function pairs<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (each: T) => string,
): readonly (readonly [string, T | null, T | null])[] {
  const names = [...new Set([...before, ...after].map(nameOf))];
  return names.map((name) => [
    name,
    before.find((each) => nameOf(each) === name) ?? null,
    after.find((each) => nameOf(each) === name) ?? null,
  ]);
}

function grantDifferences(before: Policy, after: Policy): readonly Difference[] {
  return pairs(before.grants, after.grants, (each) => each.agent).flatMap(([agent, was, is]) => {
    if (was === null) return [wider(`Agent ${agent} is added: ${grantInWords(is)}.`)];
    if (is === null) return [narrower(`Agent ${agent} is removed.`)];
    return [
      ...scopeDifferences(agent, was, is),
      ...reachDifferences(agent, was, is),
      ...endDifferences(agent, was, is),
    ];
  });
}

function grantInWords(grant: Grant | null): string {
  if (grant === null) return 'nothing';
  const scopes = grant.scopes.map(scopeName).join(', ') || 'no scope';
  const environments =
    grant.environments === 'all' ? 'all environments' : grant.environments.join(', ') || 'no environment';
  return `${scopes} in ${environments}, destructive: ${grant.destructive}`;
}

function scopeDifferences(agent: string, was: Grant, is: Grant): readonly Difference[] {
  const gained = is.scopes.filter((scope) => !covers(was.scopes, scope)).map(scopeName);
  const lost = was.scopes.filter((scope) => !covers(is.scopes, scope)).map(scopeName);
  return [
    ...gained.map((scope) => wider(`Agent ${agent} gains the scope ${scope}.`)),
    ...lost.map((scope) => narrower(`Agent ${agent} loses the scope ${scope}.`)),
  ];
}

function reachDifferences(agent: string, was: Grant, is: Grant): readonly Difference[] {
  const environments = listDifferences(
    was.environments === 'all' ? ['all environments'] : was.environments,
    is.environments === 'all' ? ['all environments'] : is.environments,
    (name) => wider(`Agent ${agent} may work in ${name}.`),
    (name) => narrower(`Agent ${agent} may no longer work in ${name}.`),
  );
  const credentials = listDifferences(
    was.credentials,
    is.credentials,
    (name) => wider(`Agent ${agent} may use the credential ${name}.`),
    (name) => narrower(`Agent ${agent} may no longer use the credential ${name}.`),
  );
  const destructive =
    was.destructive === is.destructive
      ? []
      : is.destructive === 'confirm'
        ? [wider(`Agent ${agent} may ask for destructive actions, which a human then confirms.`)]
        : [narrower(`Agent ${agent} may no longer ask for destructive actions.`)];
  return [...environments, ...credentials, ...destructive];
}

function endDifferences(agent: string, was: Grant, is: Grant): readonly Difference[] {
  if (was.expires === is.expires) return [];
  const [wasMs, isMs] = [grantEndMs(was) ?? Number.POSITIVE_INFINITY, grantEndMs(is) ?? Number.POSITIVE_INFINITY];
  const says = `The grant of agent ${agent} ends ${is.expires ?? 'never'} (was ${was.expires ?? 'never'}).`;
  return [isMs > wasMs ? wider(says) : narrower(says)];
}

function listDifferences(
  before: readonly string[],
  after: readonly string[],
  gained: (name: string) => Difference,
  lost: (name: string) => Difference,
): readonly Difference[] {
  return [
    ...after.filter((name) => !before.includes(name)).map(gained),
    ...before.filter((name) => !after.includes(name)).map(lost),
  ];
}

/** An id that moves between environments changes what every grant means, so any move widens. */
function environmentDifferences(before: Policy, after: Policy): readonly Difference[] {
  return pairs<EnvironmentPolicy>(before.environments, after.environments, (each) => each.name).flatMap(
    ([name, was, is]) => {
      if (was === null)
        return [wider(`Environment ${name} is added: ${is?.is.map(resourceName).join(', ') || 'no id'}.`)];
      if (is === null) {
        const says = `Environment ${name} is removed; what lies there is unknown from now on.`;
        return [was.protected ? wider(says) : narrower(says)];
      }
      const flags = [
        ...flag(
          was.protected,
          is.protected,
          narrower(`Environment ${name} becomes protected.`),
          wider(`Environment ${name} is no longer protected.`),
        ),
        ...flag(
          was.disposable,
          is.disposable,
          wider(`Environment ${name} becomes disposable: destruction there needs no human.`),
          narrower(`Environment ${name} is no longer disposable.`),
        ),
      ];
      const ids = listDifferences(
        was.is.map(resourceName),
        is.is.map(resourceName),
        (id) => wider(`${id} now counts as ${name}.`),
        (id) => (was.protected ? wider : narrower)(`${id} no longer counts as ${name}.`),
      );
      return [...flags, ...ids];
    },
  );
}

function flag(was: boolean, is: boolean, on: Difference, off: Difference): readonly Difference[] {
  return was === is ? [] : [is ? on : off];
}

function credentialDifferences(before: Policy, after: Policy): readonly Difference[] {
  return pairs(before.credentials, after.credentials, (each) => each.id).flatMap(([id, was, is]) => {
    if (was === null) return [wider(`Credential ${id} is added, for ${is?.provider ?? 'nobody'}.`)];
    if (is === null) return [narrower(`Credential ${id} is removed.`)];
    const moved = was.provider !== is.provider || was.placeholder !== is.placeholder;
    return [
      ...(moved ? [wider(`Credential ${id} has another provider or placeholder.`)] : []),
      ...(was.purpose === is.purpose ? [] : [neutral(`Credential ${id} has another purpose.`)]),
    ];
  });
}

function approvalDifferences(before: Policy, after: Policy): readonly Difference[] {
  const names = [...new Set([...Object.keys(before.approvals), ...Object.keys(after.approvals)])];
  return names.flatMap((name) => {
    const where = name === '*' ? 'all other environments' : name;
    const [was, is] = [before.approvals[name] ?? null, after.approvals[name] ?? null];
    if (was !== null && is !== null && canonicalJson(was) === canonicalJson(is)) return [];
    const says = `Approvals in ${where}: ${approvalInWords(is)} (was ${approvalInWords(was)}).`;
    return [was !== null && is !== null && asksAtLeast(is, was) ? narrower(says) : wider(says)];
  });
}

function approvalInWords(rule: ApprovalPolicy | null): string {
  return rule === null ? 'the default' : `${rule.factors.join(' and ')} by ${rule.people}`;
}

function asksAtLeast(rule: ApprovalPolicy, than: ApprovalPolicy): boolean {
  return rule.people >= than.people && than.factors.every((factor) => rule.factors.includes(factor));
}

function protectDifferences(before: Policy, after: Policy): readonly Difference[] {
  const inWords = (policy: Policy) => [
    ...policy.protects.map((each) => `${resourceName(each.resource)} by the backup ${each.backup}`),
    ...(policy.protectsOn ?? []).map((each) => `${each.on} in ${each.environment} by the backup ${each.backup}`),
  ];
  return listDifferences(
    inWords(before),
    inWords(after),
    (says) => narrower(`Protected now: ${says}.`),
    (says) => wider(`No longer protected: ${says}.`),
  );
}

function timeDifferences(before: Policy, after: Policy): readonly Difference[] {
  const delay = `The delay before irreversible actions is ${after.delayIrreversibleMs / 1000} s (was ${before.delayIrreversibleMs / 1000} s).`;
  const wait = (policy: Policy) =>
    policy.waitMs === null ? 'as long as the connection lives' : `${policy.waitMs / 1000} s`;
  const shorter = after.delayIrreversibleMs < before.delayIrreversibleMs;
  return [
    ...(after.delayIrreversibleMs === before.delayIrreversibleMs ? [] : [shorter ? wider(delay) : narrower(delay)]),
    ...(after.waitMs === before.waitMs ? [] : [neutral(`A held request waits ${wait(after)} (was ${wait(before)}).`)]),
  ];
}

function hostDifferences(before: Policy, after: Policy): readonly Difference[] {
  const list = (kind: 'governed' | 'tunnel' | 'ordinary' | 'denied', power: 'more' | 'less') =>
    listDifferences(
      before.hosts[kind],
      after.hosts[kind],
      (host) => (power === 'more' ? wider : narrower)(`Host ${host} is ${kind === 'tunnel' ? 'a tunnel' : kind} now.`),
      (host) =>
        (power === 'more' ? narrower : wider)(`Host ${host} is no longer ${kind === 'tunnel' ? 'a tunnel' : kind}.`),
    );
  return [
    ...list('governed', 'less'),
    ...list('tunnel', 'more'),
    ...list('ordinary', 'more'),
    ...list('denied', 'less'),
    ...flag(
      before.hosts.strict,
      after.hosts.strict,
      narrower('Hosts are strict now: those that are not listed are denied.'),
      wider('Hosts are no longer strict.'),
    ),
  ];
}

/** Databases, backups and projects: any change of where data goes or comes from is an owner's matter. */
function otherDifferences(before: Policy, after: Policy): readonly Difference[] {
  const named = <T extends { readonly name: string }>(
    what: string,
    was: readonly T[],
    is: readonly T[],
    changed: typeof wider,
  ) =>
    pairs(was, is, (each) => each.name)
      .filter(([, a, b]) => canonicalJson(a) !== canonicalJson(b))
      .map(([name, a, b]) =>
        changed(`${what} ${name} is ${a === null ? 'added' : b === null ? 'removed' : 'changed'}.`),
      );
  return [
    ...named('Database', before.databases ?? [], after.databases ?? [], wider),
    ...named('Backup', before.backups ?? [], after.backups ?? [], wider),
    ...named('Project', before.projects, after.projects, neutral),
  ];
}
