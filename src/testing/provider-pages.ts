// Two small provider pages for tests that are about pages in general. Real ones live in providers/<name>/.
// Counterpart of providers/pages.ts, for tests that must not change when a provider does.

import type { ProviderPage } from '../classify/provider-page.ts';

export const railwayPage: ProviderPage = {
  name: 'railway',
  hosts: ['backboard.railway.com', 'backboard.railway.app'],
  tenantHosts: ['*.up.railway.app'],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'project-access-token', scheme: null },
  ],
  tokens: [
    {
      kind: 'account-token',
      pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
      needsContext: true,
      names: ['RAILWAY_API_TOKEN'],
      power: 'account-wide',
    },
    {
      kind: 'project-token',
      pattern: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
      needsContext: true,
      names: ['RAILWAY_TOKEN', 'project-access-token'],
      power: 'destroy',
      reach: 'one environment of one project',
    },
  ],
  graphqlPath: '/graphql/v2',
  operations: [],
  docs: 'https://docs.railway.com',
};

export const githubPage: ProviderPage = {
  name: 'github',
  hosts: ['api.github.com'],
  tenantHosts: [],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'authorization', scheme: 'token' },
  ],
  tokens: [
    {
      kind: 'classic',
      pattern: 'gh[pousr]_[A-Za-z0-9]{36}',
      needsContext: false,
      names: ['GITHUB_TOKEN'],
      power: 'unknown',
    },
  ],
  graphqlPath: '/graphql',
  operations: [],
  docs: 'https://docs.github.com',
};

export const testPages: readonly ProviderPage[] = [railwayPage, githubPage];
