import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeLogFileAt } from '../gateway/change-log-file.ts';
import { changeLogBeginning, followChangeLog } from '../gateway/change-log-follow.ts';
import { homeAt } from '../platform/home.ts';
import { originOf, rawPublicKey, verifierKeyOf } from '../record/checkpoint.ts';
import type { EventDraft, SealedEvent } from '../record/event.ts';
import { openSqliteReader } from '../storage/sqlite/sqlite-reader.ts';
import { openSqliteStorage } from '../storage/sqlite/sqlite-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { verb as journal } from './journal.ts';
import { followEvents } from './journal-show.ts';
import { verb as log } from './log.ts';
import { momentOf } from './moment.ts';
import type { ExitCode, Io, Verb } from './verb.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'hp-cli-journal-')));
const { privateKey } = generateKeyPairSync('ed25519');
const home = join(root, 'home');
const store = homeAt(home).storeFile;
const project = join(root, 'project');
const key = verifierKeyOf(originOf('test'), rawPublicKey(privateKey));
const startMs = Date.now() - 3_600_000;

interface Run {
  readonly code: ExitCode | null;
  readonly out: string;
  readonly err: string;
}

async function run(
  verb: Verb,
  args: readonly string[],
  env: Record<string, string> = { HOLDPOINT_HOME: home },
): Promise<Run> {
  let out = '';
  let err = '';
  let code: ExitCode | null = null;
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: (async function* () {})(),
    env,
    cwd: root,
    colour: false,
    ask: () => Promise.reject(new Error('not asked here')),
  };
  const parent = new Command('holdpoint').exitOverride();
  const built = verb.build(io, (given) => {
    code = given;
  });
  parent.addCommand(built);
  await parent.parseAsync([built.name(), ...args], { from: 'user' });
  return { code, out, err };
}

function draft(kind: EventDraft['kind'], data: object, parts: Partial<EventDraft> = {}): EventDraft {
  const none = { actionId: 'act_1', holdId: null, agent: 'claude', session: 'ses_1', posture: 'advised' as const };
  return { kind, atMs: startMs, ...none, data: data as EventDraft['data'], ...parts };
}

const hold = { holdId: 'hold_1' };
const story: readonly EventDraft[] = [
  draft('started', { lab: true, version: '0.1.0' }, { actionId: null, agent: null, atMs: startMs - 90_000_000 }),
  draft('requested', { asked: 'fix \u202estaging', method: 'POST', host: 'backboard.railway.app' }),
  draft('classified', { operation: 'volumeDelete', effect: 'destructive', recovery: 'unknown' }),
  draft('resolved', { line: 'volume 3d2c', environments: ['production'] }),
  draft('held', { needs: { people: 1 } }, hold),
  draft('tallied', { reads: 412, bytes: 9, hosts: ['a.example', 'b.example', 'c.example'] }, { actionId: null }),
  draft('denied', { by: 'ada' }, { ...hold, atMs: startMs + 1000 }),
  draft(
    'decided',
    { verdict: 'deny', reasons: [{ what: 'No.', why: 'Not granted.' }] },
    { actionId: 'act_2', agent: 'codex' },
  ),
];

let storage: Storage;
const sealed: SealedEvent[] = [];

beforeAll(async () => {
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(project);
  storage = await openSqliteStorage({ file: store, stream: 'test', signer: privateKey });
  for (const each of story) sealed.push(...(await storage.commit({ events: [each] })));
  const file = changeLogFileAt({ project, file: 'HOLDPOINT.md' });
  const following = followChangeLog({
    events: storage.events,
    write: file.append,
    failed: (error) => expect(error).toBeNull(),
  });
  following.catchUp(0);
  await following.settled();
});
afterAll(async () => {
  await storage.close();
  rmSync(root, { recursive: true, force: true });
});

describe('journal, beside a running writer', () => {
  it('tails, shows and reports', async () => {
    const tail = await run(journal, ['tail', '--limit', '2']);
    expect(tail.code).toBe(0);
    expect(tail.out.split('\n').map((line) => line.split('  ')[0])).toEqual(['7', '8', '']);
    const asJson = await run(journal, ['tail', '--json']);
    expect(JSON.parse(asJson.out)).toEqual(sealed);
    const shown = await run(journal, ['show', 'hold_1']);
    expect(shown.out.match(/^event \d+/gm)).toEqual(['event 2', 'event 3', 'event 4', 'event 5', 'event 7']);
    expect(shown.out).not.toContain('\u202e');
    expect((await run(journal, ['show', '8'])).out).toMatch(/^event 8 /);
    expect((await run(journal, ['show', 'nothing'])).code).toBe(1);
    expect(JSON.parse((await run(journal, ['report', '--json'])).out)).toMatchObject({
      events: 8,
      agents: {
        claude: { 'on hold': 1, denied: 1, reads: 412 },
        codex: { refused: 1 },
        holdpoint: { 'gateway started': 1 },
      },
    });
    expect((await run(journal, ['report'])).out).toMatch(/412 {2}reads/);
  });

  it('follows what is sealed meanwhile', async () => {
    const reader = openSqliteReader(store);
    const seen: number[] = [];
    const following = followEvents(reader, 6, ({ seq }) => seen.push(seq), { rounds: 3, everyMs: 10 });
    await following;
    reader.close();
    expect(seen).toEqual([7, 8]);
  });

  it('verifies, and says since when nothing left this machine', async () => {
    const found = await run(journal, ['verify']);
    expect(found).toMatchObject({ code: 0, err: '' });
    expect(found.out).toMatch(/^intact: 8 events/);
    expect(found.out).toMatch(/not anchored since \d{4}-/);
    expect(found.out).toContain('as the store names it');
    const given = await run(journal, ['verify', '--key', key, '--json']);
    expect(JSON.parse(given.out)).toMatchObject({
      keyFrom: 'given',
      verification: { kind: 'intact' },
      changelog: null,
    });
  });

  it('tells the log in words, Markdown and JSON', async () => {
    const text = await run(log, []);
    expect(text.code).toBe(0);
    expect(text.out).toContain('DENIED');
    expect(text.out).not.toContain('ON HOLD');
    expect(text.out).toContain('fix \\u{202e}staging');
    expect(text.out).toContain('412 reads of 3 hosts');
    expect((await run(log, ['--since', '1d'])).out).not.toContain('GATEWAY STARTED');
    expect((await run(log, ['--agent', 'codex'])).out).toMatch(/codex {2}REFUSED/);
    expect((await run(log, ['--agent', 'codex'])).out).not.toContain('claude');
    expect((await run(log, ['--md'])).out).toMatch(/^### .* — `claude` — denied$/m);
    expect(JSON.parse((await run(log, ['--json'])).out)).toMatchObject({ reads: [{ reads: 412 }] });
    // The window holds the end of the story alone; its beginning is looked up.
    const late = await run(log, ['--since', new Date(startMs + 500).toISOString()]);
    expect(late.out).toContain('volumeDelete');
    expect((await run(log, ['--until', '2020-01-01'])).out).toBe('Nothing happened in this time.\n');
    expect(await run(log, ['--since', 'soon'])).toMatchObject({ code: 2, out: '' });
  });

  it('compares a change log with the journal', async () => {
    const file = join(project, 'HOLDPOINT.md');
    const check = (name: string) => run(journal, ['verify', '--changelog', name]);
    expect((await check(file)).out).toContain('all 4 entries are what the journal says');
    const text = readFileSync(file, 'utf8');
    const forged = join(project, 'forged.md');
    writeFileSync(forged, text.replace('— denied', '— done'));
    expect(await check(forged)).toMatchObject({ code: 1, out: expect.stringContaining('DIFFERS at event 7 (edited)') });
    writeFileSync(forged, text.replace(/### [^#]*journal: 8 [^#]*\n\n/, ''));
    expect(await check(forged)).toMatchObject({
      code: 1,
      out: expect.stringContaining('DIFFERS at event 8 (removed)'),
    });
    writeFileSync(forged, 'nothing of ours');
    expect((await check(forged)).code).toBe(1);
    expect((await check('missing.md')).code).toBe(4);
  });

  it('takes the beginning of a later change log from the store', async () => {
    const other = join(root, 'other');
    mkdirSync(other);
    const path = join(other, 'LOG.md');
    await storage.commit({ events: [], rows: [changeLogBeginning(path, 7)] });
    const following = followChangeLog({
      events: storage.events,
      write: changeLogFileAt({ project: other, file: 'LOG.md' }).append,
      failed: () => {},
    });
    following.catchUp(7);
    await following.settled();
    expect(await run(journal, ['verify', '--changelog', path])).toMatchObject({
      code: 0,
      out: expect.stringContaining('all 1 entries'),
    });
  });
});

describe('journal, without a gateway', () => {
  const closedHome = join(root, 'closed');
  const closedStore = homeAt(closedHome).storeFile;
  const other = (name: string, change: (db: Database.Database) => void) => {
    const folder = join(root, name);
    mkdirSync(join(folder, 'store'), { recursive: true, mode: 0o700 });
    copyFileSync(closedStore, homeAt(folder).storeFile);
    const db = new Database(homeAt(folder).storeFile);
    change(db);
    db.close();
    return folder;
  };

  beforeAll(async () => {
    const closed = await openSqliteStorage({ file: closedStore, stream: 'test', signer: privateKey });
    for (const each of story) await closed.commit({ events: [each] });
    await closed.close();
  });

  it('prints a checkpoint that verify takes back, and refuses a cut tail by it', async () => {
    const note = await run(journal, ['export', '--checkpoint', '--home', closedHome]);
    expect(note.out).toMatch(/^holdpoint\/journal\/test\n8\n/);
    writeFileSync(join(root, 'kept.txt'), note.out);
    const against = ['verify', '--against', 'kept.txt', '--home'];
    const good = await run(journal, [...against, closedHome]);
    expect(good.out).toContain('anchored up to event 8 (proven by the file given)');
    expect(good.out).not.toContain('not anchored since');
    const cut = other('cut', (db) => db.exec('DELETE FROM event WHERE seq = 8; DELETE FROM checkpoint'));
    expect(await run(journal, ['verify', '--home', cut])).toMatchObject({ code: 0 });
    const found = await run(journal, [...against, cut]);
    expect(found).toMatchObject({ code: 1, out: expect.stringContaining('BROKEN at event 8 (tail-cut)') });
  });

  it('names the first break, in words and as JSON', async () => {
    const edited = other('edited', (db) =>
      db.exec("UPDATE event SET text = replace(text, 'ada', 'eve') WHERE seq = 7"),
    );
    expect(await run(journal, ['verify', '--home', edited])).toMatchObject({
      code: 1,
      out: expect.stringContaining('BROKEN at event 7 (text-differs)'),
    });
    expect(JSON.parse((await run(journal, ['verify', '--json', '--home', edited])).out).verification.break.seq).toBe(7);
    const wrong = verifierKeyOf(originOf('test'), rawPublicKey(generateKeyPairSync('ed25519').publicKey));
    expect((await run(journal, ['verify', '--key', wrong, '--home', closedHome])).code).toBe(1);
    expect((await run(journal, ['verify', '--key', 'garbage', '--home', closedHome])).code).toBe(4);
  });

  it.each<[string, () => string, ExitCode, string]>([
    ['a home without a journal', () => join(root, 'nowhere'), 3, 'There is no journal'],
    ['a file that is none', () => textHome(), 4, 'is not a Holdpoint journal'],
    ['another format', () => other('version', (db) => db.pragma('user_version = 9')), 4, 'has format 9'],
  ])('says what, why and next for %s', async (_name, make, code, what) => {
    const found = await run(journal, ['tail'], { HOLDPOINT_HOME: make() });
    expect(found).toMatchObject({ code, out: '' });
    expect(found.err).toContain(what);
    expect(found.err).toMatch(/why: {2}.*\n {2}next: /);
  });

  it('refuses a count that is none', async () => {
    expect((await run(journal, ['tail', '--limit', 'many'])).code).toBe(2);
  });
});

function textHome(): string {
  const folder = join(root, 'text');
  mkdirSync(join(folder, 'store'), { recursive: true });
  writeFileSync(homeAt(folder).storeFile, 'no journal');
  return folder;
}

describe('momentOf', () => {
  const nowMs = new Date(2026, 3, 24, 14, 30).getTime();
  it.each<[string, number]>([
    ['now', nowMs],
    ['today', new Date(2026, 3, 24).getTime()],
    ['yesterday', new Date(2026, 3, 23).getTime()],
    ['90s', nowMs - 90_000],
    ['2h', nowMs - 7_200_000],
    ['1w', nowMs - 604_800_000],
    ['2026-04-24T10:00:00Z', Date.UTC(2026, 3, 24, 10)],
    ['2026-04-24', Date.UTC(2026, 3, 24)],
  ])('reads %s', (text, expected) => {
    expect(momentOf(text, nowMs)).toBe(expected);
  });

  it.each([[''], ['soon'], ['-2h'], ['2026-13-40'], ['1'], ['2h ago']])('refuses %j', (text) => {
    expect(() => momentOf(text, nowMs)).toThrow(/no time/);
  });
});
