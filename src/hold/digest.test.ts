// Two digests with opposite aims: what a yes is bound to changes with everything; the retry key stays the same for two
// sendings of one request, and for nothing more than that.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionContent } from '../action/action.ts';
import type { OutgoingRequest } from '../action/request.ts';
import { digestInputOf, heldHold, volumeDeleteRequest } from '../testing/release-case.ts';
import { type DigestInput, holdDigest, retryKey } from './digest.ts';

const input = digestInputOf(heldHold());
const http = (parts: Partial<OutgoingRequest>): ActionContent => ({
  kind: 'http',
  request: { ...volumeDeleteRequest, ...parts },
});
const key = (parts: Partial<OutgoingRequest> = {}) => retryKey('cursor', 'http', http(parts));
const plus = (...more: readonly (readonly [string, string])[]) => ({
  headers: [...volumeDeleteRequest.headers, ...more],
});

/** Ways in which a request can differ that matter to whoever receives it. */
const otherRequests: readonly [string, Partial<OutgoingRequest>][] = [
  ['method', { method: 'PUT' }],
  ['scheme', { scheme: 'http' }],
  ['host', { host: 'backboard.railway.com' }],
  ['port', { port: 8443 }],
  ['path', { path: '/graphql/v3' }],
  ['query', { path: '/graphql/v2?x=1' }],
  ['one body byte', { body: Buffer.concat([volumeDeleteRequest.body, Buffer.from(' ')]) }],
  ['an empty body', { body: new Uint8Array(0) }],
  ['a header more', plus(['x-force', 'true'])],
  ['a header twice', plus(['content-type', 'application/json'])],
  ['a header less', { headers: volumeDeleteRequest.headers.slice(1) }],
  ['the order of headers', { headers: [...volumeDeleteRequest.headers].reverse() }],
  [
    'another placeholder',
    {
      headers: [
        ['authorization', 'Bearer hp_railway_other'],
        ['content-type', 'application/json'],
      ],
    },
  ],
  [
    'two headers in one',
    {
      headers: [
        ['authorization', 'Bearer hp_railway_placeholder,content-type'],
        ['application', 'json'],
      ],
    },
  ],
  ['an idempotency key', plus(['idempotency-key', '1'])],
  ['a cookie', plus(['cookie', 'a=1'])],
];

describe('holdDigest', () => {
  const { material } = input;
  it.each<[string, Partial<DigestInput>]>([
    ['agent', { agent: 'other' }],
    ['grant', { grantDigest: 'f'.repeat(64) }],
    ['policy', { policyDigest: 'f'.repeat(64) }],
    ['channel', { channel: 'sdk' }],
    ['credential', { credential: 'other' }],
    ['no credential', { credential: null }],
    ['operation', { material: { ...material, operation: 'x' } }],
    ['resources', { material: { ...material, resources: [] } }],
    ['environments', { material: { ...material, environments: ['staging'] } }],
    ['recovery', { material: { ...material, recovery: 'undo' } }],
    ['bypass', { material: { ...material, bypass: ['force=true'] } }],
    ['bytes', { material: { ...material, bytesMax: 1 } }],
    ['rows not known or none', { material: { ...material, rowsMax: 0 } }],
    ['backups', { material: { ...material, backupsMax: 1 } }],
    ['safeguards', { safeguards: input.safeguards.slice(1) }],
    ['the delay', { safeguards: [{ kind: 'delay', delayMs: 1 }, ...input.safeguards.slice(1)] }],
    ['content of another kind', { content: { kind: 'sql', sql: 'drop table x' } }],
    ...otherRequests.map(([what, parts]) => [what, { content: http(parts) }] as [string, Partial<DigestInput>]),
    ['a header that the retry key leaves out', { content: http(plus(['user-agent', 'x'])) }],
  ])('changes with %s', (_what, parts) => {
    expect(holdDigest({ ...input, ...parts })).not.toBe(holdDigest(input));
  });

  it('is the same for the same, whatever the order of members', () => {
    const turned = Object.fromEntries(Object.entries(input).reverse()) as unknown as DigestInput;
    expect(holdDigest(turned)).toBe(holdDigest(input));
  });

  it('throws rather than digest what has no canonical form', () => {
    expect(() => holdDigest({ ...input, agent: '\ud800' })).toThrow(TypeError);
    expect(() => holdDigest({ ...input, material: { ...material, bytesMax: Number.NaN } })).toThrow(TypeError);
  });
});

describe('retryKey', () => {
  it.each(otherRequests)('changes with %s', (_what, parts) => {
    expect(key(parts)).not.toBe(key());
  });

  it('changes with the agent, the channel and the kind of content', () => {
    const keys = [
      retryKey('cursor', 'http', http({})),
      retryKey('claude', 'http', http({})),
      retryKey('cursor', 'sdk', http({})),
      retryKey('cursor', 'sql', { kind: 'sql', sql: 'drop table x' }),
      retryKey('cursor', 'sql', { kind: 'sql', sql: 'drop table y' }),
      retryKey('cursor', 'shell', { kind: 'shell', command: 'drop table x' }),
      retryKey('cursor', 'mcp', { kind: 'mcp', tool: 'x', annotations: null, arguments: null }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['date', 'Sun, 22 Nov 2026 15:00:00 GMT'],
    ['user-agent', 'curl/8.14.1'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['x-request-id', '42'],
    ['amz-sdk-invocation-id', '9b0b'],
    ['sentry-trace', 'd-1'],
    ['signature', 'sig1=:AAAA:'],
    ['signature-input', 'sig1=();created=1'],
    ['holdpoint-reason', 'because'],
    ['content-length', '71'],
  ])('does not change with %s', (name, value) => {
    expect(key(plus([name, value]))).toBe(key());
  });

  it('does not change with the day and the signature of SigV4, but with the key that signs', () => {
    const signed = (id: string, day: string, signature: string) =>
      key({
        headers: [
          [
            'authorization',
            `AWS4-HMAC-SHA256 Credential=${id}/${day}/eu-central-1/rds/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature.repeat(64)}`,
          ],
        ],
      });
    expect(signed('hpaws1', '20260424', 'a')).toBe(signed('hpaws1', '20260425', 'b'));
    expect(signed('hpaws1', '20260424', 'a')).not.toBe(signed('hpaws2', '20260424', 'a'));
    expect(key({ headers: [['authorization', 'Bearer a']] })).not.toBe(
      key({ headers: [['authorization', 'Bearer b']] }),
    );
  });
});

describe('retryKey and multipart', () => {
  const form = (boundary: string, content: string, type = `multipart/form-data; boundary=${boundary}`) =>
    key({
      headers: [['content-type', type]],
      body: Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n${content}\r\n--${boundary}\r\n\r\n2\r\n--${boundary}--\r\n`,
      ),
    });

  it('does not change with the boundary, quoted or not', () => {
    expect(form('----x1', 'hello')).toBe(form('----y2', 'hello'));
    expect(form('x', 'hello', 'multipart/form-data; boundary="x"')).toBe(
      form('y', 'hello', 'multipart/form-data; boundary="y"'),
    );
    expect(form("a'()+_,-./:=?", 'hello')).toBe(form('z', 'hello'));
  });

  it.each<[string, string, string, string]>([
    ['x', 'hello', 'y', 'hullo'],
    // Replacing the boundary's text everywhere would make these two bodies one.
    ['x', 'x', 'y', 'y'],
    ['x', 'x', 'boundary', 'boundary'],
    ['e', 'hello', 'l', 'hello world'],
    ['x', 'a\r\n\r\n--x', 'y', 'a\r\n\r\n--y z'],
  ])('changes with the content: %s %j, %s %j', (boundary, content, other, otherContent) => {
    expect(form(boundary, content)).not.toBe(form(other, otherContent));
  });

  it('sees the difference between a part that ends and a form that ends', () => {
    const of = (body: string) =>
      key({ headers: [['content-type', 'multipart/mixed; boundary=b']], body: Buffer.from(body) });
    expect(of('--b\r\n1\r\n--b--\r\n2\r\n')).not.toBe(of('--b\r\n1\r\n--b\r\n2\r\n'));
    expect(of('--b\r\n1')).not.toBe(of('1\r\n--b\r\n'));
    expect(of('')).not.toBe(of('--b'));
  });

  it('does not join a request with two content types', () => {
    const two = (boundary: string) =>
      key({
        headers: [
          ['content-type', 'application/json'],
          ['content-type', `multipart/mixed; boundary=${boundary}`],
        ],
      });
    expect(two('a')).not.toBe(two('b'));
  });

  it('is different for different parts, whatever boundaries carry them', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '-', '\r\n', '--a', '--b'), maxLength: 6 });
    fc.assert(
      fc.property(part, part, (one, other) => {
        // Neither part holds a delimiter of its own form, or it would be another form.
        fc.pre(!one.includes('--a') && !other.includes('--b'));
        expect(form('a', one) === form('b', other)).toBe(one === other);
      }),
    );
  });
});
