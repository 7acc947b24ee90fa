// Causes every row of bad-input-table.ts on a real instance: the answer has its code and status, says what, why and next,
// and neither store nor provider has changed. Arbitrary bytes into both ports end no instance.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstance } from '../src/gateway/compose.ts';
import { HoldpointError } from '../src/platform/fault.ts';
import { type Home, homeAt } from '../src/platform/home.ts';
import type { Reason } from '../src/platform/reason.ts';
import { runCli } from '../src/testing/cli-run.ts';
import { badInputPage, badInputs } from './bad-input-table.ts';
import {
  agent,
  proxyAuthorization,
  railwayHost,
  send,
  startTarget,
  type Target,
  throughTunnel,
  toProxy,
} from './bypass/target.ts';
import { root as projectRoot } from './tree.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

interface Seen {
  readonly result: number;
  readonly text: string;
}

const home = () => join(target.root, 'home');
const query = (text: string) => JSON.stringify({ query: text });
const json = ['Content-Type', 'application/json'] as const;
const sign = () => `Proxy-Authorization: ${proxyAuthorization(agent, target.agentToken)}`;
const connectTo = (host: string, line: string) => `CONNECT ${host} HTTP/1.1\r\nHost: x\r\n${line}\r\n\r\n`;

async function proxied(reply: Promise<{ readonly statuses: readonly number[]; readonly text: string }>): Promise<Seen> {
  const { statuses, text } = await reply;
  return { result: statuses[0] ?? 0, text };
}

async function controlled(
  path: string,
  body: string | null,
  token = readFileSync(join(home(), 'run/control.token'), 'utf8').trim(),
): Promise<Seen> {
  const ask = () =>
    fetch(`http://127.0.0.1:${target.instance.controlPort}${path}`, {
      method: body === null ? 'GET' : 'POST',
      headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
      ...(body === null ? {} : { body }),
    });
  // A refused body ends its connection, which the client may be about to use again.
  const answer = await ask().catch(ask);
  return { result: answer.status, text: await answer.text() };
}

async function commanded(args: readonly string[], root = home()): Promise<Seen> {
  const ran = await runCli([...args, '--json'], { env: { HOLDPOINT_HOME: root, HOLDPOINT_CONTROL_PORT: '9' } });
  return { result: ran.code, text: ran.out + ran.err };
}

async function applied(change: (text: string) => string): Promise<Seen> {
  const done = await target.instance.control.diffPolicy(change(target.policyText));
  return { result: 0, text: done.ok ? 'accepted' : JSON.stringify(done.reason) };
}

async function started(
  prepare: (home: Home) => void,
  ports: { proxy?: number; control?: number } = {},
  root?: string,
): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bad-'));
  const own = homeAt(root ?? join(folder, 'home'));
  try {
    prepare(own);
    const instance = await startInstance({
      ...{ home: own, name: 'bad', lab: null, proxyPort: ports.proxy ?? 0, controlPort: ports.control ?? 0 },
      ...{ notifier: { held: () => undefined, moved: () => undefined }, taskOf: () => null, fault: () => undefined },
    });
    await instance.close();
    return { result: 0, text: 'started' };
  } catch (error) {
    if (!(error instanceof HoldpointError)) return { result: 0, text: `not a fault: ${String(error)}` };
    return { result: 0, text: JSON.stringify({ ...error.reason, code: error.code }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A home that has run once, so that keys and authority are there. */
async function used(spoil: (home: Home) => void): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-used-'));
  const root = join(folder, 'home');
  await started(() => undefined, {}, root);
  const seen = await started(spoil, {}, root);
  rmSync(folder, { recursive: true, force: true });
  return seen;
}

async function onTakenPort(which: 'proxy' | 'control'): Promise<Seen> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const seen = await started(() => undefined, { [which]: port });
  await new Promise((resolve) => server.close(resolve));
  return seen;
}

const plant = (path: string, text: string) => {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
};
const inKeys = (own: Home, name: RegExp, change: (path: string) => void) => {
  for (const file of readdirSync(own.keysDir)) if (name.test(file)) change(join(own.keysDir, file));
};

const causes: Readonly<Record<string, () => Promise<Seen>>> = {
  'not-http': () => proxied(toProxy(target, 'EHLO mail.example\r\n\r\n')),
  'own-page': () => proxied(toProxy(target, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')),
  'no-token': () => proxied(toProxy(target, connectTo(`${railwayHost}:443`, 'X: y'))),
  'wrong-token': () =>
    proxied(
      toProxy(target, connectTo(`${railwayHost}:443`, `Proxy-Authorization: ${proxyAuthorization(agent, 'no')}`)),
    ),
  'bad-target': () => proxied(toProxy(target, connectTo('2130706433:443', sign()))),
  'big-head': () =>
    proxied(
      throughTunnel(target, railwayHost, `GET / HTTP/1.1\r\nHost: ${railwayHost}\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`),
    ),
  'two-lengths': () =>
    proxied(
      throughTunnel(
        target,
        railwayHost,
        `POST / HTTP/1.1\r\nHost: ${railwayHost}\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello`,
      ),
    ),
  'two-types': () => proxied(send(target, { headers: [json, ['Content-Type', 'text/plain']], body: '{}' })),
  'bad-path': () => proxied(send(target, { method: 'GET', path: '/a\\b' })),
  'big-body': () => proxied(send(target, { body: 'x'.repeat(1_100_000) })),
  'bad-json': () => proxied(send(target, { headers: [json], body: '{"query":' })),
  'two-members': () => proxied(send(target, { headers: [json], body: '{"query":"a","query":"b"}' })),
  'bad-graphql': () => proxied(send(target, { headers: [json], body: query('mutation {') })),
  'control-json': () => controlled('/api/freeze', '{'),
  'control-shape': () => controlled('/api/freeze', '{"agent":7}'),
  'control-big': () => controlled('/api/freeze', JSON.stringify({ agent: 'x'.repeat(300_000) })),
  'control-route': () => controlled('/api/release-everything', null),
  'control-no-token': () => controlled('/api/holds', null, ''),
  'control-hold': () => controlled('/api/holds/hold_none', null),
  verb: () => commanded(['hodls']),
  flag: () => commanded(['holds', '--everything']),
  hold: () => commanded(['hold', 'show', 'hold_none']),
  stopped: () => commanded(['status'], join(target.root, 'nobody')),
  'policy-key': () => applied((text) => text.replace('wait:', 'waits:')),
  'policy-type': () => applied((text) => text.replace('wait: 1ms', 'wait: soon')),
  'policy-wildcard': () => applied((text) => `${text}protects:\n  - { resource: "railway:volume:*", backup: b }\n`),
  'policy-secret': () =>
    applied((text) => text.replace('deploy the web service to staging', ['ghp', 'x'.repeat(36)].join('_'))),
  'policy-yaml': () => applied((text) => `${text}\n  - : ]`),
  'home-open': () =>
    started((own) => {
      mkdirSync(own.root);
      chmodSync(own.root, 0o777);
    }),
  'home-file': () => started((own) => writeFileSync(own.root, 'x')),
  'store-text': () =>
    started((own) => {
      mkdirSync(own.root, { mode: 0o700 });
      plant(own.storeFile, 'not a store at all '.repeat(100));
    }),
  'store-busy': () => started(() => undefined, {}, home()),
  'keys-open': () => used((own) => inKeys(own, /./, (path) => chmodSync(path, 0o644))),
  'ca-broken': () => used((own) => inKeys(own, /ca/i, (path) => writeFileSync(path, 'no certificate'))),
  'proxy-port': () => onTakenPort('proxy'),
  'control-port': () => onTakenPort('control'),
};

const says = (text: string, part: keyof Reason) => new RegExp(`"${part}": ?"[^"]{4}`).test(text);

describe('bad input has one code, three sentences and no effect', () => {
  it.each(badInputs)('$fault: $code', async ({ id, code, result }) => {
    const before = target.fake.world();
    const seen = await causes[id]?.();
    expect(seen?.text).toContain(code === 'not-a-proxy-request' ? 'Holdpoint proxy' : code);
    expect(seen?.result).toBe(result);
    if (code !== 'not-a-proxy-request')
      for (const part of ['what', 'why', 'next'] as const)
        expect([part, says(seen?.text ?? '', part)]).toEqual([part, true]);
    expect(target.fake.world()).toEqual(before);
    expect(target.instance.system.state.policy).not.toBeNull();
  });

  it('an unknown key is answered with the one that was probably meant', async () => {
    expect((await causes['policy-key']?.())?.text).toMatch(/waits.*did you mean.*wait/i);
  });

  it('the page is made from the table', () => {
    expect(readFileSync(join(projectRoot, 'docs/reference/bad-input.md'), 'utf8')).toBe(badInputPage());
  });
});

describe('arbitrary bytes', () => {
  const pour = (port: number, bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => undefined).on('data', () => undefined);
      socket.once('close', () => resolve());
      socket.setTimeout(2_000, () => socket.destroy());
    });
  const head = fc.constantFrom(
    '',
    'CONNECT ',
    `CONNECT ${railwayHost}:443 HTTP/1.1\r\n`,
    'POST /api/freeze HTTP/1.1\r\nHost: ',
  );

  it('crash neither port and change nothing', async () => {
    const before = target.fake.world();
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ maxLength: 400 }), async (start, tail) => {
        const bytes = Buffer.concat([Buffer.from(start), tail, Buffer.from('\r\n\r\n')]);
        await pour(target.instance.proxyPort, bytes);
        await pour(target.instance.controlPort, bytes);
      }),
      { numRuns: 60 },
    );
    expect((await send(target, { body: query('{ projects { edges { node { name } } } }') })).statuses).toEqual([200]);
    expect((await controlled('/healthz', null)).result).toBe(200);
    expect(target.fake.world()).toEqual(before);
  });
});
