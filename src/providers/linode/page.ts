// Linode (Akamai): a restore is in place only if it overwrites. Data only, found in the provider's API description.
// Cancelling backups deletes them at once.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

export const linode: ProviderPage = {
  name: 'linode',
  hosts: ['api.linode.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'personal access token',
      pattern: '[a-f0-9]{64}',
      needsContext: true,
      names: ['LINODE_TOKEN', 'LINODE_CLI_TOKEN'],
      power: 'account-wide',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'POST', path: '/v4/linode/instances/{id}/backups/{backup}/restore' },
      effect: 'write',
      scope: 'backups',
      because: 'Restores into another machine and overwrites nothing.',
      when: (args) => valueAt(args, 'overwrite') === false,
      examples: { matches: [{ overwrite: false }], differs: [{ overwrite: true }, {}] },
    },
    {
      rest: { method: 'POST', path: '/v4/linode/instances/{id}/backups/cancel' },
      effect: 'destructive',
      scope: 'backups',
      because: 'Deletes all backups at once.',
      recovery: 'none',
      aspects: ['removes-protection'],
    },
    {
      rest: { method: 'GET', path: '/v4/account' },
      effect: 'read',
      scope: 'account',
      because: 'Says whose account it is.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
