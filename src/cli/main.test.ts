// The command line as a whole: the table, help, exit codes, and what each verb asks of the gateway.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli } from '../testing/cli-run.ts';
import { type ControlHome, controlHome } from '../testing/control-home.ts';
import { allVerbs } from './main.ts';
import { nearest } from './nearest.ts';

const root = join(import.meta.dirname, '../..');
const by = `terminal of uid ${process.getuid?.()}`;
const homes: ControlHome[] = [];

async function home(): Promise<ControlHome> {
  const made = await controlHome();
  homes.push(made);
  return made;
}

afterEach(async () => {
  for (const each of homes.splice(0)) await each.end();
});

describe('the command line', () => {
  it.each<[readonly string[], number, string]>([
    [['--version'], 0, 'holdpoint 0.1.0'],
    [['--help'], 0, 'Commands:'],
    [[], 2, 'Commands:'],
    [['help', 'holds'], 0, 'Usage: holdpoint holds'],
    [['holds', '--help'], 0, 'Example:'],
    [['hlds'], 2, 'Did you mean `holds`?'],
    [['zzzzzz'], 2, 'There is no command "zzzzzz".\n'],
    [['\x1b[2J'], 2, 'There is no command "\\u001b[2J".'],
    [['holds', '--nothing'], 2, "unknown option '--nothing'"],
    [['hold', 'nothing'], 2, "unknown command 'nothing'"],
    [['hold', 'show'], 2, "missing required argument 'id'"],
    [['--home'], 2, '--home'],
    [['completion', 'tcsh'], 2, 'bash, zsh and fish'],
  ])('%j exits %i', async (args, code, says) => {
    const ran = await runCli(args);
    expect(ran.code).toBe(code);
    expect(ran.out + ran.err).toContain(says);
  });

  it('takes --home before the command', async () => {
    const { root: at, env } = await home();
    expect(
      (await runCli(['--home', at, 'holds'], { env: { HOLDPOINT_CONTROL_PORT: env.HOLDPOINT_CONTROL_PORT ?? '' } }))
        .code,
    ).toBe(0);
  });

  it('has every verb load, and no two of one name', async () => {
    for (const { load } of allVerbs) expect(typeof (await load()).verb.build).toBe('function');
    expect(new Set(allVerbs.map((verb) => verb.name)).size).toBe(allVerbs.length);
  });
});

describe('what each verb asks of the gateway', () => {
  it.each<[readonly string[], { readonly verb: string; readonly with: unknown } | null, string]>([
    [['freeze'], { verb: 'freeze', with: { agent: null, by } }, 'every agent: frozen'],
    [['freeze', 'cursor'], { verb: 'freeze', with: { agent: 'cursor', by } }, 'cursor: frozen'],
    [
      ['host', 'deny', 'a.example'],
      { verb: 'host deny', with: { host: 'a.example', submission: null, by } },
      'a.example: denied',
    ],
    [['agent', 'revoke', 'a/b'], { verb: 'agentRevoke', with: { agent: 'a/b', by } }, 'a/b: revoked'],
    [['host', 'list'], null, 'ordinary  docs.example'],
    [['agent', 'list'], null, 'cursor-staging  active  advised  staging'],
    [['credential', 'list'], null, 'railway  credential  deploy the web service'],
    [['credential', 'show', 'railway'], null, 'confirmation_required  true'],
    [['people', 'list'], null, ''],
    [['status'], null, 'approvals are not isolated from: cursor-staging'],
  ])('%j', async (args, call, says) => {
    const { env, fake } = await home();
    const ran = await runCli(args, { env });
    expect(ran.err).toBe('');
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(says);
    expect(fake.calls).toEqual(call === null ? [] : [call]);
    expect(() => JSON.parse(ran.out)).toThrow();
  });

  it.each([
    ['status'],
    ['holds'],
    ['hold show newest'],
    ['host list'],
    ['agent list'],
    ['credential list'],
    ['people list'],
    ['freeze'],
    ['hold deny newest'],
  ])('%s --json prints one JSON value and nothing else', async (line) => {
    const { env } = await home();
    const { out, err } = await runCli([...line.split(' '), '--json'], { env });
    expect(typeof JSON.parse(out)).toBe('object');
    expect(err).toBe('');
  });

  it.each([['thaw'], ['host allow a.example'], ['agent add a'], ['hold settle newest happened']])(
    '%s widens, so it does nothing where nobody can sign',
    async (line) => {
      const { env, fake } = await home();
      const { code, err } = await runCli(line.split(' '), { env });
      expect(code).toBe(1);
      expect(err).toContain('Nobody can say yes here.');
      expect(fake.calls).toEqual([]);
    },
  );

  it('applies a narrowing policy at once and a widening one with a factor only', async () => {
    const { env, root: at, fake } = await home();
    const file = join(at, 'policy.yaml');
    writeFileSync(file, 'agents: {}');
    expect((await runCli(['policy', 'diff', '--json'], { env })).out).toBe(
      '{"changes":["10 characters"],"widens":false}\n',
    );
    expect((await runCli(['policy', 'check', file], { env })).code).toBe(0);
    expect(fake.calls).toEqual([]);
    expect((await runCli(['policy', 'apply'], { env })).code).toBe(0);
    expect(fake.calls).toEqual([{ verb: 'applyPolicy', with: { text: 'agents: {}', submission: null, by } }]);
    writeFileSync(file, 'wider: 1');
    expect((await runCli(['policy', 'apply'], { env })).code).toBe(1);
    expect(fake.calls).toHaveLength(1);
  });
});

describe('nearest', () => {
  it.each([
    ['hlods', 'holds'],
    ['stats', 'status'],
    ['x', null],
    ['', null],
  ])('%j -> %j', (word, expected) => {
    expect(nearest(word, ['holds', 'status', 'freeze'])).toBe(expected);
  });
});

describe('bin/holdpoint', () => {
  const runBin = (path: string, env: Readonly<Record<string, string>> = {}) =>
    spawnSync(path, ['--version'], { encoding: 'utf8', cwd: '/', env: { PATH: process.env.PATH ?? '', ...env } });

  it('runs from anywhere, through links, with stdout for the answer alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bin-'));
    try {
      symlinkSync(join(root, 'bin/holdpoint'), join(folder, 'first'));
      symlinkSync('first', join(folder, 'second'));
      expect(runBin(join(folder, 'second'))).toMatchObject({ status: 0, stdout: 'holdpoint 0.1.0\n', stderr: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes no preloaded code from the environment', () => {
    const env = { NODE_OPTIONS: '--require=/nonexistent/evil.cjs' };
    expect(runBin(join(root, 'bin/holdpoint'), env)).toMatchObject({ status: 0, stdout: 'holdpoint 0.1.0\n' });
  });
});
