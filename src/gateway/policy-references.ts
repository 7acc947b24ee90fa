// What the words of a policy refer to: every environment, credential, preset, database and backup that is named must be
// there, once, and may not contradict another entry. The schema cannot see this, and an unresolved name would
// silently grant nothing or protect nothing.

import { presets } from '../authorize/presets.ts';
import type { PageHosts } from '../decide/host-class.ts';
import { didYouMean, type Path, type PolicyDocument, type Problem, shown } from './policy-problem.ts';
import type { PolicyText } from './policy-schema.ts';

interface Reference {
  readonly word: string;
  readonly path: Path;
  readonly what: string;
  readonly known: readonly string[];
}

/** All contradictions and names that lead nowhere. */
export function referenceProblems(
  text: PolicyText,
  document: PolicyDocument,
  pages: readonly PageHosts[],
): readonly Problem[] {
  const at = (path: Path, says: string): Problem => ({ line: document.lineOf(path), says });
  const dangling = referencesOf(text, pages)
    .filter((each) => !each.known.includes(each.word))
    .map((each) =>
      at(
        each.path,
        `${each.path.map(String).join('.')}: ${shown(each.word)} is not ${each.what}.${didYouMean(each.word, each.known)}`,
      ),
    );
  return [...dangling, ...contradictions(text, at), ...duplicates(text, at)];
}

function referencesOf(text: PolicyText, pages: readonly PageHosts[]): readonly Reference[] {
  const environments = Object.keys(text.environments ?? {});
  const credentials = Object.keys(text.credentials ?? {});
  const databases = Object.keys(text.databases ?? {});
  const backups = Object.keys(text.backups ?? {});
  const environment = { what: 'an environment of this policy', known: environments };
  const credential = { what: 'a credential of this policy', known: credentials };
  const backup = { what: 'a backup of this policy', known: backups };
  return [
    ...Object.entries(text.agents ?? {}).flatMap(([name, agent]) =>
      agentReferences(name, agent, environments, credentials),
    ),
    ...Object.keys(text.approvals ?? {})
      .filter((name) => name !== '*')
      .map((name) => ({ word: name, path: ['approvals', name], ...environment })),
    ...Object.entries(text.databases ?? {}).flatMap(([name, each]) => [
      { word: each.upstream.slice(11), path: ['databases', name, 'upstream'], ...credential },
      { word: each.environment, path: ['databases', name, 'environment'], ...environment },
    ]),
    ...Object.entries(text.backups ?? {}).map(([name, each]) => ({
      word: each.source.slice(9),
      path: ['backups', name, 'source'],
      what: 'a database of this policy',
      known: databases,
    })),
    ...(text.protects ?? []).flatMap((each, index) => [
      { word: each.backup, path: ['protects', index, 'backup'], ...backup },
      ...('in' in each ? [{ word: each.in, path: ['protects', index, 'in'], ...environment }] : []),
    ]),
    ...(pages.length === 0 ? [] : providerReferences(text, pages)),
  ];
}

function agentReferences(
  name: string,
  agent: NonNullable<PolicyText['agents']>[string],
  environments: readonly string[],
  credentials: readonly string[],
): readonly Reference[] {
  const preset = presets.find((each) => each.name === agent.preset);
  const own = agent.environments ?? preset?.environments ?? [];
  const from = agent.environments === undefined ? ['agents', name, 'preset'] : ['agents', name, 'environments'];
  return [
    ...(agent.preset === undefined
      ? []
      : [
          {
            word: agent.preset,
            path: ['agents', name, 'preset'],
            what: 'a preset',
            known: presets.map((each) => each.name),
          },
        ]),
    ...(own === 'all'
      ? []
      : own.map((word) => ({ word, path: from, what: 'an environment of this policy', known: environments }))),
    ...(agent.credentials ?? []).map((word, index) => ({
      word,
      path: ['agents', name, 'credentials', index],
      what: 'a credential of this policy',
      known: credentials,
    })),
  ];
}

function providerReferences(text: PolicyText, pages: readonly PageHosts[]): readonly Reference[] {
  const known = pages.map((page) => page.name);
  const provider = { what: 'a provider that Holdpoint knows', known };
  return [
    ...Object.entries(text.credentials ?? {})
      // A database's URL belongs to no provider's page.
      .filter(([, each]) => each.provider !== 'postgres')
      .map(([name, each]) => ({ word: each.provider, path: ['credentials', name, 'provider'], ...provider })),
    ...Object.entries(text.environments ?? {}).flatMap(([name, each]) =>
      each.is.map((id, index) => ({
        word: id.split(':')[0] ?? '',
        path: ['environments', name, 'is', index],
        ...provider,
      })),
    ),
  ];
}

type At = (path: Path, says: string) => Problem;

function contradictions(text: PolicyText, at: At): readonly Problem[] {
  const both = Object.entries(text.environments ?? {})
    .filter(([, each]) => each.protected === true && each.disposable === true)
    .map(([name]) =>
      at(['environments', name], `environments.${name}: an environment cannot be both protected and disposable.`),
    );
  const placeholders = Object.entries(text.credentials ?? {})
    .filter(([, each]) => !each.placeholder.startsWith(`hp_${each.provider}_`))
    .map(([name, each]) =>
      at(
        ['credentials', name, 'placeholder'],
        `credentials.${name}.placeholder: it must begin with hp_${each.provider}_.`,
      ),
    );
  const hosts = (text.hosts?.ordinary ?? [])
    .filter((host) => text.hosts?.denied?.includes(host) === true || text.hosts?.governed?.includes(host) === true)
    .map((host) => at(['hosts', 'ordinary'], `hosts.ordinary: ${host} is listed as denied or governed as well.`));
  const dates = Object.entries(text.agents ?? {})
    .filter(([, each]) => typeof each.expires === 'string' && !isDay(each.expires))
    .map(([name]) => at(['agents', name, 'expires'], `agents.${name}.expires: this day does not exist.`));
  return [...both, ...placeholders, ...hosts, ...dates];
}

/** Date.parse takes 31 February for 3 March; a grant must not run on by that. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function duplicates(text: PolicyText, at: At): readonly Problem[] {
  const ids = Object.entries(text.environments ?? {}).flatMap(([name, each]) =>
    each.is.map((word, index) => ({
      word,
      path: ['environments', name, 'is', index] as Path,
      where: `environments.${name}`,
    })),
  );
  const placeholders = Object.entries(text.credentials ?? {}).map(([name, each]) => ({
    word: each.placeholder,
    path: ['credentials', name, 'placeholder'] as Path,
    where: `credentials.${name}`,
  }));
  const ports = Object.entries(text.databases ?? {}).map(([name, each]) => ({
    word: String(each.listen),
    path: ['databases', name, 'listen'] as Path,
    where: `databases.${name}`,
  }));
  const protects = (text.protects ?? []).flatMap((each, index) =>
    'resource' in each ? [{ word: each.resource, path: ['protects', index] as Path, where: `protects.${index}` }] : [],
  );
  return [ids, placeholders, ports, protects].flatMap((list) =>
    list.flatMap((each, index) => {
      const first = list.findIndex((other) => other.word === each.word);
      return first === index
        ? []
        : [
            at(
              each.path,
              `${each.where}: this is the same as in ${list[first]?.where ?? 'another entry'}; each stands once.`,
            ),
          ];
    }),
  );
}
