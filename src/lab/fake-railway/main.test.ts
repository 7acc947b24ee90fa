// The fake as a child process: one line with its port, answers to questions, no token in what it prints, and an end of
// its own when its parent goes.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { labAuthority } from '../authority.ts';
import { callFake } from './client.ts';
import { firstWorld } from './first-world.ts';
import { fakeHosts } from './server.ts';

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

it('serves, answers and ends with its parent', async () => {
  const { caPem, certificates } = labAuthority(fakeHosts, Date.now());
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const done = ended(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const printed: string[] = [];
  const next = async () => {
    const { value } = (await lines.next()) as { value: string };
    printed.push(value);
    return JSON.parse(value) as Record<string, unknown>;
  };
  const ask = (question: unknown) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return next();
  };
  const { port } = await ask({ seed: 9, deleteMode: 'immediate', certificates, maxMs: 60_000 });
  expect(await ask('truth')).toMatchObject({ survived: true, backupsLeft: 6 });
  const { world, tokens } = firstWorld(9);
  const query = `mutation { volumeDelete(volumeId: "${world.began.volumeId}") }`;
  await callFake(
    { port: Number(port), caPem },
    {
      host: 'backboard.railway.app',
      method: 'POST',
      path: '/graphql/v2',
      headers: { authorization: `Bearer ${tokens.stray.secret}` },
      body: JSON.stringify({ query }),
    },
  );
  expect(await ask('truth')).toMatchObject({ survived: false, backupsLeft: 0 });
  expect(await ask('seen')).toEqual([
    { host: 'backboard.railway.app', method: 'POST', path: '/graphql/v2', token: 'domains' },
  ]);
  expect(await ask('world')).not.toHaveProperty('tokens');
  expect(await ask('nonsense')).toEqual({ error: 'unknown question' });
  for (const token of Object.values(tokens)) expect(printed.join('\n')).not.toContain(token.secret);
  child.stdin.end();
  expect(await done).toBe(0);
});
