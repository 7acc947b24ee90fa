// A human's yes on a pseudo-terminal: name, passphrase, six digits, delay, one execution; and every way in which it is
// not a yes. Real processes for human and agent; the gateway runs in this process so that the provider can be looked at.

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotp } from '../../src/credentials/totp.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { type LabInstance, startLab } from '../../src/lab/lab-instance.ts';
import { labAgent, visitorPolicy } from '../../src/lab/visitor-policy.ts';
import { holdpoint, holdpointOnTerminal, run, until } from './processes.ts';

const name = 'production/pocketos-db';
const typeName = `Type ${name} to go on:`;
const typePassphrase = 'Passphrase of lab-human:';
const typeDigits = 'Six digits from your authenticator:';
const stepMs = 30_000;

let home = '';
let lab: LabInstance;
let lastCounter = -1;

/** A new lab with a new human: three approvals in a row are all that one's digits allow without waiting. */
async function openLab(delay: string): Promise<void> {
  home = mkdtempSync(join(tmpdir(), 'holdpoint-e2e-'));
  lastCounter = -1;
  lab = await startLab({
    root: home,
    proxyPort: 0,
    controlPort: 0,
    seed: 5,
    deleteMode: 'immediate',
    leave: 'nowhere',
    notifier: { held: () => undefined, moved: () => undefined },
    policy: (world) => visitorPolicy(world, { delay, wait: '0s', project: home }),
    task: 'deploy',
    fault: () => undefined,
  });
}

async function closeLab(): Promise<void> {
  await lab.close();
  rmSync(home, { recursive: true, force: true });
}

beforeAll(() => openLab('300s'));
afterAll(closeLab);

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function codeAt(counter: number): string {
  const bits = [...lab.human.totpSecret].map((char) => base32.indexOf(char).toString(2).padStart(5, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  return hotp(bytes, counter);
}

/** Digits that were not used yet: one step back, this one, or the next, as the gateway allows for clocks that differ. */
async function freshCode(): Promise<string> {
  const now = () => Math.floor(Date.now() / stepMs);
  const counter = Math.max(lastCounter + 1, now() - 1);
  await until(() => (counter <= now() + 1 ? true : null));
  lastCounter = counter;
  return codeAt(counter);
}

async function wrongCode(): Promise<string> {
  const now = Math.floor(Date.now() / stepMs);
  const right = [-2, -1, 0, 1, 2].map((each) => codeAt(now + each));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((each) => !right.includes(each)) ?? '';
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly holdId: string;
}

async function deletion(mark = 'volumeDelete'): Promise<Answer> {
  const query = `{"query":"mutation { ${mark}: volumeDelete(volumeId: \\"${lab.fake.world().began.volumeId}\\") }"}`;
  const proxy = ['-x', lab.proxyUrls[labAgent] ?? '', '--cacert', lab.instance.bundleFile];
  const rest = ['-H', `Authorization: Bearer ${lab.placeholder}`, '-d', query];
  const url = 'https://backboard.railway.app/graphql/v2';
  const { out } = await run('curl', ['-sS', ...proxy, '-w', '\n%{http_code}', ...rest, url]);
  const at = out.lastIndexOf('\n');
  const text = out.slice(0, at);
  const holdId = text.includes('"holdId"') ? (JSON.parse(text) as { readonly holdId: string | null }).holdId : null;
  return { status: Number(out.slice(at + 1)), text, holdId: holdId ?? '' };
}

const deletionsSeen = () => lab.fake.seen().filter((call) => call.host === 'backboard.railway.app').length;
const disks = () => lab.fake.world().volumeInstances.length;
const holdOf = async (id: string): Promise<Hold> =>
  JSON.parse((await holdpoint(home, ['hold', 'show', id, '--json'])).out) as Hold;

function approve(id: string, code: string) {
  return holdpointOnTerminal(
    home,
    ['hold', 'approve', id],
    [
      [typeName, name],
      [typePassphrase, lab.human.passphrase],
      [typeDigits, code],
    ],
  );
}

async function refusals(route: string): Promise<readonly unknown[]> {
  const events = await lab.instance.control.events({ kinds: ['refused'], limit: 1000 });
  return events.filter((event) => event.data.route === route).map((event) => event.data.why);
}

let id = '';

describe('not a yes', () => {
  it('no terminal, whatever stdin offers', async () => {
    const held = await deletion();
    expect(held.status).toBe(423);
    id = held.holdId;
    const script = `printf '%s\\n' "${name}" word 123456 | "${join(import.meta.dirname, '../../bin/holdpoint')}" hold approve ${id}`;
    const piped = await run('sh', ['-c', script], { env: { HOLDPOINT_HOME: home } });
    expect([piped.code, piped.err]).toEqual([1, expect.stringContaining('This needs a human at a terminal')]);
  });

  it('a wrong typed name: not asked any further', async () => {
    const played = await holdpointOnTerminal(home, ['hold', 'approve', id], [[typeName, 'staging/pocketos-db']]);
    expect(played.code).toBe(1);
    expect(played.screen).toContain('The typed name is not the one on the page');
    expect(played.screen).not.toContain(typePassphrase);
  });

  it('a wrong passphrase: the key does not open', async () => {
    const turns = [
      [typeName, name],
      [typePassphrase, 'not-the-passphrase'],
    ] as const;
    const played = await holdpointOnTerminal(home, ['hold', 'approve', id], turns);
    expect(played.code).toBe(1);
    expect(played.screen).not.toContain(typeDigits);
    expect(played.screen).not.toContain('not-the-passphrase');
  });

  it('wrong digits: refused by the gateway and journalled', async () => {
    const played = await approve(id, await wrongCode());
    expect(played.code).toBe(1);
    expect(played.screen).toContain('The six digits are not right');
    expect(await refusals('/api/holds/:id/approve')).toContain('totp-wrong');
  });

  it('leaves the hold held and the disks where they are', async () => {
    expect((await holdOf(id)).state.kind).toBe('held');
    expect([disks(), deletionsSeen()]).toEqual([2, 0]);
  });
});

describe('a yes', () => {
  it('starts the delay and says until when', async () => {
    const played = await approve(id, await freshCode());
    expect(played.code, played.screen).toBe(0);
    expect(played.screen).toContain('WARNING DESTRUCTIVE — IRREVERSIBLE');
    expect(played.screen).not.toContain(lab.human.passphrase);
    const { state } = await holdOf(id);
    expect(state.kind).toBe('delayed');
    if (state.kind === 'delayed') expect(state.untilMs - Date.now()).toBeLessThanOrEqual(300_000);
    expect((await holdpoint(home, ['hold', 'show', id])).out).toContain('goes out at');
    expect(deletionsSeen()).toBe(0);
  });

  it('is taken back by freeze, which cuts the agent off at once', async () => {
    const tunnel = await openTunnel();
    const closed = new Promise<number>((resolve) => tunnel.once('close', () => resolve(performance.now())));
    const frozen = await holdpoint(home, ['freeze', labAgent]);
    const frozenMs = performance.now();
    expect(frozen.code).toBe(0);
    // The contract's own second, from the human's command on.
    expect((await closed) - frozenMs).toBeLessThan(1000);
    const hold = await until(async () => {
      const seen = await holdOf(id);
      return seen.state.kind === 'held' ? seen : null;
    });
    expect(hold.approvals).toEqual([]);
    const answer = await run('curl', [
      '-s',
      '-x',
      lab.proxyUrls[labAgent] ?? '',
      '-w',
      '%{http_connect}',
      'https://backboard.railway.app/',
    ]);
    expect(answer.out).toContain('403');
    expect((await holdpoint(home, ['status', '--json'])).out).toContain('"frozen":true');
  });

  it('is not replaced by thaw, which needs a factor of its own', async () => {
    const piped = await holdpoint(home, ['thaw', labAgent]);
    expect(piped.code).toBe(1);
    const replayed = await holdpointOnTerminal(
      home,
      ['thaw', labAgent],
      [
        [typePassphrase, lab.human.passphrase],
        [typeDigits, codeAt(lastCounter)],
      ],
    );
    expect(replayed.code).toBe(1);
    expect(replayed.screen).toContain('used already');
    expect(await refusals('/api/thaw')).toContain('totp-replayed');
    const thawed = await holdpointOnTerminal(
      home,
      ['thaw', labAgent],
      [
        [typePassphrase, lab.human.passphrase],
        [typeDigits, await freshCode()],
      ],
    );
    expect(thawed.code, thawed.screen).toBe(0);
    expect((await holdOf(id)).state.kind).toBe('held');
    expect((await deletion()).holdId).toBe(id);
  });

  it('can be cancelled within its delay, and needs new factors each time', async () => {
    const replayed = await approve(id, codeAt(lastCounter));
    expect([replayed.code, replayed.screen]).toEqual([1, expect.stringContaining('used already')]);
    expect(await refusals('/api/holds/:id/approve')).toContain('totp-replayed');
    expect((await approve(id, await freshCode())).code).toBe(0);
    expect((await holdpoint(home, ['hold', 'cancel', id])).out).toContain('cancelled');
    expect((await holdOf(id)).state.kind).toBe('cancelled');
    expect([disks(), deletionsSeen()]).toEqual([2, 0]);
  });

  it('leaves nothing in the journal that a human typed', journalIsClean);
});

describe('a yes whose delay passes', () => {
  beforeAll(async () => {
    await closeLab();
    await openLab('2s');
  });

  it('is carried out once although nobody waits, its result collected once, and then it is a new hold', async () => {
    const held = await deletion();
    expect(held.status).toBe(423);
    const played = await approve(held.holdId, await freshCode());
    expect(played.code, played.screen).toBe(0);
    await until(() => (disks() === 0 ? true : null));
    const done = await until(async () => {
      const seen = await holdOf(held.holdId);
      return seen.state.kind === 'executed' ? seen : null;
    });
    expect(done.state).toMatchObject({ outcome: 'ok', status: 200, collected: false });
    expect(deletionsSeen()).toBe(1);
    expect(await deletion()).toMatchObject({ status: 200, text: '{"data":{"volumeDelete":true}}' });
    expect((await holdOf(held.holdId)).state).toMatchObject({ collected: true });
    const again = await deletion();
    expect(again.status).toBe(423);
    const page = (await holdpoint(home, ['hold', 'show', again.holdId])).out;
    expect(page).toMatch(new RegExp(`this same request ran at .*, outcome ok \\(${held.holdId}\\)`));
    expect(deletionsSeen()).toBe(1);
  });
});

describe('three denials within an hour', () => {
  it('freeze the agent', async () => {
    const states: boolean[] = [];
    for (const mark of ['a', 'b', 'c']) {
      const { holdId } = await deletion(mark);
      expect((await holdpoint(home, ['hold', 'deny', holdId])).code).toBe(0);
      const { agents } = await lab.instance.control.status();
      states.push(agents.find((each) => each.agent === labAgent)?.frozen ?? false);
    }
    expect(states).toEqual([false, false, true]);
    const events = await lab.instance.control.events({ kinds: ['frozen'], limit: 10, from: 'newest' });
    expect(events.at(-1)?.data).toMatchObject({ by: 'policy', because: 'three denials within an hour' });
  });

  it('leave nothing in the journal that a human typed', journalIsClean);
});

async function journalIsClean(): Promise<void> {
  const text = JSON.stringify(await lab.instance.control.events({ limit: 100_000 }));
  expect(text.length).toBeGreaterThan(10_000);
  // Never the text itself in a failing message.
  expect([lab.human.passphrase, lab.human.totpSecret].map((secret) => text.includes(secret))).toEqual([false, false]);
}

/** A tunnel to the provider that the agent keeps open. */
function openTunnel(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { username, password, port } = new URL(lab.proxyUrls[labAgent] ?? '');
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(
        `CONNECT backboard.railway.app:443 HTTP/1.1\r\nHost: backboard.railway.app:443\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`,
      ),
    );
    socket.once('error', reject);
    socket.once('data', (data: Buffer) =>
      data.toString().startsWith('HTTP/1.1 200') ? resolve(socket) : reject(new Error(data.toString())),
    );
  });
}
