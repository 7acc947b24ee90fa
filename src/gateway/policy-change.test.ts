import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../authorize/grant.ts';
import { environmentRefs, grant, policy } from '../testing/judged-cases.ts';
import { describePolicyChange } from './policy-change.ts';

const hosts = policy().hosts;
const volume = { provider: 'railway', kind: 'volume', id: '1' };
const credential = {
  id: 'railway',
  provider: 'railway',
  placeholder: 'hp_railway_0123456789abcdef',
  purpose: 'deploy',
};
const [production, staging, preview] = policy().environments;
if (production === undefined || staging === undefined || preview === undefined) throw new Error('three environments');
const narrow = grant({
  scopes: [{ kind: 'logs', access: 'read' }],
  environments: ['staging'],
  destructive: 'never',
  expires: '2026-12-31',
});
const base = policy({
  grants: [narrow],
  credentials: [credential],
  approvals: { production: { factors: ['typed-name', 'passkey'], people: 1 } },
});
const with_ = (change: Partial<Policy>): Policy => ({ ...base, ...change });
const grants = (change: Partial<typeof narrow>) => with_({ grants: [{ ...narrow, ...change }] });

type Case = [says: string, after: Policy, wayBack: 'narrows' | 'widens' | 'neutral'];

/** Each widens from base; the way back must then narrow, unless doubt makes it widen as well. */
const widening: Case[] = [
  [
    'Agent other is added: *:write in staging, preview, destructive: confirm.',
    with_({ grants: [narrow, grant({ agent: 'other' })] }),
    'narrows',
  ],
  [
    'Agent cursor-staging gains the scope volumes:read.',
    grants({ scopes: [...narrow.scopes, { kind: 'volumes', access: 'read' }] }),
    'narrows',
  ],
  [
    'Agent cursor-staging gains the scope logs:write.',
    grants({ scopes: [{ kind: 'logs', access: 'write' }] }),
    'narrows',
  ],
  ['Agent cursor-staging gains the scope *:read.', grants({ scopes: [{ kind: '*', access: 'read' }] }), 'narrows'],
  ['Agent cursor-staging may work in production.', grants({ environments: ['staging', 'production'] }), 'narrows'],
  ['Agent cursor-staging may work in all environments.', grants({ environments: 'all' }), 'widens'],
  [
    'Agent cursor-staging may ask for destructive actions, which a human then confirms.',
    grants({ destructive: 'confirm' }),
    'narrows',
  ],
  ['Agent cursor-staging may use the credential neon.', grants({ credentials: ['railway', 'neon'] }), 'narrows'],
  ['The grant of agent cursor-staging ends never (was 2026-12-31).', grants({ expires: null }), 'narrows'],
  ['The grant of agent cursor-staging ends 2027-01-01 (was 2026-12-31).', grants({ expires: '2027-01-01' }), 'narrows'],
  [
    'Environment production is no longer protected.',
    with_({ environments: [{ ...production, protected: false }, staging, preview] }),
    'narrows',
  ],
  [
    'Environment staging becomes disposable: destruction there needs no human.',
    with_({ environments: [production, { ...staging, disposable: true }, preview] }),
    'narrows',
  ],
  [
    'Environment production is removed; what lies there is unknown from now on.',
    with_({ environments: [staging, preview] }),
    'widens',
  ],
  [
    'railway:environment:env-prod now counts as staging.',
    with_({
      environments: [
        { ...production, is: [] },
        { ...staging, is: [...staging.is, environmentRefs.production] },
        preview,
      ],
    }),
    'widens',
  ],
  [
    'Credential neon is added, for neon.',
    with_({ credentials: [credential, { ...credential, id: 'neon', provider: 'neon' }] }),
    'narrows',
  ],
  [
    'Credential railway has another provider or placeholder.',
    with_({ credentials: [{ ...credential, placeholder: 'hp_railway_zzzzzzzzzzzzzzzz' }] }),
    'widens',
  ],
  [
    'Approvals in production: passkey by 1 (was typed-name and passkey by 1).',
    with_({ approvals: { production: { factors: ['passkey'], people: 1 } } }),
    'narrows',
  ],
  ['Approvals in production: the default (was typed-name and passkey by 1).', with_({ approvals: {} }), 'widens'],
  ['The delay before irreversible actions is 1 s (was 600 s).', with_({ delayIrreversibleMs: 1000 }), 'narrows'],
  ['Host docs.example is a tunnel now.', with_({ hosts: { ...hosts, tunnel: ['docs.example'] } }), 'narrows'],
  ['Host docs.example is ordinary now.', with_({ hosts: { ...hosts, ordinary: ['docs.example'] } }), 'narrows'],
  [
    'Database bookings is added.',
    with_({ databases: [{ name: 'bookings', credential: 'c', environment: 'production', listenPort: 4655 }] }),
    'widens',
  ],
];

const narrowing: [string, Policy][] = [
  ['Protected now: railway:volume:1 by the backup b.', with_({ protects: [{ resource: volume, backup: 'b' }] })],
  [
    'Protected now: deploy in production by the backup b.',
    with_({ protectsOn: [{ on: 'deploy', environment: 'production', backup: 'b' }] }),
  ],
  ['Host docs.example is denied now.', with_({ hosts: { ...hosts, denied: ['docs.example'] } })],
  ['Host docs.example is governed now.', with_({ hosts: { ...hosts, governed: ['docs.example'] } })],
  ['Hosts are strict now: those that are not listed are denied.', with_({ hosts: { ...hosts, strict: true } })],
  [
    'Approvals in production: typed-name and passkey by 2 (was typed-name and passkey by 1).',
    with_({ approvals: { production: { factors: ['typed-name', 'passkey'], people: 2 } } }),
  ],
];

describe('describePolicyChange', () => {
  it.each(widening)('widens: %s', (says, after, wayBack) => {
    const change = describePolicyChange(base, after);
    expect(change.changes).toContain(says);
    expect(change.widens).toBe(true);
    expect(describePolicyChange(after, base).widens).toBe(wayBack === 'widens');
  });

  it.each(narrowing)('narrows: %s', (says, after) => {
    expect(describePolicyChange(base, after)).toEqual({ changes: [says], widens: false });
    expect(describePolicyChange(after, base).widens).toBe(true);
  });

  it('is silent about nothing', () => {
    expect(describePolicyChange(base, base)).toEqual({ changes: [], widens: false });
  });

  it('takes waiting, purposes and project folders for neither', () => {
    const after = with_({
      waitMs: null,
      credentials: [{ ...credential, purpose: 'other' }],
      projects: [{ name: 'p', path: '/p', changelog: null }],
    });
    const change = describePolicyChange(base, after);
    expect(change.changes).toHaveLength(3);
    expect(change.widens).toBe(false);
  });

  it('takes a difference without words for widening', () => {
    const strange = { ...base, newField: 1 } as Policy;
    expect(describePolicyChange(base, strange).widens).toBe(true);
  });

  it('lists what widens first', () => {
    const change = describePolicyChange(
      base,
      with_({ hosts: { ...hosts, denied: ['a.example'], tunnel: ['b.example'] } }),
    );
    expect(change.changes[0]).toContain('b.example');
  });

  it('property: never calls a change harmless if a grant can do more', () => {
    const some = fc.record({
      scopes: fc.subarray([
        { kind: 'logs', access: 'read' },
        { kind: 'logs', access: 'write' },
        { kind: '*', access: 'read' },
      ] as const),
      environments: fc.subarray(['staging', 'production']),
      destructive: fc.constantFrom<'never' | 'confirm'>('never', 'confirm'),
    });
    let widened = 0;
    fc.assert(
      fc.property(some, some, (was, is) => {
        const more =
          is.environments.some((each) => !was.environments.includes(each)) ||
          (is.destructive === 'confirm' && was.destructive === 'never');
        if (!more) return;
        widened += 1;
        expect(describePolicyChange(grants(was), grants(is)).widens).toBe(true);
      }),
    );
    expect(widened).toBeGreaterThan(10);
  });
});
