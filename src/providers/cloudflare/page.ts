// Cloudflare: token shapes and caches. Batches, tunnels and D1's SQL are found by the generic rules over the body. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const cloudflare: ProviderPage = {
  name: 'cloudflare',
  hosts: ['api.cloudflare.com'],
  tenantHosts: ['*.workers.dev', '*.pages.dev'],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'x-auth-key', scheme: null },
  ],
  tokens: [
    {
      kind: 'user token',
      pattern: 'cfut_[A-Za-z0-9_-]{36,}',
      needsContext: false,
      names: ['CLOUDFLARE_API_TOKEN', 'CF_API_TOKEN'],
      power: 'destroy',
    },
    {
      kind: 'account token',
      pattern: 'cfat_[A-Za-z0-9_-]{36,}',
      needsContext: false,
      names: ['CLOUDFLARE_API_TOKEN'],
      power: 'destroy',
    },
    {
      kind: 'API token or key',
      pattern: '[A-Za-z0-9_-]{37,40}',
      needsContext: true,
      names: ['CLOUDFLARE_API_TOKEN', 'CF_API_TOKEN', 'CLOUDFLARE_API_KEY'],
      power: 'destroy',
    },
  ],
  graphqlPath: '/client/v4/graphql',
  operations: [
    {
      rest: { method: 'POST', path: '/client/v4/zones/{zone}/purge_cache' },
      effect: 'write',
      scope: 'caches',
      because: 'Empties a cache that refills itself.',
    },
    {
      rest: { method: 'GET', path: '/client/v4/user/tokens/verify' },
      effect: 'read',
      scope: 'tokens',
      because: 'Says whether the token is valid.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/client/v4/accounts' },
      effect: 'read',
      scope: 'accounts',
      because: 'Lists all accounts.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/client/v4/user' },
      effect: 'read',
      scope: 'users',
      because: 'Says who the token is.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
