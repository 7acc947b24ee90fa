// What outlives the gateway that is killed: the fake provider in a process of its own, the home on the disk, an agent
// that asks again. What the disk says is read from the file while no gateway runs.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ProxyAgent, request } from 'undici';
import type { Hold } from '../../src/hold/hold.ts';
import { labAuthority } from '../../src/lab/authority.ts';
import { firstWorld } from '../../src/lab/fake-railway/first-world.ts';
import { fakeHosts, type SeenCall } from '../../src/lab/fake-railway/server.ts';
import type { World } from '../../src/lab/fake-railway/world.ts';
import { homeAt } from '../../src/platform/home.ts';
import type { SealedEvent } from '../../src/record/event.ts';
import { openSqliteReader } from '../../src/storage/sqlite/sqlite-reader.ts';
import { runCli } from '../../src/testing/cli-run.ts';
import type { Order, Report, Start } from './crash-process.ts';

const agent = 'deployer';
const placeholder = 'hp_railway_crash0test0staging';

interface Fake {
  readonly port: number;
  ask(question: 'seen' | 'world' | 'truth'): Promise<unknown>;
  end(): void;
}

async function startFake(seed: number, certificates: object): Promise<Fake> {
  const file = join(import.meta.dirname, '../../src/lab/fake-railway/main.ts');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let tail: Promise<unknown> = Promise.resolve();
  const say = (question: unknown): Promise<unknown> => {
    tail = tail.then(async () => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const line = await lines.next();
      return JSON.parse(String(line.value));
    });
    return tail;
  };
  const hello = (await say({ seed, deleteMode: 'immediate', certificates, maxMs: 240_000 })) as { port: number };
  return { port: hello.port, ask: say, end: () => child.stdin.end() };
}

/**
 * A wire that goes dead: everything reaches the fake, and nothing comes back once the client has said more than its
 * ClientHello. In TLS 1.3 its next record ends the handshake, so the request itself still goes out.
 */
async function startMuteRelay(port: number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let answers: 'passed' | 'dropped' = 'passed';
    near.on('data', (part: Buffer) => {
      // 20: change cipher spec, 23: application data (RFC 8446 section 5.1).
      if (part[0] === 20 || part[0] === 23) answers = 'dropped';
      far.write(part);
    });
    far.on('data', (part: Buffer) => {
      if (answers === 'passed') near.write(part);
    });
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    // The fake hangs up after its answer; the near side is not told of that either.
    far.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function policyFor(world: World, delay: string): string {
  const id = (name: string) => world.environments.find((each) => each.name === name)?.id ?? '';
  return `agents:
  ${agent}:
    scopes: [projects:read, volumes:write]
    environments: [staging]
    credentials: [railway]
    destructive: confirm
environments:
  production: { protected: true, is: ["railway:environment:${id('production')}"] }
  staging: { is: ["railway:environment:${id('staging')}"] }
credentials:
  railway: { provider: railway, placeholder: ${placeholder}, purpose: "deploy" }
  railway-evidence: { provider: railway, placeholder: hp_railway_crash0test0evidence, purpose: "look" }
delay: { irreversible: ${delay} }
wait: 100ms
`;
}

export interface Gateway {
  readonly exited: Promise<void>;
  readonly process: ChildProcess;
  order(order: Order): Promise<boolean>;
  /** Resolves when an event of this kind was durable since the last call for it. */
  until(event: string): Promise<void>;
  /** GraphQL as the agent sends it. Rejects when the gateway dies meanwhile. */
  ask(query: string): Promise<{ readonly status: number; readonly text: string }>;
}

export interface CrashWorld {
  readonly root: string;
  readonly stagingId: string;
  readonly projectId: string;
  /** The disk that production is on. */
  readonly firstVolumeId: string;
  start(): Promise<Gateway>;
  /** Kills the gateway that is still starting; how many there were. */
  killYoung(): number;
  /** Requests that came with the agent's credential: what the gateway executed, not what it looked up. */
  executions(): Promise<number>;
  volumeIds(): Promise<readonly string[]>;
  /** From the file, with no gateway running. */
  disk(holdId: string): { readonly hold: Hold | null; readonly kinds: readonly string[] };
  events(): readonly SealedEvent[];
  verify(): Promise<{ readonly code: number; readonly out: string }>;
  close(): void;
}

function gatewayOf(child: ChildProcess, ready: Extract<Report, { kind: 'ready' }>): Gateway {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const seen = new Map<string, number>();
  const changed = new Set<() => void>();
  const answers: ((ok: boolean) => void)[] = [];
  child.on('message', (report: Report) => {
    if (report.kind === 'done') answers.shift()?.(report.ok);
    if (report.kind === 'event') seen.set(report.event, (seen.get(report.event) ?? 0) + 1);
    for (const look of changed) look();
  });
  void exited.then(() => {
    for (const answer of answers.splice(0)) answer(false);
  });
  const dispatcher = new ProxyAgent({
    uri: ready.proxyUrl,
    requestTls: { ca: readFileSync(ready.bundleFile, 'utf8') },
  });
  return {
    exited,
    process: child,
    order: (order) =>
      new Promise((resolve) => {
        answers.push(resolve);
        // It may die between two looks at the channel: then nobody answers and nobody says so.
        void exited.then(() => resolve(false));
        child.send(order, (error) => error !== null && resolve(false));
      }),
    until: (event) =>
      new Promise((resolve) => {
        const look = () => {
          const count = seen.get(event) ?? 0;
          if (count === 0) return;
          seen.set(event, count - 1);
          changed.delete(look);
          resolve();
        };
        changed.add(look);
        look();
      }),
    async ask(query) {
      const { statusCode, body } = await request('https://backboard.railway.com/graphql/v2', {
        method: 'POST',
        headers: { authorization: `Bearer ${placeholder}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
        dispatcher,
      });
      return { status: statusCode, text: await body.text() };
    },
  };
}

async function startGateway(input: Start, young: Set<ChildProcess>): Promise<Gateway> {
  const child = fork(join(import.meta.dirname, 'crash-process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  young.add(child);
  const ready = new Promise<Extract<Report, { kind: 'ready' }>>((resolve, reject) => {
    child.on('message', (report: Report) => report.kind === 'ready' && resolve(report));
    child.once('exit', (code) => reject(new Error(`the gateway ended at its start (${code})`)));
  });
  child.send(input);
  try {
    return gatewayOf(child, await ready);
  } finally {
    young.delete(child);
  }
}

export async function startCrashWorld(seed: number, delay: string): Promise<CrashWorld> {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-crash-'));
  const home = homeAt(join(root, 'home'));
  const { caPem, certificates } = labAuthority(fakeHosts, Date.now());
  const { world, tokens } = firstWorld(seed);
  const fake = await startFake(seed, certificates);
  const relay = await startMuteRelay(fake.port);
  const input: Start = {
    root: home.root,
    policy: policyFor(world, delay),
    agent,
    fake: { hosts: fakeHosts, port: fake.port, caPem },
    mutePort: relay.port,
    secrets: { railway: tokens.stray.secret, 'railway-evidence': tokens.reader.secret },
  };
  const young = new Set<ChildProcess>();
  const read = <T>(look: (reader: ReturnType<typeof openSqliteReader>) => T): T => {
    const reader = openSqliteReader(home.storeFile);
    try {
      return look(reader);
    } finally {
      reader.close();
    }
  };
  const now = async () => (await fake.ask('world')) as World;
  return {
    root: home.root,
    projectId: world.projects[0]?.id ?? '',
    stagingId: world.environments.find((each) => each.name === 'staging')?.id ?? '',
    firstVolumeId: world.began.volumeId,
    start: () => startGateway(input, young),
    killYoung() {
      for (const child of young) child.kill('SIGKILL');
      return young.size;
    },
    executions: async () =>
      ((await fake.ask('seen')) as readonly SeenCall[]).filter((call) => call.token === 'domains').length,
    volumeIds: async () => (await now()).volumes.map((volume) => volume.id),
    disk: (holdId) =>
      read((reader) => {
        const row = reader.row('hold', holdId);
        const kinds = reader.events({ holdId, limit: 1_000 }).map((event) => event.kind);
        return { hold: row === null ? null : (JSON.parse(row) as Hold), kinds };
      }),
    events: () => read((reader) => reader.events({ limit: 100_000 })),
    async verify() {
      const { code, out } = await runCli(['journal', 'verify'], { env: { HOLDPOINT_HOME: home.root } });
      return { code, out };
    },
    close() {
      relay.close();
      fake.end();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
