// Composition: the one file that knows who implements each port. It opens an instance's files, wires stages, store,
// credentials, providers and channels together, starts the two listeners, and takes all of it down again.
// No rule lives here; what an instance does is what the parts do.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostClass } from '../action/action.ts';
import { startHttpChannel } from '../channels/http/channel.ts';
import type { Peer, Route } from '../channels/http/port.ts';
import { createUpstream } from '../channels/http/upstream.ts';
import { loadReader } from '../classify/reader.ts';
import type { ControlPort } from '../console/server/port.ts';
import { openKeys } from '../credentials/keys.ts';
import { type Credentials, openCredentials } from '../credentials/open.ts';
import { currentPeople } from '../lifecycle/system.ts';
import { systemClock } from '../platform/clock.ts';
import type { Home } from '../platform/home.ts';
import { createPeerUid } from '../platform/peer-uid.ts';
import { systemRandom } from '../platform/random.ts';
import { pages } from '../providers/pages.ts';
import { railwayResolver } from '../providers/railway/resolver.ts';
import type { Resolver } from '../resolve/resolver.ts';
import { openSqliteStorage } from '../storage/sqlite/sqlite-storage.ts';
import { openAuthority, writeBundle } from './authority.ts';
import { delaySafeguard } from './delay-safeguard.ts';
import { createEvidenceCall } from './evidence.ts';
import { createExecuteAllowed } from './execute-allowed.ts';
import { createFollow } from './follow.ts';
import { createHoldDesk, type HoldDesk } from './hold-desk.ts';
import { createHoldOpening } from './hold-opening.ts';
import { rememberHostClasses } from './host-classes.ts';
import { createHttpPort } from './http-port.ts';
import { assertOwnCode, prepareHome } from './instance-files.ts';
import { openControl } from './open-control.ts';
import { createPipeline } from './pipeline.ts';
import { parsePolicy } from './policy-file.ts';
import type { Broker, Notifier } from './ports.ts';
import { measurePosture } from './posture.ts';
import { createRelease } from './release.ts';
import { createResolve } from './resolving.ts';
import { createRouting } from './routing.ts';
import { type Rules, realRules } from './rules.ts';
import { createPolicyReader, loadPolicy } from './running-policy.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { openSystem, type System } from './system.ts';
import { type TappedStorage, tapEvents } from './tapped-storage.ts';

export interface LabOptions {
  /** Where the lab's providers lie. Real instances have no such thing. */
  readonly upstream: (host: string, port: number) => Route | null;
  /** tunnels: model APIs may be reached, so that a real agent can work. nowhere: nothing leaves loopback. */
  readonly leave: 'tunnels' | 'nowhere';
  /** Real unless a run shows what a single layer would have done. */
  readonly rules: Rules;
  /** not-asked: a lab run whose scripted human says yes to everything at once. Signatures are real all the same. */
  readonly totp: 'asked' | 'not-asked';
}

export interface InstanceOptions {
  readonly home: Home;
  /** Stream name of the journal, `[a-z0-9._-]`. */
  readonly name: string;
  /** 0: any free port. */
  readonly proxyPort: number;
  readonly controlPort: number;
  /** null: a real instance. */
  readonly lab: LabOptions | null;
  readonly notifier: Notifier;
  /** What the human had asked an agent to do, told by whoever started it. */
  readonly taskOf: (agent: string) => string | null;
  readonly fault: (where: string, error: unknown) => void;
}

export interface Instance {
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly bundleFile: string;
  readonly control: ControlPort;
  readonly credentials: Credentials;
  readonly system: System;
  readonly tapped: TappedStorage;
  /** The first human of an instance without one; their key is sealed under the passphrase. Refuses a second root. */
  enrolRoot(human: { readonly name: string; readonly passphrase: string; readonly totpSecret: string }): Promise<void>;
  /** Loads a policy when none is running, or when this is a lab: everywhere else `policy apply` asks a factor. */
  loadFirstPolicy(text: string, by: string): Promise<void>;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
const scalars = { env: process.env, readText: (path: string) => readFileSync(path, 'utf8') };
const policies = createPolicyReader((text) => parsePolicy(text, { pages, scalars }));
const codeRoot = join(import.meta.dirname, '..', '..');

/** Starts an instance. Rejects with a fault that names what stands in the way; nothing is left running then. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { home } = options;
  assertOwnCode(codeRoot);
  prepareHome(home);
  const closers: Closers = [];
  try {
    return await start(options, closers);
  } catch (error) {
    for (const close of closers.reverse()) await close().catch(() => undefined);
    throw error;
  }
}

type Closers = (() => Promise<void>)[];

/** What both listeners stand on: store, system, credentials, readers, executor and the desk of holds. */
async function openCore(options: InstanceOptions, closers: Closers) {
  const { home, lab, fault } = options;
  const clock = systemClock();
  const random = systemRandom();
  const keys = openKeys(home.keysDir, random);
  const inner = await openSqliteStorage({ file: home.storeFile, stream: options.name, signer: keys.journalKey });
  closers.push(() => inner.close());
  const tapped = tapEvents(inner);
  const { storage } = tapped;
  const system = await openSystem(storage, clock.wallMs);
  const hostClass = rememberHostClasses(system, pages);
  const reader = await loadReader(pages);
  const credentials = await openCredentials({
    keys,
    storage,
    clock,
    random,
    pages,
    policy: () => system.state.policy,
    people: () => currentPeople(system.state),
    totp: lab?.totp ?? 'asked',
  });
  const routing = createRouting({ override: lab?.upstream ?? null, leave: lab?.leave ?? 'anywhere', hostClass });
  const executor = createUpstream({ route: routing.route });
  closers.push(() => executor.close());
  const { broker, sealer } = credentials;
  const resolvers = openResolvers({ broker, executor, system, clock });
  const resolve = createResolve({ resolvers, policy: () => system.state.policy, wallMs: clock.wallMs, fault });
  const rules = lab?.rules ?? realRules;
  const release = createRelease({
    rules,
    storage,
    sealer,
    system,
    reader,
    resolve,
    broker,
    executor,
    wallMs: clock.wallMs,
    fault,
  });
  const desk = createHoldDesk({
    storage,
    clock,
    safeguards: [delaySafeguard(clock)],
    notifier: options.notifier,
    recheck: release.recheck,
    execute: release.execute,
    fault,
  });
  closers.push(async () => desk.close());
  returnHoldsOfStopped(system, desk, fault);
  return { clock, random, tapped, storage, system, hostClass, reader, credentials, routing, executor, resolve, desk };
}

type Core = Awaited<ReturnType<typeof openCore>>;

/** Resolvers ask with the gateway's own credential: `<provider>-evidence` if there is one, else the provider's first. */
function openResolvers(
  parts: Pick<Core, 'executor' | 'system' | 'clock'> & { readonly broker: Broker },
): ReadonlyMap<string, Resolver> {
  const { broker, executor, system, clock } = parts;
  const page = pages.find((each) => each.name === 'railway');
  if (page === undefined) throw new Error('the Railway page is missing');
  const credential = () => {
    const own = (system.state.policy?.credentials ?? []).filter((each) => each.provider === page.name);
    return own.find((each) => each.id === `${page.name}-evidence`) ?? own[0] ?? null;
  };
  const endpoint = { host: 'backboard.railway.com', path: page.graphqlPath ?? '/graphql/v2' };
  const call = createEvidenceCall({ page, endpoint, broker, executor, credential });
  return new Map([[page.name, railwayResolver({ call, clock, cacheMs: 30_000 })]]);
}

/** Frozen, revoked, expired: delay windows end with the agent (DESIGN section 6). */
function returnHoldsOfStopped(system: System, desk: HoldDesk, fault: InstanceOptions['fault']): void {
  system.onChange(() => {
    const stopped = (agent: string) => system.agentState(agent) !== 'active' || system.grantOf(agent) === null;
    desk.returnApproved('the agent was stopped', stopped).catch((error: unknown) => fault('stopped agent', error));
  });
}

function openSessions(core: Core, fault: InstanceOptions['fault'], closers: Closers): Sessions {
  const { clock, random, storage, system, credentials } = core;
  const ownUid = process.getuid?.() ?? 0;
  const facts = { ownUid, strayKnown: credentials.strays.known };
  const uidOf = createPeerUid(clock);
  const measure = (peer: Peer) => {
    const uid = uidOf(peer.localPort, peer.port);
    return { posture: measurePosture(facts, uid), peerUid: uid };
  };
  const sessions = createSessions({ clock, random, storage, system, measure, fault });
  closers.push(() => sessions.stop());
  return sessions;
}

/** The pipeline for one request, from its ports. */
function openPipeline(options: InstanceOptions, core: Core, sessions: Sessions) {
  const { lab, fault, taskOf } = options;
  const rules = lab?.rules ?? realRules;
  const { clock, random, storage, system, hostClass: classOf, reader, credentials, executor, resolve, desk } = core;
  const { broker, sealer, strays } = credentials;
  const follow = createFollow({ desk, storage, sealer, clock, waitMs: () => system.state.policy?.waitMs ?? null });
  const parts = { rules, clock, random, storage, system, resolve };
  const holds = createHoldOpening({ ...parts, sealer, desk, follow, lab: lab !== null });
  const execute = createExecuteAllowed({ clock, storage, sessions, broker, executor, fault });
  // A denied host never gets this far on a tunnel; in plain HTTP it is judged as the strictest class.
  const hostClass = (host: string, port: number): HostClass => {
    const found = classOf(host, port);
    return found === 'denied' ? 'other' : found;
  };
  return createPipeline({ ...parts, sessions, reader, broker, strays, hostClass, holds, execute, taskOf, fault });
}

/** The agent-facing listener. Resolves with its port. */
async function openProxy(options: InstanceOptions, core: Core, closers: Closers) {
  const { home, lab, fault } = options;
  const { clock, storage, system, hostClass, reader, credentials, routing, desk } = core;
  const { agentTokens } = credentials;
  const sessions = openSessions(core, fault, closers);
  const submit = openPipeline(options, core, sessions);
  const { forbidden, route } = routing;
  const port = createHttpPort({
    clock,
    storage,
    system,
    sessions,
    agentTokens,
    hostClass,
    isBulk: reader.isBulk,
    submit,
    route,
    forbidden,
    fault,
  });
  const ca = openAuthority(home, lab === null ? 'Holdpoint' : 'Holdpoint lab');
  const bundleFile = writeBundle(home, ca);
  await desk.recover();
  const proxy = await startHttpChannel(port, {
    host: loopback,
    port: options.proxyPort,
    ca,
    log: (event, detail) => fault(event, detail),
  });
  closers.push(() => proxy.close());
  return { proxyPort: proxy.address.port, bundleFile, sessions };
}

async function start(options: InstanceOptions, closers: Closers): Promise<Instance> {
  const core = await openCore(options, closers);
  const proxy = await openProxy(options, core, closers);
  const { credentials, system, tapped, storage, clock, desk } = core;
  const { proxyPort, bundleFile, sessions } = proxy;
  const { factors, agentTokens, secrets } = credentials;
  const { control, controlPort } = await openControl(
    {
      ...{ home: options.home, host: loopback, port: options.controlPort, proxyPort, fault: options.fault },
      ...{ storage, system, sessions, desk, factors, policies, clock, listeners: tapped.listeners },
      instance: options.lab === null ? 'real' : 'lab',
      tokenCards: credentials.tokenCards,
      secrets,
      newAgentToken: agentTokens.issue,
      isAgentToken: agentTokens.isAgentToken,
    },
    closers,
  );
  const mayLoad = () => system.state.policy === null || options.lab !== null;
  return {
    proxyPort,
    controlPort,
    bundleFile,
    control,
    credentials,
    system,
    tapped,
    async enrolRoot(human) {
      const enrolment = await credentials.factors.makeRoot(human);
      const { atMs: _atMs, ...data } = enrolment;
      await system.happen({ kind: 'enrolled', enrolment }, data, null);
    },
    async loadFirstPolicy(text, by) {
      if (!mayLoad()) throw new Error('a policy is running: it is changed by policy apply');
      const policy = policies.parse(text);
      await loadPolicy(system, policy, policies.describe(system.state.policy, policy).changes, by);
    },
    async close() {
      for (const close of closers.splice(0).reverse())
        await close().catch((error: unknown) => options.fault('closing', error));
    },
  };
}
