// The contract of `explain --jsonl`: exact fields, one answer per line, and what cannot be read is denied.

import { describe, expect, it } from 'vitest';
import { verdictOf } from '../cli/explain-verdict.ts';
import { pages } from '../providers/pages.ts';
import { explainLine } from './explain-line.ts';
import { loadReader } from './reader.ts';

const reader = await loadReader(pages);
const explain = (line: unknown) =>
  explainLine(typeof line === 'string' ? line : JSON.stringify(line), reader, verdictOf);
const railway = (query: string) => ({
  channel: 'http',
  method: 'POST',
  url: 'https://backboard.railway.com/graphql/v2',
  headers: null,
  body: JSON.stringify({ query }),
});

describe('explainLine', () => {
  it('answers with exactly these fields', () => {
    const answer = explain(railway('mutation { volumeDelete(volumeId: "v") }'));
    expect(Object.keys(answer)).toEqual(['effect', 'basis', 'recovery', 'aspects', 'operation', 'verdict', 'reasons']);
    expect(answer).toMatchObject({
      effect: 'destructive',
      basis: 'proven',
      recovery: 'unknown',
      aspects: [],
      operation: 'volumeDelete',
      verdict: 'hold',
    });
    expect(Object.keys(answer.reasons[0] ?? {})).toEqual(['what', 'why', 'next']);
  });

  it.each<[string, unknown, string, string]>([
    [
      'a read',
      { channel: 'http', method: 'GET', url: 'https://api.render.com/v1/services', headers: {} },
      'read',
      'allow',
    ],
    ['a write', railway('mutation { deploymentRestart(id: "d") }'), 'write', 'allow'],
    ['a new way in', railway('mutation { apiTokenCreate(input: {name: "x"}) }'), 'write', 'hold'],
    ['masked secrets', railway('{ variables(projectId: "p") }'), 'read', 'allow'],
    ['secrets without a mask', railway('{ environment(id: "e") { config(decryptVariables: true) } }'), 'read', 'hold'],
    ['SQL', { channel: 'sql', sql: 'drop table t' }, 'destructive', 'hold'],
    ['a command', { channel: 'shell', command: 'frobnicate --all now please' }, 'destructive', 'hold'],
    ['a tool', { channel: 'mcp', tool: 'list_things', annotations: null, arguments: null }, 'read', 'allow'],
    [
      'bytes in base64',
      {
        channel: 'http',
        method: 'POST',
        url: 'https://api.example.com/graphql',
        headers: { A: ['b', 'c'] },
        body: null,
        bodyBase64: Buffer.from('{"query":"{a}"}').toString('base64'),
      },
      'read',
      'allow',
    ],
    [
      'two readings',
      { channel: 'http', method: 'POST', url: 'https://api.example.com/x', body: '{"a":1,"a":2}' },
      'destructive',
      'deny',
    ],
  ])('%s', (_name, line, effect, verdict) => {
    expect(explain(line)).toMatchObject({ effect, verdict });
  });

  it.each<[string, unknown]>([
    ['no JSON', 'rm -rf /'],
    ['a list', []],
    ['an unknown channel', { channel: 'smtp', sql: 'select 1' }],
    ['a missing field', { channel: 'sql' }],
    ['a field of another type', { channel: 'sql', sql: 5 }],
    ['a duplicate field', '{"channel":"sql","sql":"select 1","sql":"drop table t"}'],
    ['two bodies', { channel: 'http', method: 'GET', url: 'https://a.example/', body: 'a', bodyBase64: 'YQ==' }],
    ['no URL', { channel: 'http', method: 'GET', url: 'a.example' }],
    ['a header that is no text', { channel: 'http', method: 'GET', url: 'https://a.example/', headers: { a: 1 } }],
  ])('denies %s', (_name, line) => {
    expect(explain(line)).toMatchObject({ effect: 'destructive', basis: 'assumed', verdict: 'deny' });
  });
});
