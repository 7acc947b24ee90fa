import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../record/change-log.ts';
import { beginMarker, checkSection, endMarker, preamble, splitFile } from '../record/change-log-text.ts';
import { changeLogFileAt } from './change-log-file.ts';

const root = mkdtempSync(join(tmpdir(), 'hp-changelog-'));
let count = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

function project(): string {
  count += 1;
  const folder = join(root, `p${count}`);
  mkdirSync(folder);
  return folder;
}

function entry(seq: number): LogEntry {
  const lines = [['action', `volumeDelete é ${seq}`]] as const;
  return {
    seq,
    leaf: seq.toString(16).padStart(16, '0'),
    atMs: seq * 1000,
    agent: 'claude',
    holdId: null,
    outcome: 'refused',
    lines,
  };
}

function sectionOf(path: string): string {
  const split = splitFile(readFileSync(path, 'utf8'));
  return split.kind === 'section' ? split.section : '';
}

describe('change log file', () => {
  it('makes the file, then appends in order and writes nothing twice', async () => {
    const folder = project();
    const log = changeLogFileAt({ project: folder, file: 'HOLDPOINT.md' });
    await Promise.all([log.append([entry(1)]), log.append([entry(2), entry(3)]), log.append([entry(3)])]);
    const path = join(folder, 'HOLDPOINT.md');
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith(`${beginMarker}\n${preamble}`)).toBe(true);
    expect(text.endsWith(`${endMarker}\n`)).toBe(true);
    expect(checkSection(sectionOf(path), [entry(1), entry(2), entry(3)])).toEqual({ kind: 'matches', entries: 3 });
    expect(readdirSync(folder)).toEqual(['HOLDPOINT.md']);
  });

  it.each<[string, Buffer, Buffer]>([
    ['text without a newline', Buffer.from('# Ours'), Buffer.from('')],
    ['bytes that are no UTF-8', Buffer.from([0x23, 0xff, 0xfe, 0x0d, 0x0a]), Buffer.from('')],
    ['text on both sides', Buffer.from(`a\r\n${beginMarker}\n${preamble}\n`), Buffer.from([0x0a, 0xc3, 0x28, 0x0a])],
  ])('keeps %s as it is', async (_name, before, after) => {
    const path = join(project(), 'log.md');
    writeFileSync(path, after.length === 0 ? before : Buffer.concat([before, Buffer.from(endMarker), after]));
    chmodSync(path, 0o640);
    await changeLogFileAt({ project: join(path, '..'), file: 'log.md' }).append([entry(1)]);
    const now = readFileSync(path);
    expect(now.subarray(0, before.length).equals(before)).toBe(true);
    expect(now.subarray(now.length - after.length).equals(after)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(sectionOf(path)).toContain('volumeDelete é 1');
  });

  it.each<[string, string, string, (folder: string) => void]>([
    [
      'a link',
      'HOLDPOINT.md',
      'changelog-not-plain',
      (folder) => symlinkSync(join(root, 'target'), join(folder, 'HOLDPOINT.md')),
    ],
    ['a folder', 'HOLDPOINT.md', 'changelog-not-plain', (folder) => mkdirSync(join(folder, 'HOLDPOINT.md'))],
    [
      'a named pipe',
      'HOLDPOINT.md',
      'changelog-not-plain',
      (folder) => void execFileSync('mkfifo', [join(folder, 'HOLDPOINT.md')]),
    ],
    ['a path outside', '../HOLDPOINT.md', 'changelog-outside', () => {}],
    [
      'a path beside with the same beginning',
      '../p1x/HOLDPOINT.md',
      'changelog-outside',
      () => mkdirSync(join(root, 'p1x'), { recursive: true }),
    ],
    ['a linked folder', 'docs/HOLDPOINT.md', 'changelog-outside', (folder) => symlinkSync(root, join(folder, 'docs'))],
    ['a folder under a linked one', 'a/b/HOLDPOINT.md', 'changelog-outside', (folder) => linkAbove(folder)],
    ['no folder', 'docs/HOLDPOINT.md', 'changelog-unwritable', () => {}],
    [
      'one marker only',
      'HOLDPOINT.md',
      'changelog-damaged',
      (folder) => writeFileSync(join(folder, 'HOLDPOINT.md'), `${endMarker}\n`),
    ],
    [
      'two sections',
      'HOLDPOINT.md',
      'changelog-damaged',
      (folder) => writeFileSync(join(folder, 'HOLDPOINT.md'), `${beginMarker}\n${endMarker}\n`.repeat(2)),
    ],
    [
      'a huge file',
      'HOLDPOINT.md',
      'changelog-full',
      (folder) => writeFileSync(join(folder, 'HOLDPOINT.md'), Buffer.alloc(9 * 1024 * 1024)),
    ],
  ])('refuses %s', async (_name, file, code, prepare) => {
    const folder = project();
    prepare(folder);
    await expect(changeLogFileAt({ project: folder, file }).append([entry(1)])).rejects.toMatchObject({ code });
    expect(existsSync(join(root, 'target'))).toBe(false);
    expect(existsSync(join(root, 'HOLDPOINT.md'))).toBe(false);
  });

  it('goes on after a refusal', async () => {
    const folder = project();
    const log = changeLogFileAt({ project: folder, file: 'HOLDPOINT.md' });
    symlinkSync('/dev/null', join(folder, 'HOLDPOINT.md'));
    await expect(log.append([entry(1)])).rejects.toMatchObject({ code: 'changelog-not-plain' });
    rmSync(join(folder, 'HOLDPOINT.md'));
    await log.append([entry(1)]);
    expect(sectionOf(join(folder, 'HOLDPOINT.md'))).toContain('volumeDelete');
  });

  it('keeps what an editor wrote meanwhile', async () => {
    const path = join(project(), 'HOLDPOINT.md');
    writeFileSync(path, 'first\n');
    let edits = 0;
    const log = changeLogFileAt({ project: join(path, '..'), file: 'HOLDPOINT.md' }, () => {
      edits += 1;
      if (edits === 1) appendFileSync(path, 'written meanwhile\n');
      if (edits === 2) {
        writeFileSync(`${path}.new`, `replaced meanwhile\n${readFileSync(path, 'utf8')}`);
        renameSync(`${path}.new`, path);
      }
    });
    await log.append([entry(1)]);
    expect(edits).toBe(3);
    expect(readFileSync(path, 'utf8')).toMatch(/^replaced meanwhile\nfirst\nwritten meanwhile\n/);
    expect(checkSection(sectionOf(path), [entry(1)]).kind).toBe('matches');
  });

  it('gives up, and leaves no draft behind, when something writes without end', async () => {
    const folder = project();
    const path = join(folder, 'HOLDPOINT.md');
    writeFileSync(path, '');
    const log = changeLogFileAt({ project: folder, file: 'HOLDPOINT.md' }, () => appendFileSync(path, '.'));
    await expect(log.append([entry(1)])).rejects.toMatchObject({ code: 'changelog-busy' });
    expect(readFileSync(path, 'utf8')).toBe('.....');
    expect(readdirSync(folder)).toEqual(['HOLDPOINT.md']);
  });
});

function linkAbove(folder: string): void {
  mkdirSync(join(root, 'elsewhere', 'b'), { recursive: true });
  symlinkSync(join(root, 'elsewhere'), join(folder, 'a'));
}
