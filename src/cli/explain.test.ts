// The command around the readers: lines in, lines out in the same order, stdout for answers alone, exit code 0.

import { expect, it } from 'vitest';
import { verb } from './explain.ts';
import type { ExitCode, Io } from './verb.ts';

async function run(args: readonly string[], chunks: readonly Uint8Array[] = []) {
  const out: string[] = [];
  const err: string[] = [];
  let code: ExitCode | null = null;
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    stdin: (async function* () {
      yield* chunks;
    })(),
    env: {},
    cwd: '/',
    colour: false,
    ask: () => Promise.reject(new Error('no terminal')),
  };
  await verb
    .build(io, (given) => {
      code = given;
    })
    .parseAsync([...args], { from: 'user' });
  return { out: out.join(''), err: err.join(''), code };
}

it('answers each line in order, across chunks that cut lines and characters', async () => {
  const text = Buffer.from(
    '{"channel":"sql","sql":"select \'é\'"}\r\nnonsense\n\n{"channel":"sql","sql":"drop table t"}',
  );
  const cut = text.indexOf(0xc3) + 1;
  const { out, err, code } = await run(
    ['--jsonl'],
    [text.subarray(0, cut), text.subarray(cut, cut + 9), text.subarray(cut + 9)],
  );
  const answers = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: string });
  expect(answers.map(({ verdict }) => verdict)).toEqual(['allow', 'deny', 'hold']);
  expect([err, code]).toEqual(['', 0]);
});

it('explains one request for a person, and as JSON', async () => {
  const request = [
    '--url',
    'https://backboard.railway.com/graphql/v2',
    '--header',
    'Accept: */*',
    '--body',
    '{"query":"mutation { volumeDelete(volumeId: \\"v\\") }"}',
  ];
  const spoken = await run(request);
  expect(spoken.out).toContain('ACTION    volumeDelete');
  expect(spoken.out).toContain('VERDICT   hold');
  const json = await run([...request, '--json']);
  expect(JSON.parse(json.out)).toMatchObject({ operation: 'volumeDelete', verdict: 'hold' });
  expect(json.code).toBe(0);
});

it.each([
  [['--sql', 'truncate t'], 'hold'],
  [['--tool', 'delete_project', '--body', '{"id":1}'], 'hold'],
  [['--command', 'ls'], 'hold'],
  [['--url', 'nonsense'], 'deny'],
])('%j -> %s', async (args, verdict) => {
  const { out, code } = await run([...args, '--json']);
  expect([(JSON.parse(out) as { verdict: string }).verdict, code]).toEqual([verdict, 0]);
});

it('says what is missing on stderr', async () => {
  const { out, err, code } = await run([]);
  expect([out, code]).toEqual(['', 2]);
  expect(err).toContain('--help');
});
