// Invariant 8: nothing that an agent can reach approves or widens. Every route of the control port, with bodies that a
// human has really signed, through every door that an agent has: the proxy port in each form, and the control port
// itself with what an agent holds. The state is compared after each; at the end the same body works for its owner.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Route, routes } from '../../src/console/server/routes.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { homeAt } from '../../src/platform/home.ts';
import { agent, proxyAuthorization, railwayHost, send, startTarget, type Target } from '../bypass/target.ts';
import { type Counts, count } from './counts.ts';
import { enrolSigner, type Yes } from './signer.ts';

let target: Target;
let yes: Yes;
let hold: Hold;
let ownersToken = '';
let submission: ReturnType<Yes['submission']>;

beforeAll(async () => {
  target = await startTarget();
  yes = await enrolSigner(target.instance);
  const body = JSON.stringify({ query: `mutation { volumeDelete(volumeId: "${target.volumeId}") }` });
  expect((await send(target, { body })).statuses).toEqual([423]);
  const [open] = await target.instance.control.holds({ open: true, limit: 1 });
  if (open === undefined) throw new Error('no hold');
  hold = open;
  submission = yes.submission(hold);
  ownersToken = readFileSync(homeAt(join(target.root, 'home')).controlTokenFile, 'utf8').trim();
});
afterAll(() => target.close());

/** Everything that decides what passes: holds, policy, people, grants, tokens, secrets; and the provider's own data. */
async function state(): Promise<string> {
  const { tapped, control, system } = target.instance;
  const rows = await Promise.all((['hold', 'system', 'queue'] as const).map((table) => tapped.storage.rows(table)));
  const { agents, policyDigest } = await control.status();
  const access = agents.map(({ posture: _posture, ...rest }) => rest);
  return JSON.stringify([rows, access, policyDigest, system.state.policy, target.fake.world()]);
}

const doors = ['control port', 'proxy, origin form', 'proxy, absolute form', 'proxy, CONNECT'] as const;
const names = [
  '127.0.0.1',
  'localhost',
  'holdpoint.localhost',
  '[::1]',
  '0.0.0.0',
  '127.0.0.2',
  'a.localhost',
] as const;

interface Try {
  readonly route: Route;
  readonly door: (typeof doors)[number];
  readonly name: string;
  readonly host: 'control' | 'proxy' | 'foreign' | 'governed';
  readonly origin: string | null;
  readonly bearer: 'none' | 'agent' | 'basic' | 'guess' | 'owner';
  readonly type: string;
  readonly extra: readonly string[];
  readonly signed: boolean;
}

const tries: fc.Arbitrary<Try> = fc.record({
  route: fc.constantFrom(...routes.filter((each) => each.answer !== 'event-stream')),
  door: fc.constantFrom(...doors),
  name: fc.constantFrom(...names),
  host: fc.constantFrom('control', 'control', 'control', 'proxy', 'foreign', 'governed'),
  origin: fc.constantFrom(null, null, 'null', 'http://holdpoint.localhost', 'https://evil.example', 'console'),
  bearer: fc.constantFrom('none', 'agent', 'basic', 'guess', 'owner'),
  type: fc.constantFrom('application/json', 'application/json', 'text/plain', 'application/x-www-form-urlencoded'),
  extra: fc.subarray([
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Host: holdpoint.localhost',
    'X-HTTP-Method-Override: POST',
    'X-Original-URL: /api/freeze',
    'Cookie: token=1',
    'Sec-Fetch-Site: same-origin',
  ]),
  signed: fc.boolean(),
});

function bodyFor({ route, signed }: Try): string {
  if (route.method === 'GET') return '';
  const factor = signed ? { submission } : { submission: { ...submission, signature: 'ab'.repeat(64) } };
  const { path } = route;
  const byPath: Readonly<Record<string, object>> = {
    '/api/holds/:id/approve': factor,
    '/api/holds/:id/settle': { happened: 'happened', ...factor },
    '/api/thaw': { agent, ...factor },
    '/api/hosts/allow': { host: 'collector.example', ...factor },
    '/api/hosts/deny': { host: 'collector.example' },
    '/api/policy/apply': { text: target.policyText.replace('protected: true, ', ''), ...factor },
    '/api/policy/narrow': { text: target.policyText },
    '/api/policy/diff': { text: target.policyText },
    '/api/credentials/:id': { secret: 'x'.repeat(20), ...factor },
    '/api/agents': { input: { agent: 'second', preset: 'agent_token' }, ...factor },
    '/api/freeze': { agent },
    '/api/nonce': { digest: hold.digest },
    '/api/probed': { attempt: 'a', refusedBy: 'b', succeeded: true },
  };
  return JSON.stringify(byPath[path] ?? {});
}

function authorizationOf(each: Try): readonly string[] {
  // At the control port itself an agent has what it has; through the proxy not even the owner's token may lead there.
  const owner = each.door === 'control port' ? ['hpc', 'A'.repeat(43)].join('_') : ownersToken;
  const known = {
    none: [],
    agent: [`Authorization: Bearer ${target.agentToken}`],
    basic: [`Authorization: ${proxyAuthorization(agent, target.agentToken)}`],
    guess: [`Authorization: Bearer ${['hpc', 'B'.repeat(43)].join('_')}`],
    owner: [`Authorization: Bearer ${owner}`],
  };
  return known[each.bearer];
}

function requestOf(each: Try): Buffer {
  const { controlPort, proxyPort } = target.instance;
  const id = each.route.path.startsWith('/api/holds') ? hold.id : 'railway';
  const path = each.route.path.replace(':id', id).replace(':agent', agent);
  const hosts = {
    control: `127.0.0.1:${controlPort}`,
    proxy: `127.0.0.1:${proxyPort}`,
    foreign: `evil.example:${controlPort}`,
    governed: railwayHost,
  };
  const authority = `${each.name}:${controlPort}`;
  const absolute = each.door === 'proxy, absolute form';
  const body = bodyFor(each);
  const origin = each.origin === 'console' ? `http://holdpoint.localhost:${controlPort}` : each.origin;
  const lines = [
    `${each.route.method} ${absolute ? `http://${authority}` : ''}${path} HTTP/1.1`,
    `Host: ${absolute ? authority : hosts[each.host]}`,
    ...authorizationOf(each),
    ...(each.door.startsWith('proxy,') && each.door !== 'proxy, CONNECT' ? [proxySign()] : []),
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...(body === '' ? [] : [`Content-Type: ${each.type}`, `Content-Length: ${Buffer.byteLength(body)}`]),
    ...each.extra,
    'Connection: close',
  ];
  const request = `${lines.join('\r\n')}\r\n\r\n${body}`;
  if (each.door !== 'proxy, CONNECT') return Buffer.from(request);
  return Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${proxySign()}\r\n\r\n${request}`);
}

function proxySign(): string {
  return `Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken)}`;
}

/** All bytes at once, whatever the answer to the first of them; resolves with the status lines that came back. */
function statusesOf(port: number, bytes: Buffer): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))));
  });
}

describe('no door of an agent', () => {
  it('approves, widens or changes anything', async () => {
    const before = await state();
    const counts: Counts = new Map();
    const run = fc.asyncProperty(tries, async (each) => {
      const { controlPort, proxyPort } = target.instance;
      const statuses = await statusesOf(each.door === 'control port' ? controlPort : proxyPort, requestOf(each));
      const open = each.door === 'control port' && each.route.access === 'public';
      if (!open)
        expect(
          statuses.filter((status) => status < 400),
          each.route.path,
        ).toEqual([]);
      expect(await state(), each.route.path).toBe(before);
      count(counts, each.door);
      count(counts, `${each.door === 'control port' ? '' : 'proxy '}${statuses[0]}`);
      count(counts, each.route.path);
      if (each.route.access === 'widening' && each.signed) count(counts, 'signed');
    });
    await fc.assert(run, { numRuns: 420, seed: 8, endOnFailure: true });
    for (const door of doors) expect(counts.get(door) ?? 0, door).toBeGreaterThan(60);
    for (const { path, answer } of routes)
      if (answer !== 'event-stream') expect(counts.get(path) ?? 0, path).toBeGreaterThan(2);
    for (const status of [401, 403, 421]) expect(counts.get(String(status)) ?? 0, `${status}`).toBeGreaterThan(5);
    expect(counts.get('proxy 403')).toBeGreaterThan(50);
    expect(counts.get('signed')).toBeGreaterThan(25);
  });

  it('yet the same signed body, from the owner at the control port, does approve', async () => {
    const before = await state();
    const answer = await fetch(`http://127.0.0.1:${target.instance.controlPort}/api/holds/${hold.id}/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownersToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ submission }),
    });
    expect(answer.status).toBe(200);
    expect(await state()).not.toBe(before);
  });
});
