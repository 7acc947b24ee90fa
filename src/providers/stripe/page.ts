// Stripe: token shapes. Live and test keys differ by their prefix; what a call does is found by the generic rules.
// Refunds and payouts are writes that spend money: not destruction, and not to be brought back. Data only.

import type { ProviderPage } from '../../classify/provider-page.ts';

export const stripe: ProviderPage = {
  name: 'stripe',
  hosts: ['api.stripe.com', 'files.stripe.com'],
  tenantHosts: [],
  authSlots: [
    { header: 'authorization', scheme: 'Bearer' },
    { header: 'authorization', scheme: 'Basic' },
  ],
  tokens: [
    {
      kind: 'live secret key',
      pattern: 'sk_live_[A-Za-z0-9]{24,}',
      needsContext: false,
      names: ['STRIPE_SECRET_KEY', 'STRIPE_API_KEY'],
      power: 'account-wide',
    },
    {
      kind: 'test secret key',
      pattern: 'sk_test_[A-Za-z0-9]{24,}',
      needsContext: false,
      names: ['STRIPE_SECRET_KEY', 'STRIPE_API_KEY'],
      power: 'write',
    },
    {
      kind: 'restricted key',
      pattern: 'rk_(?:live|test)_[A-Za-z0-9]{24,}',
      needsContext: false,
      names: [],
      power: 'unknown',
    },
  ],
  graphqlPath: null,
  operations: [
    {
      rest: { method: 'POST', path: '/v1/refunds' },
      effect: 'write',
      scope: 'refunds',
      because: 'Money leaves the account.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
    {
      rest: { method: 'POST', path: '/v1/payouts' },
      effect: 'write',
      scope: 'payouts',
      because: 'Money leaves the account.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
    {
      rest: { method: 'POST', path: '/v1/transfers' },
      effect: 'write',
      scope: 'transfers',
      because: 'Money leaves the account.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
    {
      rest: { method: 'POST', path: '/v1/charges' },
      effect: 'write',
      scope: 'charges',
      because: 'Takes money from a customer.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
    {
      rest: { method: 'POST', path: '/v1/payment_intents' },
      effect: 'write',
      scope: 'payment-intents',
      because: 'Takes money from a customer.',
      recovery: 'none',
      aspects: ['spends-money'],
    },
  ],
  docs: 'docs/providers/pages.md',
};
