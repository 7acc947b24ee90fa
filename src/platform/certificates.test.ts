// Certificates as strangers see them: OpenSSL in strict mode, Python's ssl, Node and curl must all accept what we mint,
// and refuse it for another name.

import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../testing/http-lab.ts';
import { createCertificateAuthority, leafDaysMax, loadCertificateAuthority, type PemPair } from './certificates.ts';
import { HoldpointError } from './fault.ts';

const dayMs = 86_400_000;
const nowMs = () => Date.now();
const dir = mkdtempSync(join(tmpdir(), 'holdpoint-ca-'));
const pair = createCertificateAuthority({ name: 'Holdpoint – Prüfung', notBeforeMs: nowMs() - dayMs, days: 3650 });
const authority = loadCertificateAuthority(pair, { nowMs });
const caFile = join(dir, 'ca.pem');
writeFileSync(caFile, pair.certPem);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function verified(leaf: PemPair, ...more: readonly string[]): string {
  const file = join(dir, 'leaf.pem');
  writeFileSync(file, leaf.certPem);
  const run = spawnSync(
    'openssl',
    ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', caFile, ...more, file],
    {
      encoding: 'utf8',
    },
  );
  return run.stdout + run.stderr;
}

const names: readonly (readonly [host: string, check: string])[] = [
  ['api.example.test', '-verify_hostname'],
  ['xn--bcher-kva.test', '-verify_hostname'],
  [`${'a'.repeat(60)}.${'b'.repeat(60)}.example.test`, '-verify_hostname'],
  ['10.1.2.3', '-verify_ip'],
  ['2001:db8::1', '-verify_ip'],
  ['::ffff:7f00:1', '-verify_ip'],
];

describe('leaves', () => {
  it.each(names)('are accepted by OpenSSL for %s', (host, check) => {
    expect(verified(authority.leafFor(host), check, host)).toMatch(/: OK\n$/);
  });

  it('are refused for another name', () => {
    expect(verified(authority.leafFor('api.example.test'), '-verify_hostname', 'other.test')).toContain('mismatch');
    expect(verified(authority.leafFor('10.1.2.3'), '-verify_ip', '10.1.2.4')).toContain('mismatch');
  });

  it('live at most 397 days, carry long serials that never repeat, and name their authority', () => {
    const leaves = Array.from({ length: 50 }, () => new X509Certificate(authority.leafFor('a.test').certPem));
    expect(new Set(leaves.map((leaf) => leaf.serialNumber)).size).toBe(50);
    for (const leaf of leaves) {
      expect(leaf.serialNumber).toHaveLength(32);
      expect((leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / dayMs).toBeLessThanOrEqual(leafDaysMax);
      expect(leaf.ca).toBe(false);
      expect(leaf.checkIssued(new X509Certificate(pair.certPem))).toBe(true);
    }
  });

  it('never outlive their authority', () => {
    const short = createCertificateAuthority({ name: 'Short', notBeforeMs: nowMs(), days: 3 });
    const leaf = new X509Certificate(loadCertificateAuthority(short, { nowMs }).leafFor('a.test').certPem);
    const ca = new X509Certificate(short.certPem);
    expect(leaf.validToDate.getTime()).toBeLessThanOrEqual(ca.validToDate.getTime());
    expect(leaf.validFromDate.getTime()).toBeGreaterThanOrEqual(ca.validFromDate.getTime());
  });

  it('are dated in GeneralizedTime from 2050 on', () => {
    const later = Date.UTC(2051, 0, 1);
    const late = createCertificateAuthority({ name: 'Late', notBeforeMs: later, days: 100 });
    expect(new X509Certificate(late.certPem).validFromDate.getTime()).toBe(later);
  });
});

describe('the authority', () => {
  it('may sign leaves and nothing below', () => {
    const text = spawnSync('openssl', ['x509', '-in', caFile, '-noout', '-text'], { encoding: 'utf8' }).stdout;
    expect(text).toContain('CA:TRUE, pathlen:0');
    expect(text).toContain('Certificate Sign, CRL Sign');
    expect(text).toContain('ASN1 OID: prime256v1');
  });

  const stranger = createCertificateAuthority({ name: 'Stranger', notBeforeMs: nowMs(), days: 3 });
  const leaf = authority.leafFor('a.test');
  const unusable: readonly (readonly [what: string, pair: PemPair, atMs: number])[] = [
    ['a key of another', { certPem: pair.certPem, keyPem: stranger.keyPem }, nowMs()],
    ['a leaf', leaf, nowMs()],
    ['no PEM', { certPem: 'x', keyPem: 'y' }, nowMs()],
    ['an expired one', stranger, nowMs() + 4 * dayMs],
  ];
  it.each(unusable)('is not loaded from %s', (_what, given, atMs) => {
    const load = () => loadCertificateAuthority(given, { nowMs: () => atMs });
    expect(load).toThrow(HoldpointError);
    expect(load).toThrow(/certificate authority cannot be used/);
  });
});

describe('clients that trust the authority', () => {
  const leaf = authority.leafFor('localhost');
  const server = createServer({ key: leaf.keyPem, cert: leaf.certPem }, (_request, response) => response.end('hello'));
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('curl', async () => {
    const ran = await runProgram('/usr/bin/curl', ['-sS', '--cacert', caFile, `https://localhost:${port}/`]);
    expect(ran).toEqual({ code: 0, out: 'hello', err: '' });
  });

  it('Node', async () => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: pair.certPem });
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it("Python's ssl, with its strict flag", async () => {
    const script = [
      'import socket, ssl, sys',
      'context = ssl.create_default_context(cafile=sys.argv[1])',
      'context.verify_flags |= ssl.VERIFY_X509_STRICT',
      'raw = socket.create_connection(("127.0.0.1", int(sys.argv[2])))',
      'secure = context.wrap_socket(raw, server_hostname="localhost")',
      'print(secure.version())',
    ].join('\n');
    const ran = await runProgram('/usr/bin/python3', ['-c', script, caFile, String(port)]);
    expect(ran.err).toBe('');
    expect(ran.out).toMatch(/^TLSv1\.[23]\n$/);
  });

  it('but not a client that does not trust it', async () => {
    const ran = await runProgram('/usr/bin/curl', ['-sS', `https://localhost:${port}/`]);
    expect(ran.code).toBe(60);
  });
});
