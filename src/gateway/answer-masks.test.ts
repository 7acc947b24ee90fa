// Paths of a provider's page against answers: every value below a path goes, names and shape stay, nothing else changes.

import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { maskAnswer, maskPaths } from './answer-masks.ts';

const mask = '[masked by Holdpoint]';

it.each<[string, unknown, readonly string[], unknown]>([
  ['a leaf', { uri: 'a', id: 1 }, ['uri'], { uri: mask, id: 1 }],
  [
    'everything below',
    { data: { v: { A: 'a', B: [1, { c: true }] } } },
    ['data.v'],
    { data: { v: { A: mask, B: [mask, { c: mask }] } } },
  ],
  ['null, which says that there is none', { uri: null }, ['uri'], { uri: null }],
  ['through arrays', [{ k: 'a' }, { k: 'b' }], ['k'], [{ k: mask }, { k: mask }]],
  ['any name', { A: 'a', B: 'b' }, ['*'], { A: mask, B: mask }],
  ['any name on the way', { x: { api_key: 'a', id: 1 } }, ['*.api_key'], { x: { api_key: mask, id: 1 } }],
  ['two paths', { a: 1, b: 2, c: 3 }, ['a', 'b'], { a: mask, b: mask, c: 3 }],
  ['a path that is not there', { a: 1 }, ['b.c'], { a: 1 }],
])('masks %s', (_what, value, paths, want) => {
  expect(maskPaths(value, paths)).toEqual(want);
});

it('withholds from the agent what it cannot read, under a status of its own', async () => {
  const body = Readable.from([Buffer.from('uri=postgres')]);
  const answer = await maskAnswer({ status: 200, headers: [], body }, ['uri']);
  expect(answer).toMatchObject({ status: 502 });
  expect(JSON.stringify(answer)).not.toContain('postgres');
});

it('passes on what it can', async () => {
  const body = Readable.from([Buffer.from('{"uri":"a"}')]);
  const answer = await maskAnswer({ status: 200, headers: [['content-length', '9']], body }, ['uri']);
  if (answer.kind !== 'upstream') throw new Error('not passed on');
  const sent = await text(answer.body);
  expect([sent, answer.headers]).toEqual([`{"uri":"${mask}"}`, [['content-length', String(sent.length)]]]);
});
