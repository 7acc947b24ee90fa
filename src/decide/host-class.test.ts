import { describe, expect, it } from 'vitest';
import { pages } from '../providers/pages.ts';
import { policy } from '../testing/judged-cases.ts';
import { githubPage, testPages } from '../testing/provider-pages.ts';
import {
  classifyHost,
  hostMatches,
  isTenantHost,
  normaliseHost,
  pageFor,
  shippedTunnels,
  tunnelsOverGoverned,
} from './host-class.ts';

const hosts = {
  governed: ['internal.example'],
  tunnel: [...shippedTunnels, '*.tunnel.example'],
  ordinary: ['packages.example', '*.docs.example'],
  denied: ['evil.example', '*.denied.example'],
  strict: false,
};
const classOf = (host: string, port = 443) => classifyHost(host, port, testPages, { hosts });

describe('classifyHost', () => {
  it.each<[string, number, string, string]>([
    ['backboard.railway.com', 443, 'governed', 'a provider'],
    ['BackBoard.Railway.COM.', 443, 'governed', 'case and trailing dot do not matter'],
    ['backboard.railway.com', 80, 'governed', 'at any port'],
    [
      'app.up.railway.app',
      443,
      'other',
      "what a tenant serves is the tenant's: no credential goes there, and a sign-in there is not ours",
    ],
    ['internal.example', 443, 'governed', 'configured'],
    ['x.internal.example', 443, 'other', 'exact names have nothing below them'],
    ['backboard.railway.com.evil.example', 443, 'other', 'a name that begins alike'],
    ['notbackboard.railway.com', 443, 'other', 'a name that ends alike'],
    ['api.anthropic.com', 443, 'tunnel', 'shipped'],
    ['api.anthropic.com', 80, 'other', 'a tunnel is TLS'],
    ['x.tunnel.example', 443, 'tunnel', 'a suffix'],
    ['tunnel.example', 443, 'other', 'not the suffix itself'],
    ['xtunnel.example', 443, 'other', 'only at a dot'],
    ['packages.example', 443, 'ordinary', 'listed'],
    ['a.b.docs.example', 443, 'ordinary', 'listed by suffix'],
    ['evil.example', 443, 'denied', 'listed'],
    ['x.denied.example', 443, 'denied', 'listed by suffix'],
    ['example.org', 443, 'other', 'nobody has said anything'],
    ['', 443, 'denied', 'no name'],
    ['.', 443, 'denied', 'no name'],
  ])('%s:%i -> %s (%s)', (host, port, want) => {
    expect(classOf(host, port)).toBe(want);
  });

  it('never makes a tunnel or an ordinary host of a governed one, and denies before all', () => {
    const all = { ...hosts, tunnel: ['backboard.railway.com'], ordinary: ['backboard.railway.com'] };
    expect(classifyHost('backboard.railway.com', 443, testPages, { hosts: all })).toBe('governed');
    const denied = { ...all, denied: ['backboard.railway.com'] };
    expect(classifyHost('backboard.railway.com', 443, testPages, { hosts: denied })).toBe('denied');
  });
});

describe('tunnelsOverGoverned', () => {
  it.each<[string, boolean]>([
    ['backboard.railway.com', true],
    ['Backboard.Railway.com.', true],
    ['*.railway.com', true],
    ['*.up.railway.app', true],
    ['app.up.railway.app', true],
    ['*.app', true],
    ['internal.example', true],
    ['docs.example', false],
    ['*.railway.example', false],
  ])('%s is an error: %s', (tunnel, want) => {
    expect(tunnelsOverGoverned(testPages, policy({ hosts: { ...hosts, tunnel: [tunnel] } })).length > 0).toBe(want);
  });

  it('finds none in the shipped list', () => {
    expect(tunnelsOverGoverned(testPages, { hosts: { ...hosts, tunnel: shippedTunnels } })).toEqual([]);
    // Otherwise no policy at all could be loaded.
    expect(tunnelsOverGoverned(pages, { hosts: { ...hosts, governed: [], tunnel: shippedTunnels } })).toEqual([]);
  });
});

describe('names', () => {
  it('finds the page of a host, exact names before suffixes', () => {
    const wide = { ...githubPage, name: 'wide', hosts: ['*.github.com'] };
    expect(pageFor('api.github.com', [wide, githubPage])?.name).toBe('github');
    expect(pageFor('uploads.github.com', [wide, githubPage])?.name).toBe('wide');
    expect(pageFor('github.com', [wide, githubPage])).toBeNull();
  });

  it('knows tenants, suffixes and spellings', () => {
    expect(isTenantHost('app.UP.railway.app.', testPages)).toBe(true);
    expect(isTenantHost('backboard.railway.app', testPages)).toBe(false);
    expect(hostMatches('*.a.example', '.a.example')).toBe(false);
    expect(normaliseHost(' [::1] ')).toBe('::1');
  });
});

describe('a shipped model API below a provider wildcard', () => {
  const wide = [{ name: 'gcp', hosts: ['*.googleapis.com'], tenantHosts: [] }];
  const hosts = {
    governed: [],
    tunnel: [...shippedTunnels, 'bigquery.googleapis.com'],
    ordinary: [],
    denied: [],
    strict: false,
  };

  it('stays a tunnel by its exact name, while every other name below the wildcard is governed', () => {
    expect(classifyHost('generativelanguage.googleapis.com', 443, wide, { hosts })).toBe('tunnel');
    expect(classifyHost('bigquery.googleapis.com', 443, wide, { hosts })).toBe('governed');
    expect(tunnelsOverGoverned(wide, { hosts })).toEqual(['bigquery.googleapis.com']);
  });

  it('is governed where a page or the policy names it exactly', () => {
    const named = { ...hosts, governed: ['generativelanguage.googleapis.com'] };
    expect(classifyHost('generativelanguage.googleapis.com', 443, wide, { hosts: named })).toBe('governed');
  });
});
