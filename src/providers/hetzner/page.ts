// Hetzner Cloud: token shapes. Its actions are named in the path; `reset` is a power cycle, not a wipe. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const hetzner: ProviderPage = {
  name: 'hetzner',
  hosts: ['api.hetzner.cloud'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'API token',
      pattern: '[A-Za-z0-9]{64}',
      needsContext: true,
      names: ['HCLOUD_TOKEN'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'POST', path: '/v1/servers/{id}/actions/reset' },
      effect: 'write',
      scope: 'servers',
      because: 'Switches the power off and on.',
      targets: { id: 'server' },
    },
  ],
  docs: 'docs/providers/pages.md',
};
