// Finds the provider page of a host and the rule of an operation. A lookup over data; pages judge nothing by themselves.
// Built once from the pages that the reader is given, so that the proxy's hot path is one map look-up.

import type { ResourceRef } from '../action/action.ts';
import type { OperationRule, ProviderPage } from './provider-page.ts';

export interface PageIndex {
  page(host: string): ProviderPage | null;
  graphqlRules(
    page: ProviderPage | null,
    on: 'query' | 'mutation' | 'subscription',
    field: string,
  ): readonly OperationRule[];
  restRules(page: ProviderPage | null, method: string, segments: readonly string[]): readonly OperationRule[];
  actionRules(page: ProviderPage | null, service: string, name: string): readonly OperationRule[];
}

export function indexPages(pages: readonly ProviderPage[]): PageIndex {
  const exact = new Map<string, ProviderPage>();
  const suffixes: (readonly [suffix: string, page: ProviderPage])[] = [];
  const graphql = new Map<string, OperationRule[]>();
  for (const page of pages) {
    for (const host of [...page.hosts, ...page.tenantHosts]) {
      if (host.startsWith('*.')) suffixes.push([host.slice(1), page]);
      else exact.set(host, page);
    }
    for (const rule of page.operations) {
      if (!rule.graphql) continue;
      const key = `${page.name} ${rule.graphql.on} ${rule.graphql.field}`;
      graphql.set(key, [...(graphql.get(key) ?? []), rule]);
    }
  }
  return {
    page: (host) => exact.get(host) ?? suffixes.find(([suffix]) => host.endsWith(suffix))?.[1] ?? null,
    graphqlRules: (page, on, field) => (page === null ? [] : (graphql.get(`${page.name} ${on} ${field}`) ?? [])),
    restRules: (page, method, segments) =>
      page === null
        ? []
        : page.operations.filter(
            (rule) =>
              rule.rest !== undefined &&
              (rule.rest.method === method || rule.rest.method === '*') &&
              matchesTemplate(rule.rest.path, segments) !== null,
          ),
    actionRules: (page, service, name) =>
      page === null
        ? []
        : page.operations.filter(
            (rule) =>
              rule.action !== undefined && rule.action.name === name && ['*', service].includes(rule.action.service),
          ),
  };
}

/** `/v2/volumes/{id}` against path segments: the named segments, or null. A final `*` takes the rest. */
export function matchesTemplate(
  template: string,
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  const wanted = template.split('/').filter((part) => part !== '');
  const open = wanted.at(-1) === '*';
  if (open ? segments.length < wanted.length - 1 : segments.length !== wanted.length) return null;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (open && index === wanted.length - 1) break;
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) named[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return named;
}

/** The value at a dotted path of arguments; undefined if it is not there. */
export function valueAt(args: unknown, path: string): unknown {
  let value: unknown = args;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Resources that a rule's targets name in these arguments; lists name each of theirs. */
export function targetsOf(rule: OperationRule, args: unknown, provider: string): readonly ResourceRef[] {
  return Object.entries(rule.targets ?? {}).flatMap(([path, kind]) => {
    const value = path.endsWith('.*') ? Object.keys(Object(valueAt(args, path.slice(0, -2)))) : valueAt(args, path);
    const ids = Array.isArray(value) ? value : [value];
    return ids.flatMap((id: unknown) =>
      (typeof id === 'string' && id !== '' && id.length <= 200) || typeof id === 'number'
        ? [{ provider, kind, id: String(id) }]
        : [],
    );
  });
}

/** Bypass parameters that are set, as name=value. */
export function bypassOf(rule: OperationRule, args: unknown): readonly string[] {
  return (rule.bypass ?? []).flatMap((path) => {
    const value = valueAt(args, path);
    return value === undefined || value === null || value === false
      ? []
      : [`${path}=${String(JSON.stringify(value)).slice(0, 80)}`];
  });
}

/** First rule whose condition holds; a condition that throws counts as not met, and the reading falls to the worse rule. */
export function firstMatching(rules: readonly OperationRule[], args: unknown): OperationRule | null {
  for (const rule of rules) {
    if (rule.when === undefined) return rule;
    try {
      if (rule.when(args)) return rule;
    } catch {
      return null;
    }
  }
  return null;
}
