// One file out of a program's sources: it runs, with its store's thread and native code; it is never older than the
// sources; and where it cannot be made, the sources are what runs.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeFlags } from './launch.ts';
import { programOf } from './program.ts';

const root = join(import.meta.dirname, '..', '..');
const name = `program-test-${process.pid}`;
let folder = '';
let entry = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-program-'));
  entry = join(folder, `${name}.ts`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(join(root, 'dist', name), { recursive: true, force: true });
});

function run(program: string): unknown {
  const done = spawnSync(process.execPath, [...nodeFlags, program, folder], { encoding: 'utf8' });
  return done.status === 0 ? JSON.parse(done.stdout) : done.stderr;
}

const source = (word: string) => `
  import { join } from 'node:path';
  import { openSqliteStorage } from ${JSON.stringify(join(root, 'src/storage/sqlite/sqlite-storage.ts'))};
  const file: string = join(process.argv[2] ?? '', 'store-${word}.sqlite');
  const storage = await openSqliteStorage({ file, stream: 'test', signer: new Uint8Array(32) });
  const { seq } = await storage.head();
  await storage.close();
  console.log(JSON.stringify({ word: '${word}', seq, main: import.meta.main, file: import.meta.url.split('/').at(-1),
    root: join(import.meta.dirname, '..', '..') }));`;

it('runs from one file with the store beside it, and follows the sources', async () => {
  for (const word of ['first', 'second']) {
    writeFileSync(entry, source(word));
    const program = await programOf(entry);
    expect(basename(program)).toBe('main.js');
    expect(run(program)).toEqual({ word, seq: 0, main: false, file: 'main.js', root });
  }
});

it('leaves the source to run where no file can be made of it', async () => {
  writeFileSync(entry, 'this is no program');
  expect(await programOf(entry)).toBe(entry);
});
