// In the agent's shoes: under another user than the gateway's, everything that a listed attempt to approve or to widen
// could try. Each must fail, and each must stand in the journal: what reaches the gateway, by the gateway itself with the
// uid of the peer; what the operating system stops, as a probe recorded by the instance's owner. docs/reference/isolation.md
// has the same list. Out of scope: changing PATH or NODE_OPTIONS in the human's own shell, which needs the human's uid.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/action/canonical.ts';
import type { SealedHuman, Status } from '../../src/console/server/port.ts';
import { unlock } from '../../src/credentials/approval-key.ts';
import { totpNow } from '../../src/credentials/totp.ts';
import type { Hold } from '../../src/hold/hold.ts';
import type { SealedEvent } from '../../src/record/event.ts';
import { type Attempt, attempts } from './agent-attempts.ts';
import { type LabProcess, startLabProcess } from './lab-process.ts';
import { checkout, type Ended, run } from './processes.ts';

/** nobody's. */
const agentUid = 65_534;
const asAgent = [`--reuid=${agentUid}`, `--regid=${agentUid}`, '--clear-groups'];
const otherAgent = 'log-reader';

let lab: LabProcess;
let own = '';
let env: Readonly<Record<string, string>> = {};
let controlPort = 0;
let before: { readonly policy: string; readonly held: readonly Hold[]; readonly provider: string };

function owned(path: string): string {
  return readFileSync(join(lab.home, path), 'utf8').trim();
}

async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${controlPort}${path}`, {
    method,
    headers: { authorization: `Bearer ${owned('run/control.token')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function ask<T>(path: string): Promise<T> {
  return (await (await control('GET', path)).json()) as T;
}

const events = (kinds: string, afterSeq: number) =>
  ask<readonly SealedEvent[]>(`/api/events?kinds=${kinds}&afterSeq=${afterSeq}&from=oldest&limit=1000`);

function agent(script: string): Promise<Ended> {
  return run('setpriv', [...asAgent, 'sh', '-c', script], { env, cwd: own });
}

/** What the agent may read of the provider: the disks and their state. */
async function providerState(): Promise<string> {
  const query =
    '{ projects { edges { node { id name volumes { edges { node { id name } } } environments { edges { node { name volumeInstances { edges { node { id state currentSizeMB } } } } } } } } } }';
  const body = JSON.stringify({ query });
  const { out } = await agent(
    `curl -s -x "$PROXY" --cacert "$PUBLIC/ca-bundle.pem" -H "Authorization: Bearer $PLACEHOLDER" https://backboard.railway.app/graphql/v2 -d '${body}'`,
  );
  return out;
}

/** A yes that a human really gave, to thaw another agent, as somebody who listened could have it. */
async function captured(): Promise<string> {
  const human = JSON.parse(owned('lab-human.json')) as { name: string; passphrase: string; totpSecret: string };
  const [sealed] = await ask<readonly SealedHuman[]>('/api/people');
  const signer = await unlock(sealed?.sealedKey ?? '', human.passphrase);
  await control('POST', '/api/freeze', { agent: otherAgent });
  const digest = digestOf({ verb: 'thaw', agent: otherAgent });
  const { nonce } = (await (await control('POST', '/api/nonce', { digest })).json()) as { readonly nonce: string };
  const totp = totpNow(human.totpSecret, Date.now());
  const signature = signer.sign(digest, nonce);
  const submission = { human: human.name, digest, nonce, signature, totp, typedName: null };
  const body = { agent: otherAgent, submission };
  expect((await control('POST', '/api/thaw', body)).status).toBe(200);
  await control('POST', '/api/freeze', { agent: otherAgent });
  return JSON.stringify(body);
}

async function state() {
  const status = await ask<Status>('/api/status');
  const held = await ask<readonly Hold[]>('/api/holds?open=0');
  return { policy: status.policyDigest, held, provider: await providerState() };
}

beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('This test runs the agent under another user, so it must be started as root.');
  lab = await startLabProcess({ HOLDPOINT_WAIT: '0s' });
  const instance = JSON.parse(owned('run/instance.json')) as { pid: number; proxyPort: number; controlPort: number };
  controlPort = instance.controlPort;
  own = mkdtempSync(join(tmpdir(), 'holdpoint-agent-'));
  chmodSync(own, 0o777);
  chmodSync(join(lab.home, '..'), 0o711);
  const token = owned('agents/cursor-staging.token');
  const forged = join(own, 'forged');
  mkdirSync(join(forged, 'run'), { recursive: true });
  writeFileSync(join(forged, 'run', 'instance.json'), JSON.stringify(instance));
  writeFileSync(join(forged, 'run', 'control.token'), ['hpc', 'A'.repeat(43)].join('_'));
  env = {
    OWN: own,
    FORGED: forged,
    VICTIM: lab.home,
    PUBLIC: join(lab.home, 'public'),
    CHECKOUT: checkout,
    NODE: join(checkout, 'node_modules', '.bin', 'node'),
    PID: String(instance.pid),
    CONTROL: String(controlPort),
    HOLDPOINT_CONTROL_PORT: String(controlPort),
    PORT: String(instance.proxyPort),
    PROXY: `http://cursor-staging:${token}@127.0.0.1:${instance.proxyPort}`,
    AGENT_TOKEN: token,
    BASIC: Buffer.from(`cursor-staging:${token}`).toString('base64'),
    PLACEHOLDER:
      /RAILWAY_TOKEN='([^']+)'/.exec(readFileSync(join(lab.home, 'work/pocketos-web/holdpoint.env'), 'utf8'))?.[1] ??
      '',
    HOME: own,
  };
  const seen = await agent('id -u; "$NODE" --version; test -r "$CHECKOUT/bin/holdpoint" && echo readable');
  if (!/^65534\nv\d+.*\nreadable/.test(seen.out))
    throw new Error(
      `The agent's user cannot run this checkout: put it where others may read it. ${seen.out}${seen.err}`,
    );
  const mutation = /-d '(\{"query":"mutation.*?\})'$/m.exec(lab.printed())?.[1] ?? '';
  const { out } = await agent(
    `curl -s -x "$PROXY" --cacert "$PUBLIC/ca-bundle.pem" -H "Authorization: Bearer $PLACEHOLDER" https://backboard.railway.app/graphql/v2 -d '${mutation}'`,
  );
  const hold = (JSON.parse(out) as { readonly holdId: string }).holdId;
  env = { ...env, HOLD: hold, CAPTURED: await captured() };
  before = await state();
});

afterAll(async () => {
  await lab?.remove();
  if (own !== '') rmSync(own, { recursive: true, force: true });
});

describe('the agent under another user', () => {
  it('can work: its client reads the CA, its call is held, and the posture says brokered', () => {
    const [hold] = before.held;
    expect(hold?.state.kind).toBe('held');
    expect(hold?.posture).toBe('brokered');
    expect(before.provider).toContain('"currentSizeMB"');
  });

  async function inJournal(attempt: Attempt, afterSeq: number): Promise<void> {
    if (attempt.stoppedBy === 'gateway') {
      const refused = await events('refused', afterSeq);
      expect(
        refused.map((event) => event.data.peerUid),
        attempt.name,
      ).toContain(agentUid);
      return;
    }
    const body = { attempt: attempt.name, refusedBy: 'operating system', succeeded: false };
    expect((await control('POST', '/api/probed', body)).status).toBe(200);
    const [probed] = await events('probed', afterSeq);
    expect(probed?.data).toMatchObject(body);
  }

  it.each(attempts.map((attempt) => [attempt.name, attempt] as const))('cannot: %s', async (_name, attempt) => {
    const { journal } = await ask<Status>('/api/status');
    const { code, out, err } = await agent(attempt.script);
    expect(`${out}${err}`, `exit ${code}`).toMatch(attempt.answer);
    if (attempt.stoppedBy === 'system') expect(code, out + err).not.toBe(0);
    await inJournal(attempt, journal.seq);
  });

  it('tried at least twenty things, of both kinds, and each stands in the journal', async () => {
    expect(attempts.length).toBeGreaterThanOrEqual(20);
    const refused = await events('refused', 0);
    const probed = await events('probed', 0);
    const ofGateway = attempts.filter((each) => each.stoppedBy === 'gateway');
    expect(refused.filter((event) => event.data.peerUid === agentUid).length).toBeGreaterThanOrEqual(ofGateway.length);
    expect(probed.map((event) => event.data.attempt)).toEqual(
      attempts.filter((each) => each.stoppedBy === 'system').map((each) => each.name),
    );
    expect(JSON.stringify([refused, probed])).not.toContain(env.AGENT_TOKEN);
  });

  it('changed nothing: policy, holds, provider, journal, and no debugger listens', async () => {
    expect(await state()).toEqual(before);
    const verified = await run(join(checkout, 'bin', 'holdpoint'), ['journal', 'verify'], {
      env: { HOLDPOINT_HOME: lab.home },
    });
    expect(verified.code, verified.out).toBe(0);
    expect(() => process.kill(Number(env.PID), 0)).not.toThrow();
    const inspector = await new Promise<boolean>((resolve) => {
      const socket = connect(9229, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    expect(inspector).toBe(false);
  });

  it('a captured yes is worth nothing to the owner either', async () => {
    const again = await control('POST', '/api/thaw', JSON.parse(env.CAPTURED ?? '{}'));
    expect(again.status).toBe(403);
    const { agents } = await ask<Status>('/api/status');
    expect(agents.find((each) => each.agent === otherAgent)?.frozen).toBe(true);
  });
});
