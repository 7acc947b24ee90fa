// Fly.io: GraphQL and the machines API. Volumes keep snapshots for five days by default; secrets cannot be read back. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const fly: ProviderPage = {
  name: 'fly',
  hosts: ['api.fly.io', 'api.machines.dev'],
  tenantHosts: ['*.fly.dev'],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'authorization', scheme: 'FlyV1' },
  ],
  tokens: [
    {
      kind: 'macaroon',
      pattern: 'fm2_[A-Za-z0-9+/=_-]{40,}',
      needsContext: false,
      names: ['FLY_API_TOKEN', 'FLY_ACCESS_TOKEN'],
      power: 'unknown',
    },
    {
      kind: 'OAuth token',
      pattern: 'fo1_[A-Za-z0-9_-]{40,}',
      needsContext: false,
      names: ['FLY_API_TOKEN', 'FLY_ACCESS_TOKEN'],
      power: 'account-wide',
    },
  ],
  graphqlPath: '/graphql',
  operations: [
    {
      rest: { method: 'DELETE', path: '/v1/apps/{app}/volumes/{id}' },
      effect: 'destructive',
      scope: 'volumes',
      because: 'Deletes a volume; its snapshots stay for a while.',
      recovery: 'window',
      undo: 'snapshots, kept 5 days unless configured otherwise',
      targets: { id: 'volume', app: 'app' },
    },
    {
      rest: { method: 'DELETE', path: '/v1/apps/{app}/machines/{id}/lease' },
      effect: 'write',
      scope: 'leases',
      because: 'Gives back a lock on the machine.',
    },
    {
      rest: { method: 'GET', path: '/v1/apps' },
      effect: 'read',
      scope: 'apps',
      because: 'Lists apps of an organisation.',
      account: true,
    },
    {
      graphql: { on: 'mutation', field: 'unsetSecrets' },
      effect: 'destructive',
      scope: 'secrets',
      recovery: 'none',
      because: 'Deletes secrets; they cannot be read back.',
    },
  ],
  docs: 'docs/providers/pages.md',
};
