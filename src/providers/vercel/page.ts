// Vercel: token shapes and what the generic rules cannot judge. Values of variables come back only when decryption is asked for. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const vercel: ProviderPage = {
  name: 'vercel',
  hosts: ['api.vercel.com'],
  tenantHosts: ['*.vercel.app'],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'access token',
      pattern: '[A-Za-z0-9]{24}',
      needsContext: true,
      names: ['VERCEL_TOKEN'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'GET', path: '/v2/user' },
      effect: 'read',
      scope: 'users',
      because: 'Says who the token is.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v9/projects' },
      effect: 'read',
      scope: 'projects',
      because: 'Lists all projects.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v10/projects' },
      effect: 'read',
      scope: 'projects',
      because: 'Lists all projects.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
