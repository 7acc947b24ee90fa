// The verb's contract: exit codes, the last line of --json, one mode at a time, and the whole gateway unless told
// otherwise. What each scenario comes to is scenarios/golden.test.ts and layers.test.ts.

import { describe, expect, it } from 'vitest';
import { verb } from './lab.ts';
import { exitCodes, type Io } from './verb.ts';

async function lab(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const said = { out: '', err: '' };
  let code: number | null = null;
  const io: Io = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    stdin: (async function* () {})(),
    env: {},
    cwd: '/',
    colour: false,
    ask: () => Promise.reject(new Error('nobody is asked')),
  };
  const command = verb.build(io, (given) => {
    code = given;
  });
  await command.parseAsync(args, { from: 'user' });
  return { code, ...said };
}

describe('holdpoint lab', () => {
  it('lists the scenarios', async () => {
    const { code, out } = await lab('list', '--json');
    expect(code).toBe(exitCodes.ok);
    expect((JSON.parse(out) as { name: string }[]).map((row) => row.name)).toEqual([
      'pocketos',
      'article-rest',
      'cli-staging',
      'staged-commit',
      'backups-first',
      'goes-around',
    ]);
  });

  it('ends with one JSON object, read from the fake', async () => {
    const { code, out, err } = await lab('run', 'pocketos', '--without', '--json', '--seed', '5');
    expect(code).toBe(exitCodes.ok);
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).toEqual({
      scenario: 'pocketos',
      mode: 'without',
      survived: false,
      backupsLeft: 0,
      stoppedBy: [],
      holds: [],
      posture: 'none',
      seconds: expect.any(Number),
    });
    expect(err).toContain('volumeDelete');
  });

  it('brings the whole gateway when nothing else is said', async () => {
    const { code, out } = await lab('run', 'pocketos', '--json');
    expect(code).toBe(exitCodes.ok);
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({ mode: 'with', survived: true, backupsLeft: 6, posture: 'advised' });
    expect(last.holds).toHaveLength(1);
    expect(last.stoppedBy).toEqual(expect.arrayContaining(['stray', 'hold']));
  });

  it('says for people what is left and where it differs from history', async () => {
    const { out } = await lab('run', 'article-rest', '--without');
    expect(out).toContain('LOST      the bookings are gone');
    expect(out).toContain('the Friday was the 24th');
  });

  it.each([
    [['run', 'nothing'], exitCodes.usage, 'There is no scenario'],
    [['run', 'pocketos', '--without', '--with'], exitCodes.usage, 'Give one of'],
    [['run', 'pocketos', '--without', '--seed', 'x'], exitCodes.usage, 'whole number'],
  ] as const)('%j -> %s', async (args, expected, says) => {
    const { code, err } = await lab(...args);
    expect(code).toBe(expected);
    expect(err).toContain(says);
  });
});
