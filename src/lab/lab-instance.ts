// The lab instance: a real gateway with its own folder, CA, agents, human and journal, in front of a fake Railway that
// runs on loopback. The only thing that differs from a real instance is where the provider's names lead.
// `lab up` (npm start) keeps it for a visitor; `lab run` makes one for each run and ends it.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writePublic } from '../gateway/authority.ts';
import { type Instance, type LabOptions, startInstance } from '../gateway/compose.ts';
import type { Notifier } from '../gateway/ports.ts';
import { realRules } from '../gateway/rules.ts';
import { homeAt } from '../platform/home.ts';
import { labAuthority } from './authority.ts';
import { type FakeRailway, fakeHosts, startFakeRailway } from './fake-railway/server.ts';
import type { DeleteMode, World } from './fake-railway/world.ts';
import { type LabHuman, labHuman } from './lab-human.ts';
import { labAgent, labPlaceholder, labReader } from './visitor-policy.ts';

export interface LabInstanceOptions {
  /** The lab's own HOLDPOINT_HOME. */
  readonly root: string;
  readonly proxyPort: number;
  readonly controlPort: number;
  readonly seed: number;
  readonly deleteMode: DeleteMode;
  readonly leave: LabOptions['leave'];
  readonly notifier: Notifier;
  /** The lab's policy for this world. */
  readonly policy: (world: World) => string;
  /** What the lab's human asked the agent to do. */
  readonly task: string;
  readonly fault: (where: string, error: unknown) => void;
}

export interface LabInstance {
  readonly instance: Instance;
  readonly fake: FakeRailway;
  readonly human: LabHuman;
  /** By agent: `http://agent:token@127.0.0.1:port`. */
  readonly proxyUrls: Readonly<Record<string, string>>;
  readonly placeholder: string;
  /** Trust anchor of the fake itself, for calls that go around the gateway. */
  readonly fakeCaFile: string;
  close(): Promise<void>;
}

/** Starts fake and gateway. What was started is ended again if a later step fails. */
export async function startLab(options: LabInstanceOptions): Promise<LabInstance> {
  const home = homeAt(options.root);
  const authority = labAuthority(fakeHosts, Date.now());
  const { seed, deleteMode } = options;
  const fake = await startFakeRailway({
    seed,
    deleteMode,
    certificates: authority.certificates,
    clock: { wallMs: () => Date.now() },
  });
  try {
    const hosts = new Set(fakeHosts);
    const route = { address: '127.0.0.1', port: fake.port, ca: authority.caPem };
    const instance = await startInstance({
      home,
      name: 'lab',
      proxyPort: options.proxyPort,
      controlPort: options.controlPort,
      lab: {
        upstream: (host, port) => (port === 443 && hosts.has(host) ? route : null),
        leave: options.leave,
        rules: realRules,
        totp: 'asked',
      },
      notifier: options.notifier,
      taskOf: (agent) => (agent === labAgent ? options.task : null),
      fault: options.fault,
    });
    return await furnish(options, instance, fake, authority.caPem);
  } catch (error) {
    await fake.close();
    throw error;
  }
}

async function furnish(
  options: LabInstanceOptions,
  instance: Instance,
  fake: FakeRailway,
  fakeCa: string,
): Promise<LabInstance> {
  const home = homeAt(options.root);
  try {
    const human = await labHuman(home, instance);
    await instance.loadFirstPolicy(options.policy(fake.world()), 'lab');
    // The gateway's own credential: the agent only ever sees the placeholder.
    await giveSecret(instance, fake.tokens.reader.secret);
    const fakeCaFile = join(home.publicDir, 'fake-provider-ca.pem');
    writePublic(fakeCaFile, fakeCa);
    const proxyUrls: Record<string, string> = {};
    for (const agent of [labAgent, labReader]) {
      const token = await agentToken(instance, join(home.root, 'agents', `${agent}.token`), agent);
      proxyUrls[agent] = `http://${agent}:${token}@127.0.0.1:${instance.proxyPort}`;
    }
    return {
      instance,
      fake,
      human,
      proxyUrls,
      placeholder: labPlaceholder,
      fakeCaFile,
      async close() {
        await instance.close();
        await fake.close();
      },
    };
  } catch (error) {
    await instance.close();
    throw error;
  }
}

async function giveSecret(instance: Instance, secret: string): Promise<void> {
  const credential = instance.system.state.policy?.credentials.find((each) => each.id === 'railway');
  if (credential === undefined) throw new Error("the lab's policy has no credential railway");
  await instance.credentials.secrets.put(credential, secret, 'lab');
}

/** The lab keeps its agents' tokens, so that lines pasted yesterday still work today. */
async function agentToken(instance: Instance, file: string, agent: string): Promise<string> {
  try {
    const kept = readFileSync(file, 'utf8');
    if (instance.credentials.agentTokens.isAgentToken(kept)) return kept;
  } catch {
    // Not made yet.
  }
  const token = await instance.credentials.agentTokens.issue(agent);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, token, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}
