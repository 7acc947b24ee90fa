// holds and hold against a control server: what is shown, what is asked, what reaches the gateway, and the exit codes.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FactorSubmission } from '../console/server/port.ts';
import { createHuman } from '../credentials/approval-key.ts';
import { verifySignature } from '../hold/people.ts';
import { systemRandom } from '../platform/random.ts';
import { runCli } from '../testing/cli-run.ts';
import { type ControlHome, controlHome } from '../testing/control-home.ts';
import type { FakeControlParts } from '../testing/fake-control.ts';
import { sampleHold } from '../testing/sample-hold.ts';

const homes: ControlHome[] = [];

async function home(parts: FakeControlParts = {}): Promise<ControlHome> {
  const made = await controlHome(parts);
  homes.push(made);
  return made;
}

afterEach(async () => {
  for (const each of homes.splice(0)) await each.end();
});

const id = sampleHold().id;

describe('holds', () => {
  it('lists open holds by their three lines', async () => {
    const { env } = await home({
      holds: [sampleHold(), sampleHold({ id: 'hold_closed', state: { kind: 'lapsed', atMs: 0 } })],
    });
    const { code, out } = await runCli(['holds'], { env });
    expect(code).toBe(0);
    expect(out).toContain(
      'ACTION volumeDelete railway:volume:3d2c42fb (pocketos-db)\nENVIRONMENT production (verified by railway environment b30a1fbc) + staging (verified by railway environment 131a2901)\nWARNING DESTRUCTIVE — IRREVERSIBLE\n',
    );
    expect(out).not.toContain('hold_closed');
    expect((await runCli(['holds', '--all'], { env })).out).toContain('hold_closed');
  });

  it('prints one JSON value for programs', async () => {
    const { env } = await home();
    expect(JSON.parse((await runCli(['holds', '--json'], { env })).out)).toHaveLength(1);
  });

  it('says when nothing waits', async () => {
    const { env } = await home({ holds: [] });
    expect((await runCli(['holds'], { env })).out).toBe('Nothing waits for a human.\n');
  });
});

describe('hold show', () => {
  it('begins with the three lines and keeps colours to terminals', async () => {
    const { env } = await home();
    const plain = await runCli(['hold', 'show', 'newest'], { env });
    expect(
      plain.out
        .split('\n')
        .slice(0, 3)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['ACTION', 'ENVIRONMENT', 'WARNING']);
    expect(plain.out).not.toContain('\x1b');
    expect((await runCli(['hold', 'show', 'newest'], { env, colour: true })).out).toContain('\x1b[1;31mWARNING');
  });

  it('adds the way by hand when asked', async () => {
    const { env } = await home();
    expect((await runCli(['hold', 'show', id], { env })).out).not.toContain('By hand');
    expect((await runCli(['hold', 'show', id, '--print'], { env })).out).toContain('By hand, with your own login');
  });

  it('exits 1 for a hold that is not there', async () => {
    const { env } = await home();
    const { code, err } = await runCli(['hold', 'show', 'nothing'], { env });
    expect(code).toBe(1);
    expect(err).toContain('There is no such hold.');
  });
});

describe('hold deny, cancel', () => {
  it.each(['deny', 'cancel'])('%s asks nothing and reaches the gateway', async (verb) => {
    const { env, fake } = await home();
    const { code, asked } = await runCli(['hold', verb, id], { env });
    expect(code).toBe(0);
    expect(asked).toEqual([]);
    expect(fake.calls).toEqual([{ verb, with: { id, by: `terminal of uid ${process.getuid?.()}` } }]);
  });
});

describe('hold approve, with a real key', () => {
  const passphrase = ['four', 'random', 'words', 'here'].join(' ');

  it('asks name, passphrase and code in this order, hides the secrets, and signs this hold and this nonce', async () => {
    const { publicKey, sealedKey } = await createHuman(passphrase, systemRandom(), 15);
    const { env, fake } = await home({ people: [{ human: 'ada', role: 'owner', publicKey, sealedKey }] });
    const answers = ['production/pocketos-db', passphrase, '123 456'];
    const { code, out, err, asked } = await runCli(['hold', 'approve', id, '--json'], { env, answers });
    expect(code).toBe(0);
    expect(asked.map(({ secret }) => secret)).toEqual([false, true, true]);
    const call = fake.calls[0] as { with: { submission: FactorSubmission } };
    const { submission } = call.with;
    expect(submission).toMatchObject({
      human: 'ada',
      digest: sampleHold().digest,
      totp: '123456',
      typedName: answers[0],
    });
    expect(verifySignature(publicKey, submission.digest, submission.nonce, submission.signature)).toBe(true);
    expect(verifySignature(publicKey, sampleHold({}).grantDigest, submission.nonce, submission.signature)).toBe(false);
    expect(JSON.parse(out).state.kind).toBe('delayed');
    expect(out + err).not.toContain(passphrase);
    // What went to the gateway carries no passphrase either.
    expect(JSON.stringify(fake.calls)).not.toContain(passphrase);
  });

  it('exits 1 for a wrong passphrase, and nothing reaches the gateway', async () => {
    const { publicKey, sealedKey } = await createHuman(passphrase, systemRandom(), 15);
    const { env, fake } = await home({ people: [{ human: 'ada', role: 'owner', publicKey, sealedKey }] });
    const answers = ['production/pocketos-db', `${passphrase}!`];
    const { code, asked } = await runCli(['hold', 'approve', id], { env, answers });
    expect({ code, questions: asked.length }).toEqual({ code: 1, questions: 2 });
    expect(fake.calls).toEqual([]);
  });

  it('asks who it is where several are enrolled, and never takes a viewer', async () => {
    const sealed = { publicKey: '', sealedKey: '' };
    const people = [
      { human: 'ada', role: 'owner', ...sealed },
      { human: 'bob', role: 'approver', ...sealed },
      { human: 'eve', role: 'viewer', ...sealed },
    ] as const;
    const { env } = await home({ people });
    expect((await runCli(['hold', 'approve', id], { env, answers: ['eve'] })).err).toContain('Enrolled are: ada, bob.');
    expect((await runCli(['hold', 'approve', id, '--as', 'eve'], { env })).asked).toEqual([]);
    expect((await runCli(['hold', 'approve', id, '--as', 'bob'], { env })).asked).toHaveLength(1);
  });
});

describe('hold approve', () => {
  const people = [{ human: 'ada', role: 'owner', publicKey: '', sealedKey: '' } as const];

  it('shows the page and does nothing without a terminal', async () => {
    const { env, fake } = await home({ people });
    const { code, err } = await runCli(['hold', 'approve', id], {
      env,
      stdin: 'production/pocketos-db\npass\n123456\n',
    });
    expect(code).toBe(1);
    expect(err).toContain('WARNING DESTRUCTIVE — IRREVERSIBLE');
    expect(fake.calls).toEqual([]);
  });

  it('stops at a wrong typed name', async () => {
    const { env, fake } = await home({ people });
    const { code, asked } = await runCli(['hold', 'approve', id], { env, answers: ['staging/pocketos-db'] });
    expect(code).toBe(1);
    expect(asked).toEqual([{ question: 'Type production/pocketos-db to go on:', secret: false }]);
    expect(fake.calls).toEqual([]);
  });

  it('asks nothing for a hold that is closed, nor where nobody is enrolled', async () => {
    const closed = await home({ people, holds: [sampleHold({ state: { kind: 'denied', by: 'ada', atMs: 0 } })] });
    const nobody = await home();
    for (const { env } of [closed, nobody]) {
      const { code, asked } = await runCli(['hold', 'approve', id], { env, answers: ['production/pocketos-db'] });
      expect({ code, asked }).toEqual({ code: 1, asked: [] });
    }
  });
});

describe('who may call', () => {
  it('exits 3 where no gateway runs', async () => {
    const { env, root, end } = await home();
    await end();
    const { code, err } = await runCli(['holds'], { env });
    expect(code).toBe(3);
    expect(err).toContain('No gateway is running.');
    expect(err).toContain(root);
  });

  it('exits 3 where the gateway died without a word', async () => {
    const { env, root } = await home();
    const dead = await home();
    await dead.end();
    writeFileSync(join(root, 'run', 'instance.json'), JSON.stringify({ controlPort: dead.port }));
    const { code, out } = await runCli(['holds', '--json'], { env });
    expect(JSON.parse(out).error.code).toBe('gateway-not-reached');
    expect(code).toBe(3);
  });

  it('knocks without a token when the home is not this instance, so that the attempt is journalled', async () => {
    const { env, root, fake } = await home();
    rmSync(join(root, 'run', 'instance.json'));
    const { code, err } = await runCli(['hold', 'approve', id], { env });
    expect(code).toBe(1);
    expect(err).toContain('This user may not speak for the gateway.');
    expect(fake.attempts).toEqual([
      { route: '/api/status', why: 'no-control-token', peerUid: process.getuid?.() ?? null },
    ]);
  });
});
