// Hosts that nobody has judged: plain reads pass, anything else is asked about once per agent and host, and a second
// request to the same host waits beside the first instead of asking again.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, startInstance } from '../../src/gateway/compose.ts';
import { realRules } from '../../src/gateway/rules.ts';
import { homeAt } from '../../src/platform/home.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-hosts-'));
const seen: string[] = [];
let upstream: Server;
let instance: Instance;
let proxyAuthorization = '';

beforeAll(async () => {
  upstream = createServer((asked, response) => {
    seen.push(`${asked.method} ${asked.url}`);
    response.end('here');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  instance = await startInstance({
    home: homeAt(join(root, 'home')),
    name: 'lab',
    proxyPort: 0,
    controlPort: 0,
    lab: {
      upstream: (host) => (host.endsWith('.example') ? { address: '127.0.0.1', port, ca: null } : null),
      leave: 'nowhere',
      rules: realRules,
      totp: 'asked',
    },
    notifier: { held: () => undefined, moved: () => undefined },
    taskOf: () => null,
    fault: () => undefined,
  });
  await instance.loadFirstPolicy(
    'agents: { a: { scopes: ["*:write"], environments: all, destructive: confirm } }\nwait: 0s\n',
    'test',
  );
  proxyAuthorization = `Bearer ${await instance.credentials.agentTokens.issue('a')}`;
});

afterAll(async () => {
  await instance.close();
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

function send(method: string, url: string, body = ''): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'proxy-authorization': proxyAuthorization, host: new URL(url).host };
    const sent = request({ host: '127.0.0.1', port: instance.proxyPort, method, path: url, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const open = () => instance.control.holds({ open: true, limit: 100 });

it('lets a plain read pass and asks once about the host for everything else', async () => {
  expect((await send('GET', 'http://one.example/page')).status).toBe(200);
  const first = await send('POST', 'http://one.example/notes', '{"text":"a"}');
  expect(first.status).toBe(423);
  const second = await send('POST', 'http://one.example/other', '{"text":"b"}');
  expect(second.status).toBe(423);
  expect(JSON.parse(second.text)).toMatchObject({ outcome: 'held', holdId: JSON.parse(first.text).holdId });
  expect(second.text).toContain('holdpoint host allow one.example');
  expect(await open()).toHaveLength(1);
  // Another host is another question.
  expect((await send('POST', 'http://two.example/notes', '{}')).status).toBe(423);
  expect(await open()).toHaveLength(2);
  expect(seen).toEqual(['GET /page']);
});

it('always asks about destruction by itself, and takes a no for the whole host', async () => {
  expect((await send('DELETE', 'http://one.example/notes/1')).status).toBe(423);
  const holds = await open();
  expect(holds).toHaveLength(3);
  const aboutHost = holds.find((hold) => hold.shown.url === 'http://one.example/notes');
  await instance.control.deny(aboutHost?.id ?? '', 'tester');
  const again = await send('POST', 'http://one.example/third', '{}');
  expect(again.status).toBe(403);
  expect(again.text).toContain('denied-by-human');
  expect(seen).toEqual(['GET /page']);
});
