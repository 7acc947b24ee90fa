// HashiCorp Vault: token shapes. Its hosts are the owner's own and come from the configuration; HCP's are listed here. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const vault: ProviderPage = {
  name: 'vault',
  hosts: ['*.hashicorp.cloud'],
  tenantHosts: [],
  authSlots: [
    { header: 'x-vault-token', scheme: null },
    { header: 'authorization', scheme: 'Bearer' },
  ],
  tokens: [
    {
      kind: 'service token',
      pattern: 'hvs[.][A-Za-z0-9_-]{24,}',
      needsContext: false,
      names: ['VAULT_TOKEN'],
      power: 'unknown',
    },
    {
      kind: 'batch token',
      pattern: 'hvb[.][A-Za-z0-9_-]{24,}',
      needsContext: false,
      names: ['VAULT_TOKEN'],
      power: 'unknown',
    },
  ],
  graphqlPath: null,
  operations: [],
  docs: 'docs/providers/pages.md',
};
