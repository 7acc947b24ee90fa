// A secret's way into an instance: the real program on a real pseudo-terminal, the real gateway behind it. What is typed
// shows on no screen and stands in no file; what was not signed for exactly this secret changes nothing.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialPutDigest } from '../../src/console/server/secret-digest.ts';
import { totpNow } from '../../src/credentials/totp.ts';
import { type LabInstance, startLab } from '../../src/lab/lab-instance.ts';
import { visitorPolicy } from '../../src/lab/visitor-policy.ts';
import { type Ran, runCli } from '../../src/testing/cli-run.ts';
import { type Played, playTerminal } from '../../src/testing/pseudo-terminal.ts';
import { root } from '../tree.ts';

const secret = ['5ec7e7aa', 'bbbb', '4ccc', '8ddd', 'eeeeeeeeeeee'].join('-');
const nextSecret = ['0e87e7aa', 'bbbb', '4ccc', '8ddd', 'ffffffffffff'].join('-');
let folder = '';
let home = '';
let lab: LabInstance;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-credential-'));
  home = join(folder, 'home');
  lab = await startLab({
    root: home,
    proxyPort: 0,
    controlPort: 0,
    seed: 5,
    deleteMode: 'immediate',
    leave: 'nowhere',
    notifier: { held: () => {}, moved: () => {} },
    policy: (world) => visitorPolicy(world, { delay: '1s', wait: '1s', project: folder }),
    task: 'none',
    fault: (where, error) => {
      throw new Error(where, { cause: error });
    },
  });
});

afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
});

const program = `${process.execPath} ${join(root, 'src/cli/main.ts')}`;

/** Types secret, passphrase and the code of this step (0) or the next (1): a code is good once. */
function give(verb: 'add' | 'rotate', literal: string, step: 0 | 1): Promise<Played> {
  const turns = [
    ['not shown: ', `${literal}\r`],
    ['Passphrase of ', `${lab.human.passphrase}\r`],
    ['Six digits', `${totpNow(lab.human.totpSecret, Date.now() + step * 30_000)}\r`],
  ] as const;
  return playTerminal(`${program} credential ${verb} railway`, turns, { HOLDPOINT_HOME: home, NO_COLOR: '1' });
}

function cli(line: string, answers: readonly string[] = []): Promise<Ran> {
  return runCli(line.split(' '), { env: { HOLDPOINT_HOME: home }, answers });
}

function everyFile(under: string): readonly string[] {
  return readdirSync(under, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const open = () => lab.instance.credentials.vault.open('railway');

describe('a secret', () => {
  it('is asked on the terminal, without echo, and opens nothing but the vault', async () => {
    const { screen, code } = await give('add', secret, 0);
    expect(screen).toMatch(/railway: stored, fp:[0-9a-f]{24}; has the shape of: .*project token/);
    expect(code).toBe(0);
    expect(screen).not.toContain(secret);
    expect(await open()).toBe(secret);
    const where = everyFile(home).filter((file) => existsSync(file) && readFileSync(file).includes(secret));
    expect(where).toEqual([]);
    const [event] = await lab.instance.control.events({ kinds: ['enrolled'], from: 'newest', limit: 1 });
    expect(event?.data).toMatchObject({ credential: 'railway', by: lab.human.name });
    expect(JSON.stringify(event)).not.toContain(secret);
  });

  it('shows its power and reach on the card', async () => {
    const { out } = await cli('credential show railway');
    expect(out).toMatch(/actual_scope +read, write and DELETE everything in the account/);
    expect(out).toMatch(/environment_restriction +none: every project of the account or workspace/);
    expect(out).toMatch(/known_from +its shape fits account or workspace token and project token/);
    expect(out).not.toContain(secret);
  });

  it('is replaced by another, and the old one is spoken of', async () => {
    const { screen, code } = await give('rotate', nextSecret, 1);
    expect(screen).toContain('The old secret still works at the provider until it is revoked there.');
    expect(screen).toContain('docs/providers/railway.md');
    expect(code).toBe(0);
    expect(await open()).toBe(nextSecret);
  });

  it.each([
    ['for a credential that the policy has not', 'credential add gone', [], 'no-such-credential'],
    ['where there is no terminal', 'credential add railway', [], 'no-terminal'],
    ['with a wrong passphrase', 'credential rotate railway', [secret, 'not it'], 'passphrase-wrong'],
  ])('is refused %s', async (_what, line, answers, why) => {
    const { code, out } = await cli(`${line} --json`, answers);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: why } });
    expect(await open()).toBe(nextSecret);
  });

  it('is refused when the signature is over another one', async () => {
    const submission = {
      human: lab.human.name,
      digest: credentialPutDigest('railway', nextSecret),
      nonce: 'ab'.repeat(16),
      signature: 'cd'.repeat(64),
      totp: '000000',
      typedName: null,
    };
    const { control } = lab.instance;
    expect(await control.credentialPut('railway', secret, submission)).toMatchObject({
      ok: false,
      status: 403,
      reason: { code: 'factor-other-digest' },
    });
    expect(await control.credentialPut('gone', secret, submission)).toMatchObject({ ok: false, status: 404 });
    expect(await open()).toBe(nextSecret);
  });

  it('is taken away without a factor, and then nothing can use it', async () => {
    expect((await cli('credential remove railway')).out).toContain('its secret is forgotten here');
    await expect(open()).rejects.toMatchObject({ code: 'secret-missing' });
    const again = await cli('credential remove railway --json');
    expect(again.code).toBe(1);
    expect((await cli('log')).out).toContain('SECRET REMOVED');
  });
});
