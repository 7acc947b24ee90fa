// Pulumi Cloud: token shapes. A destroy runs in the agent's own process and reaches the cloud's providers, which are governed themselves. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const pulumi: ProviderPage = {
  name: 'pulumi',
  hosts: ['api.pulumi.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'token' }],
  tokens: [
    {
      kind: 'access token',
      pattern: 'pul-[a-f0-9]{40}',
      needsContext: false,
      names: ['PULUMI_ACCESS_TOKEN'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [],
  docs: 'docs/providers/pages.md',
};
