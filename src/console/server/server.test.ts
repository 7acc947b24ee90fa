// The control port through a real socket: who is let in, what is refused and journalled, and that no route is undeclared.

import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeControl, type FakeControlParts, fakeControl, sampleEvent } from '../../testing/fake-control.ts';
import { routes } from './routes.ts';
import { type ControlServer, controlApp, startControlServer } from './server.ts';

const token = 'control-token-of-this-test';
const agentToken = 'token-of-an-agent';
const open: ControlServer[] = [];

async function start(parts: FakeControlParts = {}): Promise<{ fake: FakeControl; port: number }> {
  const fake = fakeControl(parts);
  const isAgentToken = (text: string) => text === agentToken;
  const server = await startControlServer(fake, { host: '127.0.0.1', port: 0, token, lab: true, isAgentToken });
  open.push(server);
  return { fake, port: server.port };
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

// node:http, because fetch does not let a test choose Host.
function send(port: number, { method = 'GET', path, headers = {}, body = '' }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { host: `127.0.0.1:${port}`, ...headers },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    outgoing.end(body);
  });
}

const bearer = { authorization: `Bearer ${token}` };
const json = { ...bearer, 'content-type': 'application/json' };
const submission = {
  human: 'ada',
  digest: 'aa'.repeat(32),
  nonce: 'ab'.repeat(16),
  signature: 'cc'.repeat(64),
  totp: '123456',
  typedName: null,
};

describe('the table of routes', () => {
  it('declares every route of the app, and each one once', () => {
    const door = {
      control: fakeControl(),
      options: { host: '', port: 1, token, lab: false, isAgentToken: () => false },
      attempts: { note: () => {}, flush: () => {} },
      closed: new AbortController().signal,
      boundPort: () => 1,
    };
    const served = controlApp(door)
      .routes.filter((route) => route.method !== 'ALL')
      .map((route) => `${route.method} ${route.path}`);
    const declared = routes.map((route) => `${route.method} ${route.path}`);
    expect(served.length).toBeGreaterThan(20);
    expect(served.toSorted()).toEqual([...new Set(declared)].toSorted());
  });

  it('lets only health be public', () => {
    expect(routes.filter((route) => route.access === 'public').map((route) => route.path)).toEqual([
      '/healthz',
      '/readyz',
    ]);
  });

  it.each(routes.filter((route) => route.access === 'widening').map((route) => [route.path]))(
    'takes no widening without a factor: %s',
    async (path) => {
      const { fake, port } = await start();
      const body = JSON.stringify({ agent: null, host: 'a.example', text: '', input: {}, happened: 'happened' });
      for (const each of [body, '{}', '']) {
        expect(
          (await send(port, { method: 'POST', path: path.replace(':id', 'hold_7'), headers: json, body: each })).status,
        ).toBe(400);
      }
      expect(fake.calls).toEqual([]);
    },
  );

  it.each(routes.filter((route) => route.access !== 'public').map((route) => [route.method, route.path] as const))(
    'answers nobody without the control token: %s %s',
    async (method, path) => {
      const { fake, port } = await start();
      const answer = await send(port, { method, path: path.replace(/:\w+/, 'x'), body: method === 'GET' ? '' : '{}' });
      expect(answer.status).toBe(401);
      expect(fake.calls).toEqual([]);
      expect(fake.attempts).toEqual([{ route: path, why: 'no-control-token', peerUid: process.getuid?.() ?? null }]);
    },
  );
});

describe('admission', () => {
  it.each<[string, Sent, number, string | null]>([
    ['the owner', { path: '/api/status', headers: bearer }, 200, null],
    ['a wrong token', { path: '/api/status', headers: { authorization: 'Bearer x' } }, 401, 'wrong-control-token'],
    [
      "an agent's token",
      { path: '/api/status', headers: { authorization: `Bearer ${agentToken}` } },
      403,
      'agent-at-control-port',
    ],
    [
      "an agent's token as Basic",
      { path: '/api/holds', headers: { authorization: `Basic ${Buffer.from(`hp:${agentToken}`).toString('base64')}` } },
      403,
      'agent-at-control-port',
    ],
    ['a rebound name', { path: '/api/status', headers: { ...bearer, host: 'evil.example' } }, 421, 'foreign-host'],
    ['our name without port', { path: '/api/status', headers: { ...bearer, host: 'localhost' } }, 421, 'foreign-host'],
    [
      'a foreign page',
      { path: '/api/status', headers: { ...bearer, origin: 'http://localhost:3000' } },
      403,
      'foreign-origin',
    ],
    ['a sandboxed page', { path: '/api/status', headers: { ...bearer, origin: 'null' } }, 403, 'foreign-origin'],
    ['health on any loopback name', { path: '/healthz', headers: { host: 'x.localhost:1' } }, 200, null],
    ['health on a foreign name', { path: '/healthz', headers: { host: 'evil.example' } }, 421, 'foreign-host'],
    [
      'a form',
      {
        method: 'POST',
        path: '/api/freeze',
        headers: { ...bearer, 'content-type': 'text/plain' },
        body: '{"agent":null}',
      },
      415,
      'not-json',
    ],
    ['no such route, no token', { path: '/api/nothing' }, 401, 'no-control-token'],
    ['no such route, owner', { path: '/api/nothing', headers: bearer }, 404, null],
    [
      'a body over the limit',
      { method: 'POST', path: '/api/policy/diff', headers: json, body: 'x'.repeat(262_145) },
      413,
      null,
    ],
    ['bytes that are not JSON', { method: 'POST', path: '/api/freeze', headers: json, body: '{"agent":' }, 400, null],
    [
      'an unknown key',
      { method: 'POST', path: '/api/freeze', headers: json, body: '{"agent":null,"all":1}' },
      400,
      null,
    ],
  ])('%s', async (_name, sent, status, journalled) => {
    const { fake, port } = await start();
    const answer = await send(port, sent);
    expect(answer.status).toBe(status);
    expect(fake.attempts.map((attempt) => attempt.why)).toEqual(journalled === null ? [] : [journalled]);
    expect(fake.calls).toEqual([]);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['holdpoint-instance']).toBe('lab');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('accepts each of its own names', async () => {
    const { port } = await start();
    for (const name of ['holdpoint.localhost', '127.0.0.1', 'localhost', '[::1]']) {
      const headers = { ...bearer, host: `${name}:${port}`, origin: `http://holdpoint.localhost:${port}` };
      expect((await send(port, { path: '/api/status', headers })).status).toBe(200);
    }
  });

  it('journals ten attempts of one kind a minute and counts the rest', async () => {
    const { fake, port } = await start();
    for (let n = 0; n < 25; n += 1) await send(port, { path: '/api/status' });
    expect(fake.attempts).toHaveLength(10);
    for (const server of open.splice(0)) await server.close();
    expect(fake.attempts.at(-1)).toEqual({
      route: 'several',
      why: 'no-control-token, and 15 more within a minute',
      peerUid: null,
    });
  });

  it('says 503 while the journal cannot be written', async () => {
    const { port } = await start({ writable: false });
    expect((await send(port, { path: '/readyz' })).status).toBe(503);
    expect((await send(port, { path: '/healthz' })).status).toBe(200);
  });
});

describe('what reaches the gateway', () => {
  it('passes an approval on as it came', async () => {
    const { fake, port } = await start();
    const body = JSON.stringify({ submission });
    const answer = await send(port, { method: 'POST', path: '/api/holds/hold_7/approve', headers: json, body });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).state).toEqual({ kind: 'delayed', untilMs: 600_000 });
    expect(fake.calls).toEqual([{ verb: 'approve', with: { id: 'hold_7', submission } }]);
  });

  it('journals a factor that did not convince, but not a hold that is closed', async () => {
    const why = { code: 'factor-wrong', what: 'w', why: 'w', next: 'n' };
    for (const [status, lines] of [
      [403, 1],
      [409, 0],
    ] as const) {
      const { fake, port } = await start({ approve: () => ({ ok: false, status, reason: why }) });
      const body = JSON.stringify({ submission });
      const answer = await send(port, { method: 'POST', path: '/api/holds/hold_7/approve', headers: json, body });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject(why);
      expect(fake.attempts).toHaveLength(lines);
    }
  });

  it('names the terminal and its uid as the one who denies', async () => {
    const { fake, port } = await start();
    await send(port, { method: 'POST', path: '/api/holds/hold_7/deny', headers: json, body: '{}' });
    expect(fake.calls).toEqual([{ verb: 'deny', with: { id: 'hold_7', by: `terminal of uid ${process.getuid?.()}` } }]);
  });

  it('answers 404 for a hold that is not there', async () => {
    const { port } = await start();
    expect((await send(port, { path: '/api/holds/none', headers: bearer })).status).toBe(404);
  });

  it('says nothing of a bug but that it is one', async () => {
    const { fake, port } = await start();
    fake.status = () => Promise.reject(new Error('secret words'));
    const answer = await send(port, { path: '/api/status', headers: bearer });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret words');
  });
});

describe('the event stream', () => {
  it('replays after the given event, then follows, each event once and in order', async () => {
    const { fake, port } = await start({ events: [1, 2, 3].map(sampleEvent) });
    const seen = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('error', reject);
      socket.on('data', (part) => {
        text += part.toString();
        if (text.includes('id: 3\n') && !text.includes('id: 4\n'))
          for (const seq of [3, 4, 5]) fake.emit(sampleEvent(seq));
        if (text.includes('id: 5\n')) {
          socket.destroy();
          resolve(text);
        }
      });
      socket.write(
        `GET /api/events/stream HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\nlast-event-id: 1\r\n\r\n`,
      );
    });
    expect([...seen.matchAll(/^id: (\d+)$/gm)].map((match) => match[1])).toEqual(['2', '3', '4', '5']);
  });

  it('ends with the server', async () => {
    const { port } = await start();
    const ended = new Promise<void>((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port,
        path: '/api/events/stream',
        headers: { ...bearer, host: `127.0.0.1:${port}` },
      });
      outgoing.on('response', (answer) => {
        answer.once('data', () => void open.splice(0)[0]?.close());
        answer.on('error', () => resolve());
        answer.on('end', () => resolve());
        answer.resume();
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
    await ended;
  });
});
