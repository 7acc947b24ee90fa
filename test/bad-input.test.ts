// Causes every row of bad-input-table.ts on a real instance: the answer has its code and status, says what, why and next,
// and neither store nor provider has changed. Arbitrary bytes into both ports end no instance.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTotpSecret } from '../src/credentials/totp.ts';
import { homeAt } from '../src/platform/home.ts';
import { systemRandom } from '../src/platform/random.ts';
import type { Reason } from '../src/platform/reason.ts';
import { runCli } from '../src/testing/cli-run.ts';
import { jumpSeen, sentAfterCorrection } from './bad-input-clock.ts';
import { startCauses } from './bad-input-starting.ts';
import { badInputPage, badInputs, type Seen } from './bad-input-table.ts';
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
  await target.instance.enrolRoot({
    ...{ name: 'owner', passphrase: 'of this test alone', totpSecret: newTotpSecret(systemRandom()) },
  });
});
afterAll(() => target.close());

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

async function commanded(args: readonly string[], root = home(), answers: readonly string[] = []): Promise<Seen> {
  const env = { HOLDPOINT_HOME: root, HOLDPOINT_CONTROL_PORT: '9' };
  const ran = await runCli([...args, '--json'], { env, answers });
  return { result: ran.code, text: ran.out + ran.err };
}

/** `policy apply` of a text, with what somebody types. */
function applyFile(text: string, answers: readonly string[] = []): Promise<Seen> {
  const file = join(target.root, 'new-policy.yaml');
  writeFileSync(file, text);
  return commanded(['policy', 'apply', file], home(), answers);
}

/** Each line gets its answer, and each answer is the strictest. */
async function explained(lines: readonly string[]): Promise<Seen> {
  const { code, out } = await runCli(['explain', '--jsonl'], { stdin: lines.join('\n') });
  const answers = out.trim().split('\n');
  expect(answers).toHaveLength(lines.length);
  const strictest = { effect: 'destructive', basis: 'assumed', verdict: 'deny' };
  for (const answer of answers) expect(JSON.parse(answer)).toMatchObject(strictest);
  expect(new Set(answers).size).toBe(1);
  return { result: code, text: out };
}

/** The program behind `npm start`, as a process. Its three lines as JSON, so that they are looked at like any other. */
async function startedWith(variable: string): Promise<Seen> {
  const root = join(target.root, 'no-lab');
  const program = [join(projectRoot, 'src/lab/up.ts')];
  const env = { PATH: process.env.PATH, HOME: target.root, HOLDPOINT_LAB_HOME: root, [variable]: '80 80' };
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (part: Buffer) => {
    told += part.toString();
  });
  const result = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 128)));
  expect(existsSync(root)).toBe(false);
  const [, what, why, next] = /^(.*)\n {2}why: {2}(.*)\n {2}next: (.*)\n$/m.exec(told) ?? [];
  return { result, text: JSON.stringify({ what, why, next }) };
}

interface Outage {
  readonly held: Seen;
  readonly written: Seen;
  readonly ready: Seen;
  readonly read: Seen;
}

let outage: Promise<Outage> | null = null;

/** Once for all rows: another connection holds the store's write lock, as a full disk or a stuck backup would. */
function whileUnwritable(): Promise<Outage> {
  outage ??= withLockedStore();
  return outage;
}

async function withLockedStore(): Promise<Outage> {
  const lock = new Database(homeAt(home()).storeFile);
  lock.exec('BEGIN IMMEDIATE');
  try {
    // In this order: the first to need the journal finds out, and is answered like those after it.
    const held = await proxied(deletion());
    const ready = await controlled('/readyz', null);
    return { held, ready, written: await proxied(write()), read: await proxied(read()) };
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
    await expect.poll(() => target.instance.tapped.storage.writable, { timeout: 30_000 }).toBe(true);
  }
}

const asking = (text: string) => send(target, { headers: [json], body: query(text) });
const deletion = () => asking(`mutation { volumeDelete(volumeId: "${target.volumeId}") }`);
const read = () => asking('{ projects { edges { node { name } } } }');
function write() {
  const { projects, environments } = target.fake.world();
  const staging = environments.find((each) => each.name === 'staging')?.id;
  return asking(
    `mutation { volumeCreate(input: { projectId: "${projects[0]?.id}", environmentId: "${staging}", mountPath: "/more" }) { id } }`,
  );
}

const widened = () => target.policyText.replace('credentials: []', 'credentials: [railway]');

async function applied(change: (text: string) => string): Promise<Seen> {
  const done = await target.instance.control.diffPolicy(change(target.policyText));
  return { result: 0, text: done.ok ? 'accepted' : JSON.stringify(done.reason) };
}

const badLines: readonly string[] = [
  'rm -rf /',
  '[]',
  'null',
  '{"channel":"sql","sql":"SELECT 1"} {"channel":"sql","sql":"SELECT 1"}',
  '{"channel":"sql","sql":"SELECT 1","sql":"DROP TABLE t"}',
  '{"channel":"smtp","sql":"SELECT 1"}',
  '{"channel":"sql"}',
  '{"channel":"sql","sql":1}',
  '{"channel":"http","method":"GET","url":"not an address"}',
  '{"channel":"http","method":"GET","url":"https://a.example/","body":"a","bodyBase64":"YQ=="}',
  '{"channel":"http","method":"GET","url":"https://a.example/","headers":{"x":1}}',
  '{"channel":"http","method":"GET","url":"https://a.example/","bodyBase64":"?"}',
];

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
  'disk-write': async () => (await whileUnwritable()).written,
  'disk-hold': async () => (await whileUnwritable()).held,
  'disk-ready': async () => (await whileUnwritable()).ready,
  'control-policy': () => controlled('/api/policy/narrow', JSON.stringify({ text: 'agents: [' })),
  'control-widen': () => controlled('/api/policy/narrow', JSON.stringify({ text: widened() })),
  'control-factor': () => controlled('/api/policy/apply', JSON.stringify({ text: widened(), submission: {} })),
  'explain-line': () => explained(badLines),
  'apply-text': () => applyFile('agents: ['),
  'apply-file': () => commanded(['policy', 'apply', join(target.root, 'nothing.yaml')]),
  'apply-widen': () => applyFile(widened()),
  'apply-passphrase': () => applyFile(widened(), ['not the passphrase', '000000']),
  'proxy-variable': () => startedWith('HOLDPOINT_PROXY_PORT'),
  'control-variable': () => startedWith('HOLDPOINT_CONTROL_PORT'),
  'clock-forward': () => jumpSeen('delayed', 3_600_000),
  'clock-back': () => jumpSeen('delayed', -3_600_000),
  'clock-approved': () => jumpSeen('approved', 3_600_000),
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
  ...startCauses(home),
};

const says = (text: string, part: keyof Reason) => new RegExp(`"${part}": ?"[^"]{4}`).test(text);

/** Codes that are not part of the answer, and the words that stand for them there. */
const words: Readonly<Record<string, string>> = {
  'own-page': 'Holdpoint proxy',
  'explain-line': 'The line is refused.',
  'proxy-variable': 'HOLDPOINT_PROXY_PORT is not a port.',
  'control-variable': 'HOLDPOINT_CONTROL_PORT is not a port.',
};

/** What must be as it was; a hold may have been opened where the answer says so. */
async function kept(result: number) {
  const { control, system } = target.instance;
  const { openHolds } = await control.status();
  const { policy, policyDigest } = system.state;
  return { world: target.fake.world(), policy, policyDigest, openHolds: result === 423 ? 'held' : openHolds };
}

describe('bad input has one code, three sentences and no effect', () => {
  it.each(badInputs)('$fault: $code', async ({ id, at, code, result }) => {
    const before = await kept(result);
    const seen = await causes[id]?.();
    expect(seen?.text).toContain(words[id] ?? code);
    expect(seen?.result).toBe(result);
    if (at === 'clock') expect(seen?.text).toContain('the clock jumped or the machine slept');
    else if (id !== 'own-page')
      for (const part of ['what', 'why', 'next'] as const)
        expect([part, says(seen?.text ?? '', part)]).toEqual([part, true]);
    expect(await kept(result)).toEqual(before);
  });

  it('plain reads pass while the journal cannot be written, and everything does afterwards', async () => {
    expect((await whileUnwritable()).read.result).toBe(200);
    expect((await controlled('/readyz', null)).result).toBe(200);
    expect((await write()).statuses).toEqual([200]);
    expect((await deletion()).statuses).toEqual([423]);
  });

  it('a clock that is put right by less than a jump ends no delay', async () => {
    expect(await sentAfterCorrection()).toBe(1);
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
