// Every page's own examples, and what all pages owe: exact hosts that no other page claims, token shapes that compile,
// slots in lower case, a reason on each rule.

import { describe, expect, it } from 'vitest';
import { pages } from './pages.ts';

const rules = pages.flatMap((page) => page.operations.map((rule) => ({ page: page.name, rule })));
const nameOf = (rule: (typeof rules)[number]['rule']) =>
  rule.graphql?.field ?? (rule.rest ? `${rule.rest.method} ${rule.rest.path}` : (rule.action?.name ?? '?'));

describe('examples of the pages', () => {
  const withExamples = rules.filter(({ rule }) => rule.examples !== undefined);
  it.each(withExamples.map(({ page, rule }) => [`${page}: ${nameOf(rule)}`, rule] as const))('%s', (_name, rule) => {
    const holds = rule.when ?? (() => true);
    for (const args of rule.examples?.matches ?? []) expect(holds(args)).toBe(true);
    for (const args of rule.examples?.differs ?? []) expect(holds(args)).toBe(false);
  });

  it('stand on many rules, and on each condition of Railway', () => {
    expect(withExamples.length).toBeGreaterThanOrEqual(12);
    const bare = rules.filter(
      ({ page, rule }) => page === 'railway' && rule.when !== undefined && rule.examples === undefined,
    );
    expect(bare).toEqual([]);
  });
});

describe.each(pages.map((page) => [page.name, page] as const))('%s', (_name, page) => {
  it('names its hosts exactly, and alone', () => {
    expect(page.hosts.length).toBeGreaterThan(0);
    for (const host of [...page.hosts, ...page.tenantHosts]) {
      expect(host).toMatch(/^(\*\.)?[a-z0-9.-]+\.[a-z]+$/);
      expect(pages.filter((other) => other.hosts.includes(host) || other.tenantHosts.includes(host))).toHaveLength(1);
    }
  });

  it('has slots and token shapes that can be used', () => {
    expect(page.authSlots.length).toBeGreaterThan(0);
    for (const slot of page.authSlots) expect(slot.header).toBe(slot.header.toLowerCase());
    for (const token of page.tokens) {
      expect(() => new RegExp(token.pattern, 'u')).not.toThrow();
      expect(token.pattern).not.toMatch(/^\^|\$$/);
    }
  });

  it('says why, and names each operation once', () => {
    for (const rule of page.operations) {
      expect(rule.because).toMatch(/[.;)]$/);
      expect([rule.graphql, rule.rest, rule.action].filter((way) => way !== undefined)).toHaveLength(1);
    }
  });
});

it('survives conditions on any arguments', () => {
  for (const { rule } of rules) {
    for (const args of [undefined, null, 5, 'x', [], {}, { input: null }, { patch: [] }]) {
      expect(typeof (rule.when?.(args) ?? true)).toBe('boolean');
    }
  }
});
