// Runs one scenario from beginning to end: fake, gateway (or none), work folder, the agent's real processes, the human's
// script, and then the question to the fake's state: what is left? Needs no daemon, no terminal and no human, leaves
// nothing running, and never reads a message to find out whether the data survived.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './agent-process.ts';
import { labAuthority } from './authority.ts';
import { type FakeRailway, fakeHosts, startFakeRailway } from './fake-railway/server.ts';
import type { DeleteMode } from './fake-railway/world.ts';
import { type LabGateway, type LabHold, type Layer, layers, type StartLabGateway } from './gateway-port.ts';
import type { Scenario, ScenarioMode } from './scenario.ts';
import { scenarioPolicy } from './scenario-policy.ts';
import { type Masks, masked, type TranscriptStep, transcriptStep } from './transcript.ts';
import { writeWorkFolder } from './work-folder.ts';

export interface RunOptions {
  readonly scenario: Scenario;
  readonly mode: ScenarioMode;
  readonly seed: number;
  readonly deleteMode: DeleteMode;
  readonly clock: { wallMs(): number };
  /** Where the run's private folder is made, and removed again. */
  readonly tempRoot: string;
  /** Not called in mode `without`. */
  readonly startGateway: StartLabGateway;
  /** Called after each step, for whoever watches. */
  readonly onStep: (step: TranscriptStep) => void;
}

/** What `lab run --json` prints, read from the fake's state and the gateway's journal. */
export interface RunResult {
  readonly scenario: string;
  readonly mode: string;
  readonly survived: boolean;
  readonly backupsLeft: number;
  readonly stoppedBy: readonly Layer[];
  readonly holds: readonly string[];
  readonly posture: string;
  readonly seconds: number;
}

export interface ScenarioRun {
  readonly result: RunResult;
  readonly steps: readonly TranscriptStep[];
  readonly holds: readonly LabHold[];
  readonly journal: readonly string[];
  /** What reached the provider, by the name of the token that was used. */
  readonly reached: readonly string[];
}

const stepTimeoutMs = 60_000;
const quietMaxMs = 60_000;

/** Curl's own file says how it gets to the provider, so that the commands are the ones that were typed. */
function curlLines(fake: FakeRailway, folder: string, gateway: LabGateway | null) {
  const common = ['silent', 'show-error', 'max-time = 50'];
  // Empty host and port mean "any": whatever name a step calls, it ends at the fake. No lab process leaves loopback.
  const direct = [
    ...common,
    `connect-to = "::127.0.0.1:${fake.port}"`,
    `cacert = "${join(folder, '..', 'fake-ca.pem')}"`,
  ];
  if (gateway === null) return { usual: direct, direct };
  return {
    usual: [...common, `proxy = "${gateway.proxyUrl}"`, `cacert = "${gateway.caBundlePath}"`],
    direct: [...direct, 'noproxy = "*"'],
  };
}

function masksOf(fake: FakeRailway, gateway: LabGateway | null, top: string): Masks {
  const pairs: [string, string][] = [
    [fake.tokens.stray.secret, '[stray token]'],
    [fake.tokens.staging.secret, "[the agent's own token]"],
    [fake.tokens.reader.secret, '[reader]'],
    [fake.tokens.workspace.secret, '[workspace token]'],
    [fake.tokens.production.secret, '[production token]'],
    [top, '<lab>'],
  ];
  if (gateway !== null) {
    pairs.push([gateway.agentToken, "[agent's gateway token]"]);
    for (const [id, placeholder] of Object.entries(gateway.placeholders))
      pairs.push([placeholder, `[placeholder ${id}]`]);
  }
  return new Map(pairs);
}

function startFor(options: RunOptions, fake: FakeRailway, caPem: string, folder: string): Promise<LabGateway> | null {
  if (options.mode === 'without') return null;
  return options.startGateway({
    policy: scenarioPolicy(options.scenario, fake.world(), folder),
    enforced: options.mode === 'with' ? layers : [options.mode],
    upstream: { hosts: fakeHosts, port: fake.port, caPem },
    // An account token: Railway sells none that could delete a volume and do nothing else.
    credentials: { railway: fake.tokens.reader.secret },
    reader: fake.tokens.reader.secret,
    asked: options.scenario.asked,
  });
}

async function runAgent(options: RunOptions, folder: string, gateway: LabGateway | null, masks: Masks) {
  const steps: TranscriptStep[] = [];
  for (const each of options.scenario.steps) {
    if (each.when === 'gateway' && gateway === null) continue;
    const run = await runStep(each.run, { folder, env: {}, timeoutMs: stepTimeoutMs });
    const done = transcriptStep(each.thinks, each.run, run, masks);
    steps.push(done);
    options.onStep(done);
  }
  return steps;
}

/** The scripted human looks at every hold and denies it, or does not come at all. */
async function runHuman(scenario: Scenario, gateway: LabGateway): Promise<readonly LabHold[]> {
  const holds = await gateway.openHolds();
  if (scenario.human === 'denies') for (const hold of holds) await gateway.deny(hold.id);
  await gateway.quiet(quietMaxMs);
  return holds;
}

export async function runScenario(options: RunOptions): Promise<ScenarioRun> {
  const startedMs = options.clock.wallMs();
  const top = mkdtempSync(join(options.tempRoot, 'holdpoint-lab-'));
  const folder = join(top, 'pocketos-web');
  const authority = labAuthority(fakeHosts, options.clock.wallMs());
  const { seed, deleteMode, clock } = options;
  const fake = await startFakeRailway({ seed, deleteMode, clock, certificates: authority.certificates });
  let gateway: LabGateway | null = null;
  try {
    writeFileSync(join(top, 'fake-ca.pem'), authority.caPem);
    gateway = await startFor(options, fake, authority.caPem, folder);
    const curl = curlLines(fake, folder, gateway);
    writeWorkFolder({
      root: folder,
      asked: options.scenario.asked,
      world: fake.world(),
      ownToken: gateway?.placeholders.railway ?? fake.tokens.staging.secret,
      loginToken: gateway?.placeholders.railway ?? fake.tokens.stray.secret,
      strayToken: fake.tokens.stray.secret,
      curl: curl.usual,
      directCurl: curl.direct,
    });
    const masks = masksOf(fake, gateway, top);
    const steps = await runAgent(options, folder, gateway, masks);
    const holds = gateway === null ? [] : await runHuman(options.scenario, gateway);
    const stops = gateway === null ? [] : await gateway.stops();
    const journal = gateway === null ? [] : await gateway.journalLines();
    const truth = fake.truth();
    return {
      result: {
        scenario: options.scenario.name,
        mode: options.mode,
        survived: truth.survived,
        backupsLeft: truth.backupsLeft,
        stoppedBy: [...new Set(stops.map((stop) => stop.layer))],
        holds: holds.map((hold) => hold.id),
        posture: gateway?.posture ?? 'none',
        seconds: Math.round((clock.wallMs() - startedMs) / 100) / 10,
      },
      steps,
      holds,
      journal: journal.map((line) => masked(line, masks)),
      reached: fake.seen().map((call) => `${call.token ?? 'nobody'}: ${call.method} ${call.host}${call.path}`),
    };
  } finally {
    // All of it, also when one of them fails: a lab that leaves a server running is worse than one that ends loudly.
    const ended = await Promise.allSettled([gateway?.stop(), fake.close()]);
    rmSync(top, { recursive: true, force: true });
    for (const each of ended) if (each.status === 'rejected') console.error(each.reason);
  }
}
