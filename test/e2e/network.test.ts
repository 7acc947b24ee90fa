// What the agent's network looks like from its side: model APIs pass unread, its own servers need no proxy, and nothing
// of this machine is reached through the proxy, however it is spelt. On loopback only: every other address is refused
// before a packet leaves.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labAuthority } from '../../src/lab/authority.ts';
import { clientVariables, shellExports } from '../../src/lab/client-variables.ts';
import { labAgent } from '../../src/lab/visitor-policy.ts';
import { ownAddresses } from '../../src/platform/addresses.ts';
import { type Bench, human, startBench } from './bench.ts';
import { run, until } from './processes.ts';

const modelHost = 'api.anthropic.com';
const bodyBytes = 20 * 1024 * 1024;

let bench: Bench;
let folder = '';
let modelCa = '';
let servers: readonly Server[] = [];
let ownPort = 0;
/** What the model API saw: path, bytes and their digest. */
const received: { readonly path: string; readonly bytes: number; readonly sha256: string }[] = [];
let hanging = 0;

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-net-'));
  const authority = labAuthority([modelHost], Date.now());
  const leaf = authority.certificates[modelHost];
  const model = createHttpsServer({ cert: leaf?.certPem, key: leaf?.keyPem }, (request, response) => {
    if (request.url === '/hang') {
      hanging += 1;
      request.socket.once('close', () => {
        hanging -= 1;
      });
      return;
    }
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      hash.update(part);
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', bytes, sha256: hash.digest('hex') });
      response.end('model');
    });
  });
  const own = createHttpServer((_request, response) => response.end('own server'));
  servers = [model, own];
  const modelPort = await listen(model);
  ownPort = await listen(own);
  modelCa = join(folder, 'model-ca.pem');
  writeFileSync(modelCa, authority.caPem);
  const route = { address: '127.0.0.1', port: modelPort, ca: null };
  bench = await startBench({
    seed: 2,
    delay: '1s',
    wait: '0s',
    leave: 'anywhere',
    upstream: (host, port) => (host === modelHost && port === 443 ? route : null),
  });
});

afterAll(async () => {
  await bench.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

const basic = () => {
  const { username, password } = new URL(bench.proxyUrl);
  return Buffer.from(`${username}:${password}`).toString('base64');
};

/** Sends bytes to the proxy and reads until it closes; after a 200 to CONNECT, `inner` follows. */
function raw(first: string, inner: string | null = null): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(bench.instance.proxyPort, '127.0.0.1', () => socket.write(first));
    let text = '';
    let sent = inner === null;
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      if (sent || !text.includes('\r\n\r\n')) return;
      sent = true;
      if (text.startsWith('HTTP/1.1 200')) socket.write(inner ?? '');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

const authorization = () => `Proxy-Authorization: Basic ${basic()}\r\n`;
const viaConnect = (target: string, path: string) =>
  raw(
    `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization()}\r\n`,
    `GET ${path} HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n\r\n`,
  );
const viaAbsolute = (target: string, path: string) =>
  raw(`GET http://${target}${path} HTTP/1.1\r\nHost: ${target}\r\n${authorization()}Connection: close\r\n\r\n`);

describe('a model API, from a fresh start', () => {
  const post = (ca: string, path: string, file: string) =>
    run('curl', [
      '-sS',
      '-x',
      bench.proxyUrl,
      '--cacert',
      ca,
      '--data-binary',
      `@${file}`,
      `https://${modelHost}${path}`,
    ]);

  it('takes 20 MB unread, under its own certificate', async () => {
    const file = join(folder, 'prompt.bin');
    const mark = randomBytes(16).toString('hex');
    const body = Buffer.concat([Buffer.from(mark), randomBytes(bodyBytes - 32)]);
    writeFileSync(file, body);
    const sent = await post(modelCa, `/v1/messages?mark=${mark}`, file);
    expect([sent.code, sent.out], sent.err).toEqual([0, 'model']);
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(received).toEqual([{ path: `/v1/messages?mark=${mark}`, bytes: bodyBytes, sha256 }]);
    const journal = JSON.stringify(await bench.instance.control.events({ limit: 10_000 }));
    expect(journal).not.toContain(mark);
    expect(journal).not.toContain('/v1/messages');
  });

  it("does not show the gateway's certificate: its bundle alone does not trust the server", async () => {
    const sent = await post(bench.instance.bundleFile, '/v1/messages', modelCa);
    expect(sent.code).toBe(60);
    expect(received.length).toBe(1);
  });

  it('is cut off by freeze while it runs', async () => {
    const running = post(modelCa, '/hang', modelCa);
    await until(() => (hanging === 1 ? true : null));
    await bench.instance.control.freeze(labAgent, human);
    expect((await running).code).not.toBe(0);
    await until(() => (hanging === 0 ? true : null));
    const refused = await post(modelCa, '/v1/messages', modelCa);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('403');
    expect(received.length).toBe(1);
  });
});

describe('this machine, through the proxy', () => {
  beforeAll(async () => {
    await bench.instance.system.happen({ kind: 'thawed', agent: labAgent }, { agent: labAgent, by: human }, labAgent);
  });

  const spellings = [
    '127.0.0.1',
    '127.0.0.2',
    '127.1',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '2130706433',
    '127.0.0.1.',
    '0.0.0.0',
    '0',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'holdpoint.localhost',
    'a.b.localhost',
    'ip6-localhost',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    'user@127.0.0.1',
    '127.0.0.1%2f',
    '１２７.0.0.1',
  ];

  it('is there for the human who asks directly', async () => {
    const direct = await fetch(`http://127.0.0.1:${bench.instance.controlPort}/healthz`);
    expect([direct.status, await direct.text()]).toEqual([200, '{"ok":true}']);
  });

  it.each(spellings)('the control port as %s is not reached', async (host) => {
    const target = `${host}:${bench.instance.controlPort}`;
    for (const answer of [await viaConnect(target, '/healthz'), await viaAbsolute(target, '/healthz')]) {
      expect(answer).not.toContain('{"ok":true}');
      const last = answer.split(/(?=HTTP\/1\.1 )/).at(-1) ?? '';
      expect(last, answer).toMatch(/^HTTP\/1\.1 (400|403|502) /);
    }
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433'])(
    "the agent's own server as %s is not reached",
    async (host) => {
      const target = `${host}:${ownPort}`;
      for (const answer of [await viaConnect(target, '/'), await viaAbsolute(target, '/')]) {
        expect(answer).not.toContain('own server');
      }
    },
  );

  const metadata = [
    '169.254.169.254',
    '169.254.1.1',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '[::ffff:169.254.169.254]',
    '2852039166',
    '0xa9fea9fe',
    '224.0.0.1',
    '255.255.255.255',
  ];

  it.each(metadata)('link-local, metadata and such as %s are not reached', async (host) => {
    for (const answer of [await viaConnect(`${host}:80`, '/latest'), await viaAbsolute(host, '/latest')]) {
      expect(answer).toMatch(/^HTTP\/1\.1 (400|403) /);
    }
  });

  it('its other own addresses are not reached', async () => {
    const own = ownAddresses();
    expect(own).toContain('127.0.0.1');
    for (const address of own) {
      const host = address.includes(':') ? `[${address}]` : address;
      expect(await viaConnect(`${host}:${bench.instance.controlPort}`, '/healthz')).toMatch(/^HTTP\/1\.1 403 /);
    }
  });
});

describe('a client without the right token', () => {
  const wrong = Buffer.from(`${labAgent}:wrong`).toString('base64');
  const sent = [
    ['none', ''],
    ['a wrong one', `Proxy-Authorization: Basic ${wrong}\r\n`],
    ['another scheme', 'Proxy-Authorization: Bearer wrong\r\n'],
  ] as const;

  it.each(sent)('gets 407 for CONNECT and absolute-form alike: %s', async (_name, header) => {
    const host = 'backboard.railway.app';
    const byConnect = await raw(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n${header}\r\n`);
    const byForm = await raw(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${header}Connection: close\r\n\r\n`);
    for (const answer of [byConnect, byForm]) {
      expect(answer).toMatch(/^HTTP\/1\.1 407 /);
      expect(answer).toMatch(/^proxy-authenticate: basic/im);
    }
  });
});

describe('holdpoint.env', () => {
  it("lets the agent's own servers be reached without the proxy", async () => {
    const { proxyUrl, instance } = bench;
    const options = { proxyUrl, bundleFile: instance.bundleFile, wgetrc: '/dev/null', placeholders: {} };
    writeFileSync(join(folder, 'holdpoint.env'), shellExports(clientVariables(options)));
    const lines = (host: string, before: string) => [
      `. ${folder}/holdpoint.env`,
      before,
      `curl -sS http://${host}:${ownPort}/`,
    ];
    for (const host of ['localhost', '127.0.0.1']) {
      const direct = await run('sh', ['-c', lines(host, '').join('\n')]);
      expect([direct.code, direct.out], direct.err).toEqual([0, 'own server']);
      // The same without the exception goes to the proxy, and no further.
      const proxied = await run('sh', ['-c', lines(host, 'unset NO_PROXY no_proxy').join('\n')]);
      expect(proxied.out).not.toContain('own server');
    }
  });
});
