import { describe, expect, it } from 'vitest';
import { HoldpointError } from '../platform/fault.ts';
import { type PolicyContext, parsePolicy } from './policy-file.ts';
import { parseDuration, renderPolicySchema } from './policy-schema.ts';

const id = '11111111-2222-4333-8444-555555555555';
const whole = `
agents:
  cursor-staging:
    preset: staging_deploy_token
    scopes: [deployments:read, deployments:write, logs:read]
    environments: [staging]
    credentials: [railway]
    destructive: never
    expires: 2026-12-31
environments:
  production: { protected: true, is: ["railway:environment:${id}"] }
  staging:    { is: ["railway:environment:22222222-2222-4333-8444-555555555555"] }
  preview:    { disposable: true, is: ["neon:branch:br-cool-1"] }
credentials:
  railway: { provider: railway, placeholder: hp_railway_0123456789abcdef, purpose: "deploy the web service" }
  bookings-url: { provider: postgres, placeholder: hp_postgres_0123456789abcdef, purpose: "the bookings database" }
databases:
  bookings: { upstream: credential:bookings-url, environment: production, listen: 4655 }
backups:
  bookings: { source: database:bookings, to: [local, offsite], max_age: 15m, max_loss: 0, verify: restore }
protects:
  - { resource: "railway:volume:${id}", backup: bookings }
  - { on: deploy, in: production, backup: bookings }
approvals: { production: { factors: [typed-name, passkey], people: 1 } }
delay: { irreversible: 10m }
wait: 50s
hosts: { tunnel: [+docs.example], strict: false }
project: { bookings-app: { path: /srv/bookings, changelog: HOLDPOINT.md } }
`;

const pages = [
  { name: 'railway', hosts: ['backboard.railway.com'], tenantHosts: ['*.up.railway.app'] },
  { name: 'neon', hosts: ['console.neon.tech'], tenantHosts: [] },
];
const context: PolicyContext = { pages, scalars: null };

function problemOf(text: string, using: PolicyContext = context): string {
  try {
    parsePolicy(text, using);
  } catch (error) {
    if (error instanceof HoldpointError && error.code === 'config-invalid') return error.reason.what;
    throw error;
  }
  throw new Error('the policy was accepted');
}

describe('parsePolicy', () => {
  it('reads the whole schema', () => {
    const policy = parsePolicy(whole, context);
    expect(policy.grants).toEqual([
      {
        agent: 'cursor-staging',
        preset: 'staging_deploy_token',
        scopes: [
          { kind: 'deployments', access: 'read' },
          { kind: 'deployments', access: 'write' },
          { kind: 'logs', access: 'read' },
        ],
        environments: ['staging'],
        credentials: ['railway'],
        destructive: 'never',
        expires: '2026-12-31',
      },
    ]);
    expect(policy.environments[0]).toEqual({
      name: 'production',
      protected: true,
      disposable: false,
      is: [{ provider: 'railway', kind: 'environment', id }],
    });
    expect(policy.protects).toEqual([{ resource: { provider: 'railway', kind: 'volume', id }, backup: 'bookings' }]);
    expect(policy.protectsOn).toEqual([{ on: 'deploy', environment: 'production', backup: 'bookings' }]);
    expect(policy.databases).toEqual([
      { name: 'bookings', credential: 'bookings-url', environment: 'production', listenPort: 4655 },
    ]);
    expect(policy.backups).toEqual([
      {
        name: 'bookings',
        source: 'bookings',
        to: ['local', 'offsite'],
        maxAgeMs: 900_000,
        maxLoss: 0,
        verify: 'restore',
      },
    ]);
    expect(policy.approvals).toEqual({ production: { factors: ['typed-name', 'passkey'], people: 1 } });
    expect([policy.delayIrreversibleMs, policy.waitMs]).toEqual([600_000, 50_000]);
    expect(policy.hosts.tunnel).toContain('docs.example');
    expect(policy.hosts.tunnel).toContain('api.anthropic.com');
    expect(policy.projects).toEqual([{ name: 'bookings-app', path: '/srv/bookings', changelog: 'HOLDPOINT.md' }]);
  });

  it('gives no power where nothing is said', () => {
    const policy = parsePolicy('agents: { a: {} }\n');
    expect(policy.grants[0]).toMatchObject({ scopes: [], environments: [], credentials: [], destructive: 'never' });
    expect(parsePolicy('').grants).toEqual([]);
    expect(parsePolicy('wait: null\n').waitMs).toBeNull();
  });

  it('takes from the preset what the agent leaves out', () => {
    const policy = parsePolicy(
      'agents: { a: { preset: agent_token, scopes: [logs:read] } }\nenvironments: { staging: { is: [] } }\n',
    );
    expect(policy.grants[0]).toMatchObject({
      scopes: [{ kind: 'logs', access: 'read' }],
      environments: ['staging'],
      destructive: 'never',
    });
  });

  it.each<[string, string, string]>([
    [
      'an unknown key',
      'agents:\n  a: { scope: [] }\n',
      'Line 2: "scope" is not a key of agents.a. Did you mean "scopes"?',
    ],
    [
      'an unknown section',
      'enviroments: {}\n',
      'Line 1: "enviroments" is not a key of the policy. Did you mean "environments"?',
    ],
    [
      'a wildcard',
      'protects:\n  - { resource: "railway:volume:*", backup: b }\n',
      'Line 2: protects.0.resource: an id is written provider:kind:id, without wildcards.',
    ],
    [
      'both protected and disposable',
      'environments:\n  p: { protected: true, disposable: true, is: [] }\n',
      'Line 2: environments.p: an environment cannot be both protected and disposable.',
    ],
    [
      'an unknown environment',
      'agents: { a: { environments: [stagin] } }\nenvironments: { staging: { is: [] } }\n',
      'Line 1: agents.a.environments: "stagin" is not an environment of this policy. Did you mean "staging"?',
    ],
    [
      'an unknown preset',
      'agents: { a: { preset: agent_tokens } }\n',
      'Line 1: agents.a.preset: "agent_tokens" is not a preset. Did you mean "agent_token"?',
    ],
    [
      'a preset whose environment is not there',
      'agents: { a: { preset: agent_token } }\n',
      'agents.a.preset: "staging" is not an environment of this policy.',
    ],
    [
      'an unknown credential',
      'agents: { a: { credentials: [railway] } }\n',
      'agents.a.credentials.0: "railway" is not a credential of this policy.',
    ],
    [
      'an unknown provider',
      'environments: { p: { is: ["railwey:environment:1"] } }\n',
      '"railwey" is not a provider that Holdpoint knows. Did you mean "railway"?',
    ],
    ['a duration', 'wait: 50\n', 'Line 1: wait:'],
    ['a duration without unit', 'wait: "50"\n', 'a duration is a number and ms, s, m, h or d'],
    [
      'a scope',
      'agents: { a: { scopes: [volumes] } }\n',
      'agents.a.scopes.0: a scope is written kind:read or kind:write.',
    ],
    [
      'a day that does not exist',
      'agents: { a: { expires: 2026-02-30 } }\n',
      'agents.a.expires: this day does not exist.',
    ],
    ['one key twice', 'wait: 1s\nwait: 2s\n', 'Line 2:'],
    ['an alias', 'delay: &d { irreversible: 1s }\nhosts: *d\n', 'aliases are not read'],
    ['a tag', 'wait: !secret x\n', 'Line 1:'],
    ['broken YAML', 'agents: [\n', 'The policy has'],
    ['a list', '- a\n', 'the policy:'],
    [
      'a governed host as tunnel',
      'hosts:\n  tunnel: [+backboard.railway.com]\n',
      'Line 2: hosts.tunnel: backboard.railway.com is governed',
    ],
    ['a tunnel over a governed host', 'hosts: { tunnel: ["+*.railway.com"] }\n', 'is governed'],
    [
      'one id in two environments',
      'environments:\n  a: { is: ["neon:branch:1"] }\n  b: { is: ["neon:branch:1"] }\n',
      'Line 3: environments.b: this is the same as in environments.a',
    ],
    [
      'one placeholder for two credentials',
      `credentials:
  a: { provider: neon, placeholder: hp_neon_0123456789abcdef, purpose: x }
  b: { provider: neon, placeholder: hp_neon_0123456789abcdef, purpose: x }
`,
      'Line 3: credentials.b: this is the same as in credentials.a',
    ],
    [
      'a foreign placeholder',
      'credentials: { r: { provider: railway, placeholder: hp_neon_0123456789abcdef, purpose: x } }\n',
      'it must begin with hp_railway_.',
    ],
    [
      'approvals for nothing',
      'approvals: { prod: { factors: [passkey] } }\n',
      'approvals.prod: "prod" is not an environment',
    ],
    [
      'no people',
      'environments: { p: { is: [] } }\napprovals: { p: { factors: [passkey], people: 0 } }\n',
      'approvals.p.people',
    ],
    [
      'a protect rule of no kind',
      'protects:\n  - { resourc: "railway:volume:1", backup: b }\n',
      '"resourc" is not a key of protects.0. Did you mean "resource"?',
    ],
  ])('refuses %s', (_name, text, says) => {
    expect(problemOf(text)).toContain(says);
  });

  it('lists all problems at once', () => {
    const said = problemOf('enviroments: {}\nwaits: 1s\n');
    expect(said).toContain('2 problems');
    expect(said).toContain('Line 2');
  });

  it('refuses secrets, with their line and without their text', () => {
    const secrets = [
      ['ghp', 'x'.repeat(36)].join('_'),
      ['postgres://u', 'hunter2hunter2@db.example/app'].join(':'),
      ['AKIA', 'A1'.repeat(8)].join(''),
      ['-----BEGIN', 'PRIVATE KEY-----'].join(' '),
    ];
    for (const secret of secrets) {
      const said = problemOf(
        `credentials:\n  r: { provider: railway, placeholder: hp_railway_0123456789abcdef, purpose: "${secret}" }\n`,
      );
      expect(said).toContain('Line 2: A credential stands here in the clear.');
      expect(said).not.toContain(secret);
    }
    expect(problemOf(`credentials: { r: { provider: railway, placeholder: ${id}, purpose: x } }\n`)).not.toContain(id);
  });

  it('refuses more than 1 MiB unread', () => {
    expect(problemOf(`# ${'x'.repeat(1_048_577)}`)).toContain('larger than 1 MiB');
  });
});

describe('scalars from the environment', () => {
  const from = (env: Record<string, string>, files: Record<string, string> = {}): PolicyContext => ({
    pages: [],
    scalars: {
      env,
      readText: (path) => {
        const text = files[path];
        if (text === undefined) throw new Error('no such file');
        return text;
      },
    },
  });

  it('win over the file', () => {
    const env = { HOLDPOINT_WAIT: '5s', HOLDPOINT_DELAY_IRREVERSIBLE: '20s', HOLDPOINT_HOSTS_STRICT: 'true' };
    const policy = parsePolicy('wait: 50s\n', from(env));
    expect([policy.waitMs, policy.delayIrreversibleMs, policy.hosts.strict]).toEqual([5000, 20_000, true]);
    expect(parsePolicy('', from({ HOLDPOINT_WAIT: 'null' })).waitMs).toBeNull();
    expect(parsePolicy('', from({ HOLDPOINT_WAIT_FILE: '/run/wait' }, { '/run/wait': '7s\n' })).waitMs).toBe(7000);
  });

  it.each<[Record<string, string>, string]>([
    [{ HOLDPOINT_WAIT: '1s', HOLDPOINT_WAIT_FILE: '/x' }, 'both set'],
    [{ HOLDPOINT_WAIT_FILE: '/nowhere' }, 'cannot be read'],
    [{ HOLDPOINT_HOSTS_STRICT: 'yes' }, 'hosts.strict'],
  ])('refuse %j', (env, says) => {
    expect(problemOf('', from(env))).toContain(says);
  });
});

describe('parseDuration', () => {
  it.each<[string, number | null]>([
    ['250ms', 250],
    ['50s', 50_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['10', null],
    ['-1s', null],
    ['1.5h', null],
    ['1 h', null],
  ])('%s -> %s', (text, want) => {
    expect(parseDuration(text)).toBe(want);
  });
});

describe('renderPolicySchema', () => {
  it('is JSON Schema that knows every section and allows no other', () => {
    const schema = JSON.parse(renderPolicySchema());
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['agents', 'environments', 'credentials', 'hosts', 'approvals']),
    );
    expect(schema.additionalProperties).toBe(false);
  });
});
