// The founder's call as a visitor makes it: the lab is started as `npm start` starts it, its printed lines are pasted
// into a shell, and the human says no. Everything is a process of its own; nothing is parsed but what was printed.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hold } from '../../src/hold/hold.ts';
import { firstWorld } from '../../src/lab/fake-railway/first-world.ts';
import { type LabProcess, startLabProcess } from './lab-process.ts';
import { checkout, type Ended, holdpoint, run } from './processes.ts';

let lab: LabProcess;
/** Everything that any command printed, to be searched for secrets at the end. */
const said: string[] = [];
let held: Problem;

interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly holdId: string;
  readonly doNot: string;
  readonly reason: readonly { readonly code: string; readonly why: string }[];
}

beforeAll(async () => {
  lab = await startLabProcess({ HOLDPOINT_WAIT: '2s' });
});

afterAll(() => lab.remove());

/** The three lines under "Paste these". */
function pasted(): readonly string[] {
  const lines = lab.printed().split('\n');
  const from = lines.findIndex((line) => line.startsWith('Paste these three lines'));
  return lines
    .slice(from + 1)
    .filter((line) => line.startsWith('  '))
    .slice(0, 3)
    .map((line) => line.trim());
}

function strayLine(): string {
  return /^ {2}(STRAY=.*)$/m.exec(lab.printed())?.[1] ?? 'exit 9';
}

/** A visitor's shell; their own .curlrc makes curl show the head of the answer, so that the lines stay as printed. */
async function shell(lines: readonly string[]): Promise<Ended> {
  const own = join(lab.home, '..', 'visitor');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, '.curlrc'), 'silent\nshow-error\ninclude\nsuppress-connect-headers\n');
  const ended = await run('sh', ['-c', lines.join('\n')], { env: { HOME: own } });
  said.push(ended.out, ended.err);
  return ended;
}

async function cli(...args: readonly string[]): Promise<Ended> {
  const ended = await holdpoint(lab.home, args);
  said.push(ended.out, ended.err);
  return ended;
}

function answerOf(text: string): { readonly head: string; readonly body: string } {
  const at = text.indexOf('\r\n\r\n');
  return { head: text.slice(0, at), body: text.slice(at + 4) };
}

const gateway = () =>
  JSON.parse(readFileSync(join(lab.home, 'run', 'instance.json'), 'utf8')) as {
    readonly pid: number;
    readonly proxyPort: number;
    readonly controlPort: number;
  };

describe('the call of 24 April, pasted as printed', () => {
  it('is held: 423, three lines, an id, when to come back, and what not to do', async () => {
    const lines = pasted();
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['cd', '.', 'curl']);
    const { head, body } = answerOf((await shell(lines)).out);
    expect(head).toMatch(/^HTTP\/1\.1 423 /);
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    expect(head).toMatch(/^retry-after: \d+/im);
    held = JSON.parse(body) as Problem;
    const [action, environment, warning] = held.detail.split('\n');
    expect(action).toMatch(/^ACTION volumeDelete railway:volume:3d2c42fb-/);
    expect(environment).toMatch(/^ENVIRONMENT production \(verified by .*\) \+ staging \(verified by /);
    expect(warning).toBe('WARNING DESTRUCTIVE — IRREVERSIBLE');
    expect(held.holdId).toMatch(/^hold_/);
    expect(held.doNot).toContain('another route');
  });

  it('is shown to the human with both environments, six backups and the evidence', async () => {
    const shown = await cli('hold', 'show', held.holdId);
    expect(shown.code).toBe(0);
    expect(shown.out.split('\n').slice(0, 3)).toEqual(held.detail.split('\n').slice(0, 3));
    expect(shown.out).toMatch(/-> production \(verified by railway environment .*, protected/);
    expect(shown.out).toMatch(/-> staging \(verified by railway environment /);
    expect(shown.out).toContain('backups inside that die with it: 6');
    const line =
      'volumeDelete 3d2c42fb -> project pocketos -> staging /var/lib/postgresql/data, production /var/lib/postgresql/data (41 GB, 6 backups inside) - the API takes no environment - undo: 48 h, e-mailed link';
    expect(shown.out).toContain(line);
    const hold = JSON.parse((await cli('hold', 'show', held.holdId, '--json')).out) as Hold;
    expect(hold.material.environments).toEqual(['production', 'staging']);
    expect(hold.resolution.resources.map((each) => each.blast?.backupsInside)).toEqual([6]);
    expect(hold.resolution.line).toBe(line);
    const listed = JSON.parse((await cli('holds', '--json')).out) as readonly Hold[];
    expect(listed.map((each) => each.id)).toEqual([held.holdId]);
    expect((await cli('holds')).out).toContain('WARNING DESTRUCTIVE — IRREVERSIBLE');
  });

  it('with the stray token is refused, with file and line of it', async () => {
    const [cd = '', env = ''] = pasted();
    const { head, body } = answerOf((await shell([cd, env, strayLine()])).out);
    expect(head).toMatch(/^HTTP\/1\.1 403 /);
    const folder = cd.replace(/^cd /, '');
    const lines = readFileSync(join(folder, 'domains', 'railway.env'), 'utf8').split('\n');
    const at = lines.findIndex((line) => line.startsWith('RAILWAY_API_TOKEN=')) + 1;
    expect(body).toContain(`domains/railway.env:${at}`);
    expect((JSON.parse(body) as Problem).reason[0]?.code).toBe('credential-stray');
  });

  describe('is held as well when another client makes it', () => {
    const url = 'https://backboard.railway.app/graphql/v2';
    const bodyFile = () => join(lab.home, '..', 'body.json');
    const bytes = () => JSON.stringify(bodyFile());

    async function byProgram(program: string, text: string): Promise<string> {
      const [cd = '', env = '', curl = ''] = pasted();
      writeFileSync(bodyFile(), /-d '(.*)'$/.exec(curl)?.[1] ?? '');
      const { out, err } = await shell([cd, env, `${program} <<'END'`, text, 'END']);
      return `${out.trim()}${err}`;
    }

    it("Node's fetch", async () => {
      const node = join(checkout, 'node_modules', '.bin', 'node');
      const text = `import { readFileSync } from 'node:fs';
const headers = { authorization: 'Bearer ' + process.env.RAILWAY_TOKEN };
console.log((await fetch('${url}', { method: 'POST', body: readFileSync(${bytes()}), headers })).status);`;
      expect(await byProgram(`${node} --input-type=module`, text)).toBe('423');
    });

    it.skipIf(!existsSync('/usr/bin/python3'))("Python's urllib", async () => {
      const text = `import os, urllib.request, urllib.error
headers = {'Authorization': 'Bearer ' + os.environ['RAILWAY_TOKEN']}
try:
    print(urllib.request.urlopen(urllib.request.Request('${url}', data=open(${bytes()}, 'rb').read(), headers=headers)).status)
except urllib.error.HTTPError as fault:
    print(fault.code)`;
      expect(await byProgram('/usr/bin/python3 -', text)).toBe('423');
    });
  });

  it('after a no is answered 403 at once, without a new hold, and nothing is gone', async () => {
    expect((await cli('hold', 'deny', held.holdId)).out).toContain('denied');
    const before = JSON.parse((await cli('holds', '--all', '--json')).out) as readonly Hold[];
    const { head, body } = answerOf((await shell(pasted())).out);
    expect(head).toMatch(/^HTTP\/1\.1 403 /);
    expect(body).toContain('said no');
    expect(body).toContain(held.holdId);
    const after = JSON.parse((await cli('holds', '--all', '--json')).out) as readonly Hold[];
    expect(after.map((hold) => hold.id)).toEqual(before.map((hold) => hold.id));

    const { world } = firstWorld(20260424);
    const project = world.projects[0]?.id ?? '';
    const query = `{ project(id: \\"${project}\\") { environments { edges { node { name volumeInstances { edges { node { state currentSizeMB } } } } } } } }`;
    const read = `curl https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer $RAILWAY_TOKEN" -d '{"query":"${query}"}'`;
    const there = answerOf((await shell([...pasted().slice(0, 2), read])).out);
    expect(there.head).toMatch(/^HTTP\/1\.1 200 /);
    const sizes = world.volumeInstances.map((each) => each.currentSizeMB);
    for (const size of sizes) expect(there.body).toContain(`{"state":"READY","currentSizeMB":${size}}`);
  });
});

describe('what is left of it', () => {
  const changeLog = () => join(pasted()[0]?.replace(/^cd /, '') ?? '', 'HOLDPOINT.md');

  it('is told by log, log --md, the change log in the project, and a journal that verifies', async () => {
    const log = await cli('log');
    expect(log.code).toBe(0);
    expect(log.out).toContain('volumeDelete');
    expect(log.out).toMatch(/denied/i);
    const markdown = await cli('log', '--md');
    expect(markdown.out).toMatch(/^#+ /m);
    expect(markdown.out).toContain('volumeDelete');
    const written = readFileSync(changeLog(), 'utf8');
    expect(written).toContain('volumeDelete');
    expect(written).toContain(held.holdId);
    expect((await cli('journal', 'verify')).code).toBe(0);
    const compared = await cli('journal', 'verify', '--changelog', changeLog());
    expect(compared.code, compared.out + compared.err).toBe(0);
    expect((await cli('journal', 'export')).out.split('\n').length).toBeGreaterThan(10);
    expect((await cli('journal', 'tail')).code).toBe(0);
  });

  it('notices a changed change log', async () => {
    const text = readFileSync(changeLog(), 'utf8');
    const forged = join(lab.home, '..', 'FORGED.md');
    writeFileSync(forged, text.replaceAll('volumeDelete', 'volumeRename'));
    expect((await cli('journal', 'verify', '--changelog', forged)).code).not.toBe(0);
  });

  it('says no secret anywhere: outputs, change log, store', () => {
    const { tokens, world } = firstWorld(20260424);
    const human = JSON.parse(readFileSync(join(lab.home, 'lab-human.json'), 'utf8')) as Record<string, string>;
    const agents = readdirSync(join(lab.home, 'agents')).map((name) =>
      readFileSync(join(lab.home, 'agents', name), 'utf8').trim(),
    );
    const secrets = [
      ...Object.values(tokens).map((token) => token.secret),
      ...world.tokens.map((token) => token.secret),
      ...agents,
      human.passphrase ?? '',
      human.totpSecret ?? '',
      readFileSync(join(lab.home, 'run', 'control.token'), 'utf8').trim(),
    ];
    expect(secrets.length).toBeGreaterThan(8);
    expect(secrets.every((secret) => secret.length > 12)).toBe(true);
    // The welcome shows the lab human's own secrets, and nothing after it does.
    const [welcome = '', ...later] = lab.printed().split('Keys here:');
    expect(welcome).toContain(human.passphrase);
    const store = join(lab.home, 'store');
    const files = readdirSync(store).map((name) => readFileSync(join(store, name), 'latin1'));
    const texts = [...said, ...later, readFileSync(changeLog(), 'utf8'), ...files];
    expect(texts.length).toBeGreaterThan(30);
    // By number: a failing message must not print what it found.
    expect(secrets.flatMap((secret, index) => (texts.some((text) => text.includes(secret)) ? [index] : []))).toEqual(
      [],
    );
  });
});

describe('SIGTERM', () => {
  const refused = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });

  it('ends the lab and leaves no process and no port', async () => {
    const { pid, proxyPort, controlPort } = gateway();
    expect(await refused(proxyPort)).toBe(false);
    expect(await lab.end()).toBe(0);
    expect(await Promise.all([proxyPort, controlPort].map(refused))).toEqual([true, true]);
    expect(() => process.kill(pid, 0)).toThrow();
    const left = readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(join('/proc', name, 'environ'), 'latin1').includes(`HOLDPOINT_LAB_HOME=${lab.home}`);
      } catch {
        return false;
      }
    });
    expect(left).toEqual([]);
    expect(existsSync(join(lab.home, 'run', 'instance.json'))).toBe(false);
    expect((await cli('status')).code).toBe(3);
  });
});
