// Twilio: a message is redacted by an update with an empty body. Data only.

import { valueAt } from '../../classify/pages.ts';
import type { ProviderPage } from '../../classify/provider-page.ts';

export const twilio: ProviderPage = {
  name: 'twilio',
  hosts: ['api.twilio.com', '*.twilio.com'],
  tenantHosts: [],
  authSlots: [{ header: 'authorization', scheme: 'Basic' }],
  tokens: [
    {
      kind: 'auth token',
      pattern: '[a-f0-9]{32}',
      needsContext: true,
      names: ['TWILIO_AUTH_TOKEN'],
      power: 'account-wide',
    },
    { kind: 'API key', pattern: 'SK[a-f0-9]{32}', needsContext: false, names: ['TWILIO_API_KEY'], power: 'destroy' },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'POST', path: '/2010-04-01/Accounts/{account}/Messages/{message}' },
      effect: 'destructive',
      scope: 'messages',
      because: 'Redacts the body of a message.',
      when: (args) => valueAt(args, 'Body') === '',
      recovery: 'none',
      examples: { matches: [{ Body: '' }], differs: [{ Body: 'hi' }, {}] },
    },
    {
      rest: { method: 'POST', path: '/2010-04-01/Accounts/{account}/Messages.json' },
      effect: 'write',
      scope: 'messages',
      because: 'Sends a message.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
    {
      rest: { method: 'POST', path: '/2010-04-01/Accounts/{account}/Calls.json' },
      effect: 'write',
      scope: 'calls',
      because: 'Makes a call.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
  ],
  docs: 'docs/providers/pages.md',
};
