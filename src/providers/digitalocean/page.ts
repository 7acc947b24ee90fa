// DigitalOcean: token shapes and what the generic rules cannot judge (a CDN cache that refills itself).
// Actions of droplets, volumes and addresses are named in the body's `type`, which the generic rules read. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const digitalocean: ProviderPage = {
  name: 'digitalocean',
  hosts: ['api.digitalocean.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'personal access token',
      pattern: 'dop_v1_[a-f0-9]{64}',
      needsContext: false,
      names: ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', 'DO_API_TOKEN'],
      power: 'destroy',
    },
    { kind: 'OAuth token', pattern: 'doo_v1_[a-f0-9]{64}', needsContext: false, names: [], power: 'destroy' },
    { kind: 'refresh token', pattern: 'dor_v1_[a-f0-9]{64}', needsContext: false, names: [], power: 'destroy' },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'DELETE', path: '/v2/cdn/endpoints/{id}/cache' },
      effect: 'write',
      scope: 'cdn-endpoints',
      because: 'Empties a cache that refills itself.',
    },
    {
      rest: { method: 'DELETE', path: '/v2/firewalls/{id}/tags' },
      effect: 'write',
      scope: 'firewalls',
      because: 'Takes tags off a firewall.',
    },
    {
      rest: { method: 'DELETE', path: '/v2/firewalls/{id}/droplets' },
      effect: 'write',
      scope: 'firewalls',
      because: 'Takes machines off a firewall; its rules stay.',
    },
    {
      rest: { method: 'GET', path: '/v2/account' },
      effect: 'read',
      scope: 'account',
      because: 'Says whose account it is.',
      account: true,
    },
    {
      rest: { method: 'GET', path: '/v2/projects' },
      effect: 'read',
      scope: 'projects',
      because: 'Lists all projects.',
      account: true,
    },
  ],
  docs: 'docs/providers/pages.md',
};
