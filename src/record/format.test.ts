// docs/formats/journal.md is a promise: its vectors are what the code makes, and the stand-alone verifier there, which
// shares no line with the code, accepts them and finds the same breaks.
import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../action/canonical.ts';
import { checkpointEventsMax, originOf, rawPublicKey, signCheckpoint, verifierKeyOf } from './checkpoint.ts';
import type { EventDraft } from './event.ts';
import { emptyRange, extendRange, rootOf } from './merkle.ts';
import { genesis, seal, textOfSealed } from './seal.ts';

const docs = join(import.meta.dirname, '../../docs/formats');
const root = mkdtempSync(join(tmpdir(), 'hp-format-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// RFC 8032 section 7.1, test 1: a key that nobody can mistake for a real one.
const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]);
const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const none = { actionId: null, holdId: null, agent: null, session: null, posture: null };
const story: readonly EventDraft[] = [
  { ...none, kind: 'started', atMs: 1777039391000, data: { lab: true, version: '0.1.0' } },
  {
    kind: 'requested',
    atMs: 1777039392000,
    actionId: 'act_0000000000000001',
    holdId: null,
    agent: 'claude',
    session: 'ses_1',
    posture: 'advised',
    data: { asked: 'räume "staging" auf €', host: 'backboard.railway.app', method: 'POST' },
  },
  {
    kind: 'held',
    atMs: 1777039393000,
    actionId: 'act_0000000000000001',
    holdId: 'hold_0000000000000001',
    agent: 'claude',
    session: 'ses_1',
    posture: 'advised',
    data: { needs: { people: 1 }, bytes: 41e9, note: '\u2028\u0007' },
  },
];

/** The export of a journal with these events and a checkpoint over the first `signed`. */
function exportOf(drafts: readonly EventDraft[], signed: number): readonly string[] {
  const header = {
    format: 'holdpoint-journal',
    v: 1,
    stream: 'vectors',
    verifierKey: verifierKeyOf(originOf('vectors'), rawPublicKey(privateKey)),
  };
  const lines = [canonicalJson(header)];
  let chain = genesis;
  let range = emptyRange;
  for (const [index, draft] of drafts.entries()) {
    const event = seal(chain, draft, index + 1, 'vectors');
    ({ chain } = event);
    range = extendRange(range, event.leaf);
    lines.push(`${textOfSealed(event).slice(0, -1)},"leaf":"${event.leaf}","chain":"${chain}"}`);
    if (event.seq !== signed && event.seq % checkpointEventsMax !== 0) continue;
    const checkpoint = {
      origin: originOf('vectors'),
      size: event.seq,
      root: rootOf(range),
      chain,
      atMs: 1777039400000,
    };
    lines.push(canonicalJson({ note: signCheckpoint(checkpoint, privateKey), size: event.seq }));
  }
  return lines;
}

function verifyAlone(
  lines: readonly string[],
  ...args: readonly string[]
): { readonly status: number | null; readonly said: string } {
  const file = join(root, 'export.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const run = spawnSync(process.execPath, [join(docs, 'verify-journal.mjs'), file, ...args], { encoding: 'utf8' });
  return { status: run.status, said: run.stdout + run.stderr };
}

const vectors = exportOf(story, 3);
const noteLine = vectors.at(-1) ?? '';
const { note } = JSON.parse(noteLine) as { readonly note: string };

describe('docs/formats/journal.md', () => {
  const page = readFileSync(join(docs, 'journal.md'), 'utf8');

  it.each([
    ['the export', vectors.join('\n')],
    ['the checkpoint', note.trimEnd()],
  ])('shows %s as the code makes it', (_name, text) => {
    expect(page).toContain(`\n${text}\n`);
  });

  it('names every code that verification can answer', () => {
    const source = readFileSync(join(import.meta.dirname, 'verify.ts'), 'utf8');
    const codes = new Set([...source.matchAll(/'([a-z]+(?:-[a-z]+)+)'/g)].map(([, code]) => code ?? ''));
    codes.delete('no-use');
    expect(codes.size).toBeGreaterThan(10);
    for (const code of codes) expect(page, code).toContain(`\`${code}\``);
  });
});

describe('docs/formats/verify-journal.mjs', () => {
  it('stays under 200 lines and needs nothing but Node', () => {
    const source = readFileSync(join(docs, 'verify-journal.mjs'), 'utf8');
    expect(source.split('\n').length).toBeLessThan(200);
    expect([...source.matchAll(/from '([^']+)'/g)].every(([, from]) => from?.startsWith('node:'))).toBe(true);
  });

  it('accepts the vectors, and a kept checkpoint', () => {
    const kept = join(root, 'kept.txt');
    writeFileSync(kept, note);
    expect(verifyAlone(vectors)).toMatchObject({ status: 0, said: expect.stringContaining('intact: 3 events') });
    expect(verifyAlone(vectors, '--against', kept).status).toBe(0);
    const cut = [vectors[0] ?? '', vectors[1] ?? ''];
    expect(verifyAlone(cut).status).toBe(0);
    expect(verifyAlone(cut, '--against', kept)).toMatchObject({ status: 1, said: expect.stringContaining('event 2') });
  });

  const edit = (index: number, from: string | RegExp, to: string) =>
    vectors.map((line, at) => (at === index ? line.replace(from, to) : line));
  const rechained = exportOf(
    story.map((draft, index) => (index === 0 ? { ...draft, data: {} } : draft)),
    0,
  );
  const otherKey = verifierKeyOf(originOf('vectors'), Buffer.alloc(32, 7));
  it.each<[string, readonly string[], readonly string[], string]>([
    ['an edited text', edit(2, 'claude', 'codex'), [], 'event 2'],
    ['an edited leaf', edit(2, /"leaf":"../, '"leaf":"00'), [], 'event 2'],
    ['an edited chain', edit(1, /"chain":"../, '"chain":"00'), [], 'event 1'],
    ['a missing line', vectors.filter((_, index) => index !== 2), [], 'event 2'],
    ['two lines exchanged', [0, 2, 1, 3, 4].map((index) => vectors[index] ?? ''), [], 'event 1'],
    ['a cut tail', vectors.filter((_, index) => index !== 3), [], 'event 3'],
    ['hashes made anew', [...rechained, noteLine], [], 'event 3'],
    ['a forged checkpoint', edit(4, 'time 1777', 'time 1888'), [], 'event 3'],
    ['another key', vectors, ['--key', otherKey], 'event 3'],
    ['no export', ['{}'], [], 'event 0'],
  ])('finds %s', (_name, lines, args, where) => {
    expect(verifyAlone(lines, ...args)).toMatchObject({
      status: 1,
      said: expect.stringContaining(`BROKEN at ${where}:`),
    });
  });

  it('follows a long journal, and misses a removed checkpoint in it', () => {
    const long = exportOf(
      Array.from({ length: 2500 }, (_, i) => ({ ...none, kind: 'tallied', atMs: i, data: {} })),
      2500,
    );
    expect(verifyAlone(long).status).toBe(0);
    const without = long.filter((line) => !(line.startsWith('{"note"') && line.endsWith('"size":2048}')));
    expect(verifyAlone(without)).toMatchObject({ status: 1, said: expect.stringContaining('event 2049') });
  });
});
