import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingRequest } from '../action/request.ts';
import type { CredentialPolicy } from '../authorize/grant.ts';
import { HoldpointError } from '../platform/fault.ts';
import { githubPage, railwayPage, testPages } from '../testing/provider-pages.ts';
import { type BrokerDeps, createBroker } from './broker.ts';
import { fingerprintOf } from './fingerprint.ts';

const placeholder = 'hp_railway_0123456789abcdef01234567';
const githubPlaceholder = 'hp_github_0123456789abcdef01234567';
const secret = ['5ec7e7aa', 'bbbb', '4ccc', '8ddd', 'eeeeeeeeeeee'].join('-');
const stray = ['57a9e7aa', 'bbbb', '4ccc', '8ddd', 'ffffffffffff'].join('-');
const strayGithub = ['ghp', 'x'.repeat(36)].join('_');
const credentials: readonly CredentialPolicy[] = [
  { id: 'railway', provider: 'railway', placeholder, purpose: 'deploy' },
  { id: 'github', provider: 'github', placeholder: githubPlaceholder, purpose: 'read' },
];
const deps: BrokerDeps = {
  credentials: () => credentials,
  pages: testPages,
  vault: { open: async () => secret, opened: () => secret },
  fingerprint: (literal) => fingerprintOf(Buffer.alloc(32, 1), literal),
};
const broker = createBroker(deps);

function request(change: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    scheme: 'https',
    host: 'backboard.railway.com',
    port: 443,
    path: '/graphql/v2',
    headers: [
      ['accept', '*/*'],
      ['authorization', `Bearer ${placeholder}`],
    ],
    body: Buffer.from('{"query":"{ me { id } }"}'),
    ...change,
  };
}
const withHeaders = (...headers: [string, string][]) => request({ headers });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const mayUse = ['railway', 'github'];
const use = (each: OutgoingRequest, page = railwayPage, granted = mayUse) => broker.inspect(each, page, granted);

describe('inspect at a provider', () => {
  it.each<[string, OutgoingRequest, string]>([
    ['our placeholder in the slot', request(), 'placeholder'],
    ['in the other slot', withHeaders(['project-access-token', placeholder]), 'placeholder'],
    ['scheme in lower case', withHeaders(['authorization', `bearer ${placeholder}`]), 'placeholder'],
    ['nothing', withHeaders(['accept', '*/*']), 'absent'],
    ['a load balancer cookie', withHeaders(['cookie', '__cf_bm=abc; _cfuvid=def']), 'absent'],
    ['a stray token', withHeaders(['authorization', `Bearer ${stray}`]), 'stray'],
    ['a stray token in the other slot', withHeaders(['project-access-token', stray]), 'stray'],
    ['a stray token in a usual header', withHeaders(['x-api-key', 'whatever-it-is']), 'stray'],
    ["a stray token in a header of the provider's name", withHeaders(['x-railway-token', 'whatever-it-is']), 'stray'],
    ['a token parameter of no known shape', request({ path: '/graphql/v2?token=whatever-it-is' }), 'stray'],
    ['a header that is no sign-in', withHeaders(['x-csrf-token', 'whatever-it-is']), 'absent'],
    ['a session cookie', withHeaders(['cookie', `__cf_bm=abc; session=${stray}`]), 'stray'],
    [
      'a stray token beside our placeholder',
      request({ headers: [...request().headers, ['project-access-token', stray]] }),
      'stray',
    ],
    ['another scheme', withHeaders(['authorization', `Token ${stray}`]), 'stray'],
    ['Basic', withHeaders(['authorization', `Basic ${base64(`:${stray}`)}`]), 'stray'],
    ['a known shape in another header', withHeaders(['x-note', strayGithub]), 'stray'],
    ['a known shape in the body', request({ body: Buffer.from(`{"v":"${strayGithub}"}`) }), 'stray'],
    [
      'a known shape in a gzip body',
      request({ body: gzipSync(`{"v":"${strayGithub}"}`), headers: [['content-encoding', 'gzip']] }),
      'stray',
    ],
    ['a UUID by its name in the body', request({ body: Buffer.from(`{"RAILWAY_TOKEN":"${stray}"}`) }), 'stray'],
    ['a UUID by its name in the query', request({ path: `/x?RAILWAY_TOKEN=${stray}` }), 'stray'],
    ['a token parameter', request({ path: '/x?access_token=abc' }), 'stray'],
    ['a bare UUID, which may be an id', request({ body: Buffer.from(`{"id":"${stray}"}`) }), 'placeholder'],
    ['part of the value', withHeaders(['authorization', `Bearer x${placeholder}`]), 'refused'],
    ['more than the value', withHeaders(['authorization', `Bearer ${placeholder}, x`]), 'refused'],
    ['two spaces', withHeaders(['authorization', `Bearer  ${placeholder}`]), 'refused'],
    ['another scheme', withHeaders(['authorization', `Token ${placeholder}`]), 'refused'],
    ['no scheme', withHeaders(['authorization', placeholder]), 'refused'],
    ['in Basic', withHeaders(['authorization', `Basic ${base64(`user:${placeholder}`)}`]), 'refused'],
    ['in another header', withHeaders(['x-note', placeholder]), 'refused'],
    ['in a cookie', withHeaders(['cookie', `t=${placeholder}`]), 'refused'],
    ['in the body', request({ body: Buffer.from(`{"t":"${placeholder}"}`) }), 'refused'],
    ['in a gzip body', request({ body: gzipSync(placeholder), headers: [['content-encoding', 'gzip']] }), 'refused'],
    ['in base64 in the body', request({ body: Buffer.from(`{"t":"${base64(`u:${placeholder}`)}"}`) }), 'refused'],
    ['in the path', request({ path: `/x/${placeholder}` }), 'refused'],
    ['percent-encoded in the query', request({ path: `/x?t=${placeholder.replaceAll('_', '%5F')}` }), 'refused'],
    ['a placeholder that nobody issued', withHeaders(['authorization', `Bearer ${placeholder}99`]), 'refused'],
    ['the placeholder of another provider', withHeaders(['authorization', `Bearer ${githubPlaceholder}`]), 'refused'],
    ['twice', request({ headers: [...request().headers, ...request().headers] }), 'refused'],
    ['in both slots', request({ headers: [...request().headers, ['project-access-token', placeholder]] }), 'refused'],
    ['in the clear', request({ scheme: 'http', port: 80 }), 'refused'],
    ['in the clear on the TLS port', request({ scheme: 'http' }), 'refused'],
    ['at another port', request({ port: 8443 }), 'refused'],
    ['at a tenant host', request({ host: 'app.up.railway.app' }), 'refused'],
    ['at a host that looks alike', request({ host: 'backboard.railway.com.evil.example' }), 'refused'],
  ])('%s', (_name, each, want) => {
    expect(use(each).kind).toBe(want);
  });

  it("never feeds a tenant's host, even below a suffix that the page governs", () => {
    const wide = { ...railwayPage, hosts: ['*.railway.example'], tenantHosts: ['*.up.railway.example'] };
    const at = (host: string) => createBroker({ ...deps, pages: [wide] }).inspect(request({ host }), wide, mayUse).kind;
    expect(at('api.railway.example')).toBe('placeholder');
    expect(at('app.up.railway.example')).toBe('refused');
  });

  it('refuses a placeholder that the grant does not list', () => {
    const answer = use(request(), railwayPage, ['github']);
    expect(answer).toMatchObject({ kind: 'refused', reason: { code: 'credential-not-granted' } });
  });

  it('names the slot, the kind and the literal that lies in a file', () => {
    expect(use(withHeaders(['authorization', `Bearer ${stray}`]))).toEqual({
      kind: 'stray',
      fingerprint: fingerprintOf(Buffer.alloc(32, 1), stray),
      tokenKind: 'account-token or project-token',
      slot: 'authorization',
      literal: stray,
    });
    expect(use(withHeaders(['authorization', `Basic ${base64(`me:${strayGithub}`)}`]), githubPage)).toMatchObject({
      tokenKind: 'classic',
      literal: strayGithub,
    });
  });
});

describe('inspect at any other host', () => {
  const other = (headers: [string, string][], change: Partial<OutgoingRequest> = {}) =>
    broker.inspect(request({ host: 'docs.example', headers, ...change }), null, mayUse);
  it.each<[string, ReturnType<typeof other>, string]>([
    ['nothing', other([]), 'absent'],
    ['its own sign-in', other([['authorization', 'Bearer of-this-site']]), 'carried'],
    ['a session cookie', other([['cookie', 'session=1']]), 'carried'],
    ["a provider's token", other([['authorization', `Bearer ${strayGithub}`]]), 'stray'],
    ["a provider's token in the body", other([], { body: Buffer.from(strayGithub) }), 'stray'],
    ['our placeholder', other([['authorization', `Bearer ${placeholder}`]]), 'refused'],
    ['our placeholder in the body', other([], { body: Buffer.from(placeholder) }), 'refused'],
  ])('%s', (_name, answer, want) => {
    expect(answer.kind).toBe(want);
  });
});

describe('inject', () => {
  it('changes the one header and nothing else', async () => {
    const sent = await broker.inject(request(), 'railway', railwayPage);
    expect(sent).toEqual({
      ...request(),
      headers: [
        ['accept', '*/*'],
        ['authorization', `Bearer ${secret}`],
      ],
    });
  });

  it.each<[string, OutgoingRequest, string]>([
    ['no placeholder', withHeaders(['accept', '*/*']), 'railway'],
    ['another credential', request(), 'github'],
    ['an unknown credential', request(), 'gone'],
    ['a tenant host', request({ host: 'app.up.railway.app' }), 'railway'],
    ['plain HTTP', request({ scheme: 'http', port: 80 }), 'railway'],
    ['a misplaced one as well', request({ path: `/${placeholder}` }), 'railway'],
  ])('throws with %s', async (_name, each, credential) => {
    await expect(broker.inject(each, credential, railwayPage)).rejects.toMatchObject({
      code: 'credential-not-injected',
    });
  });
});

describe('answers', () => {
  const masked = async (body: Buffer, headers: [string, string][] = []) =>
    (await buffer(broker.maskBody(Readable.from([body]), headers, 'railway'))).toString('latin1');
  const text = `{"token":"${secret}"}`;

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['no encoding', (bytes) => bytes, 'identity'],
    ['gzip', (bytes) => gzipSync(bytes), 'gzip'],
    ['deflate', (bytes) => deflateSync(bytes), 'deflate'],
    ['br', (bytes) => brotliCompressSync(bytes), 'br'],
    ['zstd', (bytes) => zstdCompressSync(bytes), 'zstd'],
    ['two encodings', (bytes) => gzipSync(brotliCompressSync(bytes)), 'br, gzip'],
  ])('are masked under %s', async (_name, encode, encoding) => {
    expect(await masked(encode(Buffer.from(text)), [['Content-Encoding', encoding]])).toBe(
      `{"token":"${placeholder}"}`,
    );
  });

  it('may be empty under an encoding (HEAD, 304)', async () => {
    const empty = broker.maskBody(Readable.from([]), [['content-encoding', 'gzip']], 'railway');
    expect((await buffer(empty)).length).toBe(0);
  });

  it('fail where they cannot be searched or are broken', async () => {
    const unread = Readable.from(['x']);
    expect(() => broker.maskBody(unread, [['content-encoding', 'compress']], 'railway')).toThrow(HoldpointError);
    expect(unread.destroyed).toBe(true);
    await expect(masked(Buffer.from('not gzip'), [['content-encoding', 'gzip']])).rejects.toThrow();
    await expect(masked(gzipSync(text).subarray(0, 20), [['content-encoding', 'gzip']])).rejects.toThrow();
  });

  it('lose the headers that no longer fit, and the secret in any', () => {
    const headers = broker.maskHeaders(
      [
        ['Content-Length', '9'],
        ['content-encoding', 'gzip'],
        ['location', `/?t=${encodeURIComponent(secret)}`],
        ['x-plain', 'stays'],
      ],
      'railway',
    );
    expect(headers).toEqual([
      ['location', `/?t=${placeholder}`],
      ['x-plain', 'stays'],
    ]);
  });

  it('are not passed on when the secret is not open', () => {
    const closed = createBroker({
      credentials: () => credentials,
      pages: testPages,
      vault: { open: async () => secret, opened: () => null },
      fingerprint: () => 'fp:0',
    });
    expect(() => closed.maskHeaders([], 'railway')).toThrow(HoldpointError);
  });
});

describe('properties', () => {
  const name = fc.constantFrom(
    'accept',
    'x-note',
    'authorization',
    'project-access-token',
    'cookie',
    'x-api-key',
    'content-type',
  );
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(
      placeholder,
      `Bearer ${placeholder}`,
      `Bearer ${githubPlaceholder}`,
      stray,
      `Bearer ${stray}`,
      `Basic ${base64(`a:${placeholder}`)}`,
    ),
    fc.tuple(fc.string(), fc.string()).map(([a, b]) => `${a}${placeholder}${b}`),
  );
  const anyRequest = fc.record({
    headers: fc.array(fc.tuple(name, value), { maxLength: 4 }),
    path: fc.oneof(
      fc.constant('/graphql/v2'),
      value.map((each) => `/${each}`),
    ),
    host: fc.constantFrom('backboard.railway.com', 'app.up.railway.app', 'api.github.com', 'docs.example'),
    scheme: fc.constantFrom<'http' | 'https'>('https', 'http'),
    body: value.map((each) => Buffer.from(each)),
  });
  const pageOf = (host: string) =>
    host === 'docs.example' ? null : host === 'api.github.com' ? githubPage : railwayPage;

  it('pass a placeholder only as the whole value of one declared slot at its own host', () => {
    let passed = 0;
    fc.assert(
      fc.property(anyRequest, (change) => {
        const each = request({ ...change, port: change.scheme === 'https' ? 443 : 80 });
        const answer = broker.inspect(each, pageOf(each.host), mayUse);
        if (answer.kind !== 'placeholder') return;
        passed += 1;
        const own = answer.credential === 'railway' ? placeholder : githubPlaceholder;
        const carrying = each.headers.filter(([, text]) => text.includes('hp_'));
        expect(carrying).toHaveLength(1);
        expect(carrying[0]?.[1].replace(/^(bearer|token) /i, '')).toBe(own);
        expect(`${each.path}${Buffer.from(each.body).toString()}`).not.toContain('hp_');
        expect([each.scheme, each.host]).toEqual([
          'https',
          answer.credential === 'railway' ? 'backboard.railway.com' : 'api.github.com',
        ]);
      }),
      {
        numRuns: 3000,
        examples: [
          [
            {
              headers: [['authorization', `Bearer ${placeholder}`]],
              path: '/graphql/v2',
              host: 'backboard.railway.com',
              scheme: 'https',
              body: Buffer.alloc(0),
            },
          ],
        ],
      },
    );
    expect(passed).toBeGreaterThan(0);
  });

  it('let the secret out in nothing but the injected header', async () => {
    let injected = 0;
    await fc.assert(
      fc.asyncProperty(anyRequest, async (change) => {
        const each = request({ ...change, port: change.scheme === 'https' ? 443 : 80 });
        const page = pageOf(each.host);
        const answer = broker.inspect(each, page, mayUse);
        expect(JSON.stringify(answer)).not.toContain(secret);
        if (page === null) return;
        const sent = await broker.inject(each, 'railway', page).catch((error: unknown) => error);
        if (sent instanceof HoldpointError) {
          expect(`${sent.message}${JSON.stringify(sent.reason)}`).not.toContain(secret);
          return;
        }
        injected += 1;
        const out = sent as OutgoingRequest;
        expect(answer).toEqual({ kind: 'placeholder', credential: 'railway' });
        expect(out.headers.filter(([, text]) => text.includes(secret))).toHaveLength(1);
        expect({ ...out, headers: [] }).toEqual({ ...each, headers: [] });
      }),
      {
        numRuns: 1500,
        examples: [
          [
            {
              headers: [['project-access-token', placeholder]],
              path: '/graphql/v2',
              host: 'backboard.railway.com',
              scheme: 'https',
              body: Buffer.alloc(0),
            },
          ],
        ],
      },
    );
    expect(injected).toBeGreaterThan(0);
  });
});
