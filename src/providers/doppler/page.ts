// Doppler: token shapes, and answers that reveal secrets, which are masked. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const doppler: ProviderPage = {
  name: 'doppler',
  hosts: ['api.doppler.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Bearer' }],
  tokens: [
    {
      kind: 'token',
      pattern: 'dp[.](?:pt|st|sa|ct|scim|audit)[.][A-Za-z0-9_.-]{40,}',
      needsContext: false,
      names: ['DOPPLER_TOKEN'],
      power: 'unknown',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'GET', path: '/v3/configs/config/secrets' },
      effect: 'read',
      scope: 'secrets',
      because: 'Reveals secrets; they are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['secrets'],
    },
    {
      rest: { method: 'GET', path: '/v3/configs/config/secret' },
      effect: 'read',
      scope: 'secrets',
      because: 'Reveals a secret; it is masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['value'],
    },
    {
      rest: { method: 'GET', path: '/v3/configs/config/secrets/download' },
      effect: 'read',
      scope: 'secrets',
      because: 'Reveals secrets; they are masked in the answer.',
      aspects: ['exposes-secrets'],
      masks: ['*'],
    },
  ],
  docs: 'docs/providers/pages.md',
};
