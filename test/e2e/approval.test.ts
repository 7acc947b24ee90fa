// The whole way of one deletion: an agent's curl through the proxy, a human's commands, the fake provider behind it.
// Real gateway, real control port, real CLI code; only the terminal is a test's (cli/terminal.test.ts has a real one).

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpNow } from '../../src/credentials/totp.ts';
import { type LabInstance, startLab } from '../../src/lab/lab-instance.ts';
import { labAgent, visitorPolicy } from '../../src/lab/visitor-policy.ts';
import { type Ran, runCli } from '../../src/testing/cli-run.ts';

let folder = '';
let lab: LabInstance;
const waiters = new Map<string, () => void>();
const moved = new Set<string>();

/** Resolves when the hold that the bell last told of has made this move. */
function move(what: string): Promise<void> {
  return moved.has(what) ? Promise.resolve() : new Promise((resolve) => waiters.set(what, resolve));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-e2e-'));
  lab = await startLab({
    root: join(folder, 'home'),
    proxyPort: 0,
    controlPort: 0,
    seed: 11,
    deleteMode: 'immediate',
    leave: 'nowhere',
    notifier: {
      held: () => {},
      moved: (_id, what) => {
        moved.add(what);
        waiters.get(what)?.();
      },
    },
    policy: (world) => visitorPolicy(world, { delay: '1s', wait: '1s', project: folder }),
    task: 'fix the credential mismatch',
    fault: (where, error) => {
      throw new Error(where, { cause: error });
    },
  });
});

afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

function volumeId(): string {
  return lab.fake.world().volumes[0]?.id ?? 'gone';
}

/** The founder's own command line, through the gateway. */
function deleteVolume(id: string): Promise<{ readonly status: string; readonly body: string }> {
  const query = `{"query":"mutation { volumeDelete(volumeId: \\"${id}\\") }"}`;
  const args = [
    '-sS',
    '-x',
    lab.proxyUrls[labAgent] ?? '',
    '--cacert',
    lab.instance.bundleFile,
    '-w',
    '\n%{http_code}',
  ];
  const all = [
    ...args,
    '-H',
    `Authorization: Bearer ${lab.placeholder}`,
    '-d',
    query,
    'https://backboard.railway.app/graphql/v2',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('curl', all, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
    });
    child.on('error', reject);
    child.on('close', () => {
      const at = text.lastIndexOf('\n');
      resolve({ status: text.slice(at + 1), body: text.slice(0, at) });
    });
  });
}

function cli(args: readonly string[], answers: readonly string[] = []): Promise<Ran> {
  return runCli(args, { env: { HOLDPOINT_HOME: join(folder, 'home') }, answers });
}

const code = () => totpNow(lab.human.totpSecret, Date.now());

describe('one deletion, from the agent to the provider', () => {
  it('is held, survives a wrong name, a wrong passphrase and a wrong code, and runs once after a right yes', async () => {
    const id = volumeId();
    const held = await deleteVolume(id);
    expect(held.status).toBe('423');
    const { holdId } = JSON.parse(held.body) as { readonly holdId: string };

    const listed = await cli(['holds']);
    expect(listed.out).toContain(holdId);
    expect(listed.out).toContain('WARNING DESTRUCTIVE — IRREVERSIBLE');
    expect((await cli(['status'])).out).toContain('1 hold waits for a human');

    const name = 'production/pocketos-db';
    const wrongCode = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
    for (const answers of [
      [],
      ['staging/pocketos-db'],
      [name, 'not the passphrase'],
      [name, lab.human.passphrase, wrongCode],
    ]) {
      expect((await cli(['hold', 'approve', holdId], answers)).code).toBe(1);
      expect(volumeId()).toBe(id);
    }
    expect(lab.fake.world().volumeInstances.length).toBe(2);

    const approved = await cli(['hold', 'approve', holdId], [name, lab.human.passphrase, code()]);
    expect(approved.err).toContain('fix the credential mismatch');
    expect(approved.code).toBe(0);
    await move('executed');
    expect(lab.fake.world().volumeInstances.length).toBe(0);
    expect(await deleteVolume(id)).toMatchObject({ status: '200', body: '{"data":{"volumeDelete":true}}' });
  });

  it('wrote the refused attempts down, with the route and without what was tried', async () => {
    const events = await lab.instance.control.events({ kinds: ['refused'], limit: 100 });
    const routes = events.map((event) => event.data.route);
    // Of the four wrong attempts one reached the gateway: the other three ended at the terminal. One attempt, one line.
    expect(routes).toEqual(['/api/holds/:id/approve']);
    expect(JSON.stringify(events)).not.toContain(lab.human.passphrase);
  });
});
