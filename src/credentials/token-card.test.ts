import { describe, expect, it } from 'vitest';
import { grant } from '../testing/judged-cases.ts';
import { githubPage, railwayPage } from '../testing/provider-pages.ts';
import { credentialCard, grantCard, presetCards } from './token-card.ts';

const credential = {
  id: 'railway',
  provider: 'railway',
  placeholder: 'hp_railway_0123456789abcdef',
  purpose: 'Domain management via CLI',
};

describe('credential cards', () => {
  it('set the power of the failed token beside its purpose', () => {
    expect(
      credentialCard(credential, { fingerprint: 'fp:00', kinds: ['account-token'] }, railwayPage, [grant()]),
    ).toEqual({
      name: 'railway',
      kind: 'credential',
      created_for: 'Domain management via CLI',
      actual_scope: 'read, write and DELETE everything in the account',
      environment_restriction: 'none: everything in the account, all environments',
      confirmation_required: false,
      delayed_delete: false,
      fingerprint: 'fp:00',
      known_from: "the provider's page on account-token",
      used_by: ['cursor-staging'],
    });
  });

  it.each([
    [['project-token'], railwayPage, 'read, write and DELETE within its reach', 'one environment of one project'],
    [
      null,
      railwayPage,
      'read, write and DELETE everything in the account',
      'none: everything in the account, all environments',
    ],
    [
      ['gone'],
      railwayPage,
      'read, write and DELETE everything in the account',
      'none: everything in the account, all environments',
    ],
    [
      ['account-token', 'project-token'],
      railwayPage,
      'read, write and DELETE everything in the account',
      'none: everything in the account, all environments',
    ],
    [null, githubPage, 'not known; assume everything', 'none known'],
    [null, null, 'not known; assume everything', 'none known'],
  ])('of %s assume the worst that is possible', (kinds, page, scope, restriction) => {
    const kept = kinds === null ? null : { fingerprint: 'fp:00', kinds };
    const card = credentialCard(credential, kept, page, []);
    expect([card.actual_scope, card.environment_restriction]).toEqual([scope, restriction]);
  });
});

it('a card of a secret with two possible kinds says so', () => {
  const kept = { fingerprint: 'fp:00', kinds: ['account-token', 'project-token'] };
  expect(credentialCard(credential, kept, railwayPage, []).known_from).toBe(
    'its shape fits account-token and project-token: the most powerful counts',
  );
});

describe('grant cards', () => {
  it('say what passes the gateway', () => {
    const scopes = [
      { kind: 'volumes', access: 'write' },
      { kind: 'logs', access: 'read' },
    ] as const;
    expect(grantCard(grant({ scopes }), 'deploys', 600_000)).toMatchObject({
      created_for: 'deploys',
      actual_scope: { volumes: ['read', 'write', 'DELETE after a human has confirmed'], logs: ['read'] },
      environment_restriction: 'staging, preview',
      confirmation_required: true,
      delayed_delete: true,
    });
  });

  it('show the three presets as they should have been', () => {
    const cards = presetCards(600_000).map((card) => [
      card.name,
      card.actual_scope,
      card.environment_restriction,
      card.delayed_delete,
    ]);
    expect(cards).toEqual([
      ['domain_management_token', { domains: ['read', 'write'] }, 'all verified environments', false],
      ['staging_deploy_token', { deployments: ['read', 'write'] }, 'staging', false],
      ['agent_token', { deployments: ['read'], logs: ['read'] }, 'staging', false],
    ]);
  });
});
