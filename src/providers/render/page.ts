// Render: token shapes. What its calls do is found by the generic rules. Data only.
// Environments can be protected; that is the resolver's to ask.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const render: ProviderPage = {
  name: 'render',
  hosts: ['api.render.com'],
  tenantHosts: ['*.onrender.com'],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'API key',
      pattern: 'rnd_[A-Za-z0-9]{28,}',
      needsContext: false,
      names: ['RENDER_API_KEY'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'GET', path: '/v1/services' },
      effect: 'read',
      scope: 'services',
      because: 'Lists all services.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v1/owners' },
      effect: 'read',
      scope: 'workspaces',
      because: 'Lists all workspaces.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
