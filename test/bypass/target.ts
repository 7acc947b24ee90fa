// What the bypass collection attacks: a whole instance in this process, the fake Railway behind it, and a hostile
// upstream that answers whatever a test wants. Requests go in as bytes, through the proxy port and real TLS.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { type Instance, startInstance } from '../../src/gateway/compose.ts';
import { realRules } from '../../src/gateway/rules.ts';
import { labAuthority } from '../../src/lab/authority.ts';
import { type FakeRailway, fakeHosts, startFakeRailway } from '../../src/lab/fake-railway/server.ts';
import type { World } from '../../src/lab/fake-railway/world.ts';
import { homeAt } from '../../src/platform/home.ts';

export const agent = 'bold-agent';
/** In the policy, with a grant that lists no credential. */
export const bareAgent = 'bare-agent';
/** The incident's host. */
export const railwayHost = 'backboard.railway.app';
/** Governed as Railway's, yet answered by the hostile upstream. */
export const hostileHost = 'backboard.railway-develop.com';
/** Nobody's: not in any page and not in the policy. */
export const strangeHost = 'collector.example';
/** Put together here, so that no file of the project holds a placeholder in one piece. */
export const placeholder = ['hp', 'railway', 'bypass0collection0agent'].join('_');

export type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Target {
  readonly instance: Instance;
  readonly fake: FakeRailway;
  readonly root: string;
  readonly agentToken: string;
  readonly bareToken: string;
  readonly policyText: string;
  readonly volumeId: string;
  /** What reached the hostile upstream: request line and headers. */
  readonly arrived: string[];
  /** The same as bytes, as they came out of TLS, all connections one after the other. Emptied by whoever reads it. */
  readonly wire: Buffer[];
  answerWith(answerer: Answerer): void;
  /** Faults that the instance reported, oldest first. */
  readonly faults: string[];
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly delay?: string;
  readonly hosts?: string;
}

function policyFor(world: World, { delay = '10m', hosts = '{}' }: TargetOptions): string {
  const idOf = (name: string) => world.environments.find((each) => each.name === name)?.id ?? '';
  // As wide as a grant can be: what stops the agent here is never a missing scope.
  return `agents:
  ${agent}: { scopes: ["*:write"], environments: [staging], credentials: [railway], destructive: confirm }
  ${bareAgent}: { scopes: ["*:write"], environments: [staging], credentials: [], destructive: confirm }
environments:
  production: { protected: true, is: ["railway:environment:${idOf('production')}"] }
  staging: { is: ["railway:environment:${idOf('staging')}"] }
credentials:
  railway: { provider: railway, placeholder: ${placeholder}, purpose: "deploy the web service to staging" }
hosts: ${hosts}
delay: { irreversible: ${delay} }
wait: 1ms
`;
}

type Pair = { readonly certPem: string; readonly keyPem: string } | undefined;

async function startHostile(certificates: Readonly<Record<string, Pair>>, wire: Buffer[], answer: Answerer) {
  const server = createServer(
    {
      SNICallback: (name, done) => {
        const pair = certificates[name];
        if (pair === undefined) done(new Error('unknown host'));
        else done(null, createSecureContext({ cert: pair.certPem, key: pair.keyPem }));
      },
    },
    answer,
  );
  server.on('secureConnection', (socket) => socket.on('data', (bytes: Buffer) => wire.push(bytes)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-bypass-'));
  const names = [...fakeHosts, strangeHost];
  const authority = labAuthority(names, Date.now());
  const { certificates, caPem: ca } = authority;
  const clock = { wallMs: () => Date.now() };
  const fake = await startFakeRailway({ seed: 7, deleteMode: 'immediate', certificates, clock });
  const arrived: string[] = [];
  const faults: string[] = [];
  let answerer: Answerer = (_request, response) => response.end('{}');
  const wire: Buffer[] = [];
  const hostile = await startHostile(certificates, wire, (request, response) => {
    arrived.push([`${request.method} ${request.url}`, ...request.rawHeaders].join('\n'));
    answerer(request, response);
  });
  const portOf = (host: string) =>
    host === hostileHost || host === strangeHost ? hostile.port : fakeHosts.includes(host) ? fake.port : null;
  const instance = await startInstance({
    home: homeAt(join(root, 'home')),
    name: 'lab',
    proxyPort: 0,
    controlPort: 0,
    lab: {
      upstream: (host, wanted) => {
        const port = wanted === 443 ? portOf(host) : null;
        return port === null ? null : { address: '127.0.0.1', port, ca };
      },
      leave: 'nowhere',
      rules: realRules,
      totp: 'not-asked',
    },
    notifier: { held: () => undefined, moved: () => undefined },
    taskOf: () => 'tidy up staging',
    fault: (where, error) => faults.push(`${where}: ${String(error)}`),
  });
  const policyText = policyFor(fake.world(), options);
  await instance.loadFirstPolicy(policyText, 'test');
  await instance.credentials.vault.put('railway', fake.tokens.reader.secret);
  return {
    instance,
    fake,
    root,
    agentToken: await instance.credentials.agentTokens.issue(agent),
    bareToken: await instance.credentials.agentTokens.issue(bareAgent),
    policyText,
    volumeId: fake.world().began.volumeId,
    arrived,
    wire,
    faults,
    answerWith(next) {
      answerer = next;
    },
    async close() {
      await instance.close();
      await hostile.close();
      await fake.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface Reply {
  /** Of each answer on the connection, in order. Empty: cut off without an answer. */
  readonly statuses: readonly number[];
  readonly text: string;
}

const replyMsMax = 20_000;

function collect(socket: Socket): Promise<Reply> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const done = () => {
      socket.destroy();
      const text = Buffer.concat(parts).toString('latin1');
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
      resolve({ statuses: statuses.filter((status) => status !== 100), text });
    };
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => undefined);
    socket.once('close', done).once('end', done);
    socket.setTimeout(replyMsMax, done);
  });
}

/** Bytes to the proxy port itself; collects until the connection ends. */
export function toProxy(target: Pick<Target, 'instance'>, bytes: string | Uint8Array): Promise<Reply> {
  const socket = connect(target.instance.proxyPort, '127.0.0.1');
  const reply = collect(socket);
  socket.write(bytes);
  return reply;
}

export function proxyAuthorization(name: string, token: string): string {
  return `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`;
}

export interface Way {
  readonly connectTo?: string;
  readonly serverName?: string;
  /** Whose token opens the tunnel. */
  readonly as?: 'agent' | 'bare';
  /** end: the client says goodbye right behind its bytes. */
  readonly after?: 'wait' | 'end';
}

/** Bytes through CONNECT and TLS, as any client's. Answers of the CONNECT itself, if it is refused. */
export function throughTunnel(target: Target, host: string, bytes: string | Uint8Array, way: Way = {}): Promise<Reply> {
  const { connectTo = `${host}:443`, serverName = host, as = 'agent', after = 'wait' } = way;
  const sign =
    as === 'agent' ? proxyAuthorization(agent, target.agentToken) : proxyAuthorization(bareAgent, target.bareToken);
  const socket = connect(target.instance.proxyPort, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`CONNECT ${connectTo} HTTP/1.1\r\nHost: ${connectTo}\r\nProxy-Authorization: ${sign}\r\n\r\n`);
  return new Promise((resolve) => {
    socket.once('data', (first: Buffer) => {
      const head = first.toString('latin1');
      if (!head.startsWith('HTTP/1.1 200 ')) {
        socket.unshift(first);
        resolve(collect(socket));
        return;
      }
      const ca = readFileSync(target.instance.bundleFile);
      const secure = connectTls({ socket, servername: serverName, ca, checkServerIdentity: () => undefined });
      const reply = collect(secure);
      secure.once('secureConnect', () => (after === 'end' ? secure.end(bytes) : secure.write(bytes)));
      resolve(reply);
    });
    socket.once('close', () => resolve({ statuses: [], text: '' }));
  });
}

export interface Attempt {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** Replaces the placeholder's line when it names Authorization. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
}

/** One request in bytes, with the placeholder in place and the connection closed after it. */
export function bytesOf(attempt: Attempt): Buffer {
  const { method = 'POST', path = '/graphql/v2', host = railwayHost, headers = [], body = '' } = attempt;
  const has = (name: string) => headers.some(([each]) => each.toLowerCase() === name);
  const bytes = Buffer.from(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(has('host') ? [] : [`Host: ${host}`]),
    ...(has('authorization') ? [] : [`Authorization: Bearer ${placeholder}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(has('content-length') || has('transfer-encoding') || bytes.length === 0
      ? []
      : [`Content-Length: ${bytes.length}`]),
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

export function send(target: Target, attempt: Attempt, way: Way = {}): Promise<Reply> {
  return throughTunnel(target, attempt.host ?? railwayHost, bytesOf(attempt), way);
}
