// The hardened start: what of the environment arrives, and that the settings really hold in the started process.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clearedEnv, hardenedCommand, launchHardened } from './launch.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-launch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['PATH', true],
  ['HOLDPOINT_HOME', true],
  ['LC_ALL', true],
  ['NODE_OPTIONS', false],
  ['NODE_EXTRA_CA_CERTS', false],
  ['LD_PRELOAD', false],
  ['https_proxy', false],
  ['SSL_CERT_FILE', false],
  ['RAILWAY_TOKEN', false],
  ['XPATH', false],
])('%s goes through: %s', (name, through) => {
  expect(Object.keys(clearedEnv({ [name]: 'x', NOT_SET: undefined }))).toEqual(through ? [name] : []);
});

it('holds umask, core limit, cleared environment and prototype in the started process', async () => {
  const entry = join(folder, 'entry.ts');
  const report = join(folder, 'report.json');
  writeFileSync(
    entry,
    `import { readFileSync, writeFileSync } from 'node:fs';
     const core: string = readFileSync('/proc/self/limits', 'utf8').split('\\n').find((line) => line.startsWith('Max core')) ?? '';
     writeFileSync(process.argv[2] ?? '', JSON.stringify({
       umask: process.umask(), core: core.split(/\\s+/)[4], env: Object.keys(process.env), proto: '__proto__' in {} }));
     process.exitCode = 7;`,
  );
  const code = await launchHardened(entry, [report], {
    PATH: '/usr/bin',
    NODE_OPTIONS: '--require=/nonexistent',
    LD_DEBUG: 'all',
  });
  const seen: unknown = JSON.parse(readFileSync(report, 'utf8'));
  expect(code).toBe(7);
  expect(seen).toMatchObject({ umask: 0o77, core: '0', proto: false });
  // PWD and the like are the shell's own.
  expect(JSON.stringify(seen)).not.toMatch(/NODE_OPTIONS|LD_DEBUG/);
});

it('opens no debugger on SIGUSR1', async () => {
  const entry = join(folder, 'waiting.ts');
  writeFileSync(entry, `console.log('up'); process.stdin.on('data', () => process.exit(0));`);
  const [command, ...args] = hardenedCommand(entry, []);
  const child = spawn(command, args, { env: clearedEnv(process.env) });
  const text = { out: '', err: '' };
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (part: Buffer) => {
      text.err += part.toString();
    });
    child.stdout.on('data', () => {
      // Ignored or fatal, either is well; a debugger would say "Debugger listening" on stderr.
      child.kill('SIGUSR1');
      child.stdin.write('end\n');
    });
    child.stdin.on('error', () => {});
    child.on('close', () => resolve());
  });
  expect(text.err).not.toContain('Debugger');
});
