// A whole lab instance in this process, for tests that need its insides: real gateway, real proxy, real control port, a
// fake Railway whose host for agents can be made to refuse or to break off. Humans' keys sign for real; only the six
// digits are not asked, because an hour of approvals does not fit into the minute of a test (approve.test.ts asks them).

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { ProxyAgent, request } from 'undici';
import { digestOf } from '../../src/action/canonical.ts';
import type { Route } from '../../src/channels/http/port.ts';
import { type Signer, unlock } from '../../src/credentials/approval-key.ts';
import { newTotpSecret } from '../../src/credentials/totp.ts';
import { type Instance, type LabOptions, startInstance } from '../../src/gateway/compose.ts';
import { realRules } from '../../src/gateway/rules.ts';
import type { Hold } from '../../src/hold/hold.ts';
import { typedNameOf } from '../../src/hold/typed-name.ts';
import { labAuthority } from '../../src/lab/authority.ts';
import { type FakeRailway, fakeHosts, startFakeRailway } from '../../src/lab/fake-railway/server.ts';
import { labAgent, labPlaceholder, visitorPolicy } from '../../src/lab/visitor-policy.ts';
import { homeAt } from '../../src/platform/home.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { until } from './processes.ts';

/** The agent's host. The gateway's own evidence calls go to the other name, which always answers. */
export const agentHost = 'backboard.railway.app';
export const human = 'bench-human';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Of our own problem answers; null elsewhere. */
  readonly holdId: string | null;
}

export interface Asked {
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly root: string;
  readonly instance: Instance;
  readonly fake: FakeRailway;
  readonly proxyUrl: string;
  /** How the provider's host for agents behaves: as it should, not reachable, or breaking off after the request. */
  mood: 'answers' | 'refuses' | 'breaks';
  readonly faults: readonly string[];
  call(asked: Asked): Promise<Answer>;
  /** The founder's mutation, the same bytes every time unless `mark` says otherwise. */
  deletion(mark?: string): Asked;
  hold(id: string | null): Promise<Hold>;
  approve(id: string | null): Promise<void>;
  settle(id: string | null, happened: 'happened' | 'not-happened'): Promise<void>;
  /** Resolves when the hold is in this state. */
  reaches(id: string | null, state: Hold['state']['kind']): Promise<Hold>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly seed: number;
  readonly delay: string;
  readonly wait: string;
  /** nowhere, if absent. */
  readonly leave?: 'nowhere' | 'anywhere';
  /** Further hosts, as the lab's override knows them. */
  readonly upstream?: Upstream;
}

function listening(server: Server | ReturnType<typeof createNetServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** A port on which nothing listens: taken and given back. */
export async function closedPort(): Promise<number> {
  const server = createNetServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function breakingServer(authority: ReturnType<typeof labAuthority>) {
  const leaf = authority.certificates[agentHost];
  if (leaf === undefined) throw new Error('no certificate');
  const server = createServer({ cert: leaf.certPem, key: leaf.keyPem }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.destroy());
  });
  return { server, port: await listening(server) };
}

type Upstream = (host: string, port: number) => Route | null;
type Mutable = { mood: Bench['mood']; readonly faults: string[] };

async function openProvider(seed: number, state: Mutable) {
  const authority = labAuthority(fakeHosts, Date.now());
  const fake = await startFakeRailway({
    seed,
    deleteMode: 'immediate',
    certificates: authority.certificates,
    clock: { wallMs: () => Date.now() },
  });
  const breaking = await breakingServer(authority);
  const nowhere = await closedPort();
  const route: Upstream = (host, port) => {
    if (port !== 443 || !fakeHosts.includes(host)) return null;
    const { mood } = state;
    const moody =
      host === agentHost ? { answers: fake.port, refuses: nowhere, breaks: breaking.port }[mood] : fake.port;
    return { address: '127.0.0.1', port: moody, ca: authority.caPem };
  };
  return {
    fake,
    route,
    async close() {
      await fake.close();
      await new Promise((resolve) => breaking.server.close(resolve));
    },
  };
}

async function openInstance(root: string, options: BenchOptions, route: Upstream, faults: string[]) {
  return startInstance({
    home: homeAt(root),
    name: 'lab',
    proxyPort: 0,
    controlPort: 0,
    lab: {
      upstream: (host, port) => route(host, port) ?? options.upstream?.(host, port) ?? null,
      // No lab leaves this machine. `anywhere` is a real instance's routing, to see that it refuses the machine itself too.
      leave: (options.leave ?? 'nowhere') as LabOptions['leave'],
      rules: realRules,
      totp: 'not-asked',
    },
    notifier: { held: () => undefined, moved: () => undefined },
    taskOf: () => null,
    fault: (where, error) => faults.push(`${where}: ${String(error)}`),
  });
}

/** What the bench's human can do, with a real signature each time. */
function humanOf(instance: Instance, signer: Signer) {
  const hold = async (id: string | null) => {
    const found = id === null ? null : await instance.control.hold(id);
    if (found === null) throw new Error(`no hold ${id}`);
    return found;
  };
  const sign = (digest: string, typedName: string | null) => {
    const { nonce } = instance.control.nonce(digest);
    return { human, digest, nonce, signature: signer.sign(digest, nonce), totp: '000000', typedName };
  };
  return { hold, sign };
}

export async function startBench(options: BenchOptions): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
  const state: Mutable = { mood: 'answers', faults: [] };
  const provider = await openProvider(options.seed, state);
  const { fake } = provider;
  const root = join(folder, 'home');
  mkdirSync(join(folder, 'project'));
  const instance = await openInstance(root, options, provider.route, state.faults);
  const passphrase = ['bench', 'only', 'words'].join('-');
  await instance.enrolRoot({ name: human, passphrase, totpSecret: newTotpSecret(systemRandom()) });
  const { delay, wait } = options;
  await instance.loadFirstPolicy(visitorPolicy(fake.world(), { delay, wait, project: join(folder, 'project') }), 'lab');
  await instance.credentials.vault.put('railway', fake.tokens.reader.secret);
  const token = await instance.credentials.agentTokens.issue(labAgent);
  const [sealed] = await instance.control.people();
  const { hold, sign } = humanOf(instance, await unlock(sealed?.sealedKey ?? '', passphrase));
  const proxy = new ProxyAgent({
    uri: `http://127.0.0.1:${instance.proxyPort}`,
    token: `Basic ${Buffer.from(`${labAgent}:${token}`).toString('base64')}`,
    requestTls: { ca: readFileSync(instance.bundleFile, 'utf8') },
  });
  const { control } = instance;
  const { volumeId } = fake.world().began;
  return {
    root,
    instance,
    fake,
    proxyUrl: `http://${labAgent}:${token}@127.0.0.1:${instance.proxyPort}`,
    get mood() {
      return state.mood;
    },
    set mood(mood) {
      state.mood = mood;
    },
    faults: state.faults,
    async call({ body, headers }) {
      const answer = await request(`https://${agentHost}/graphql/v2`, {
        dispatcher: proxy,
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${labPlaceholder}`, 'content-type': 'application/json', ...headers },
      });
      const text = await answer.body.text();
      const own = answer.headers['content-type'] === 'application/problem+json';
      const holdId = own ? (JSON.parse(text) as { readonly holdId: string | null }).holdId : null;
      return { status: answer.statusCode, headers: answer.headers, text, holdId };
    },
    deletion: (mark = 'done') => ({
      body: `{"query":"mutation { ${mark}: volumeDelete(volumeId: \\"${volumeId}\\") }"}`,
    }),
    hold,
    async approve(id) {
      const found = await hold(id);
      const done = await control.approve(found.id, sign(found.digest, typedNameOf(found)));
      if (!done.ok) throw new Error(done.reason.why);
    },
    async settle(id, happened) {
      const found = await hold(id);
      const done = await control.settle(
        found.id,
        happened,
        sign(digestOf({ verb: 'settle', id: found.id, happened }), null),
      );
      if (!done.ok) throw new Error(done.reason.why);
    },
    reaches: (id, kind) =>
      until(async () => {
        const found = await hold(id);
        return found.state.kind === kind ? found : null;
      }),
    async close() {
      await proxy.close();
      await instance.close();
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
