// PlanetScale: token shapes. What its calls do is found by the generic rules. Data only.
// The credential is a pair, sent as id and secret in one header.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const planetscale: ProviderPage = {
  name: 'planetscale',
  hosts: ['api.planetscale.com'],
  tenantHosts: [],
  authSlots: [
    { header: 'authorization', scheme: null },
    { header: 'authorization', scheme: 'Bearer' },
  ],
  tokens: [
    {
      kind: 'service token',
      pattern: 'pscale_tkn_[A-Za-z0-9_=.-]{32,}',
      needsContext: false,
      names: ['PLANETSCALE_SERVICE_TOKEN'],
      power: 'destroy',
    },
    {
      kind: 'OAuth token',
      pattern: 'pscale_oauth_[A-Za-z0-9_=.-]{32,}',
      needsContext: false,
      names: [],
      power: 'destroy',
    },
    {
      kind: 'database password',
      pattern: 'pscale_pw_[A-Za-z0-9_=.-]{32,}',
      needsContext: false,
      names: [],
      power: 'destroy',
    },
  ],
  graphqlPath: null,
  operations: [],
  docs: 'docs/providers/pages.md',
};
