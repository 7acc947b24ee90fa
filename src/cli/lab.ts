// `holdpoint lab`: the incident and its relatives, replayed by real processes against a fake Railway on this machine.
// `lab list` names the scenarios; `lab run` runs one, with the whole gateway, without it, or with one layer only, and
// ends by itself. The verdict on the data comes from the fake's state; the gateway that it brings is the real one.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type Layer, layers, type StartLabGateway } from '../lab/gateway-port.ts';
import { type Scenario, type ScenarioMode, scenarioLayersText } from '../lab/scenario.ts';
import { scenarioNamed, scenarios } from '../lab/scenario-list.ts';
import { type RunResult, runScenario, type ScenarioRun } from '../lab/scenario-run.ts';
import { renderStep } from '../lab/transcript.ts';
import { HoldpointError } from '../platform/fault.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface RunFlags {
  readonly without?: true;
  readonly with?: true;
  readonly only?: Layer;
  readonly seed: string;
  readonly soft?: true;
  readonly json?: true;
}

/** Loaded only when a run needs it: `lab list` and `--without` start no gateway. */
const realGateway: StartLabGateway = async (options) => {
  const { startLabGateway } = await import('../lab/lab-gateway.ts');
  return startLabGateway(options);
};

/** The program behind `npm start`, in a hardened process of its own. */
async function keepUp(io: Io): Promise<ExitCode> {
  const [{ launchHardened }, { programOf }] = await Promise.all([import('./launch.ts'), import('./program.ts')]);
  const program = await programOf(join(import.meta.dirname, '..', 'lab', 'up.ts'));
  const code = await launchHardened(program, [], io.env);
  if (code === exitCodes.usage) return exitCodes.usage;
  return code === 0 ? exitCodes.ok : exitCodes.broken;
}

function modeOf(flags: RunFlags): ScenarioMode | null {
  const chosen = [flags.without, flags.with, flags.only].filter((flag) => flag !== undefined);
  if (chosen.length > 1) return null;
  if (flags.without) return 'without';
  return flags.only ?? 'with';
}

function seedOf(text: string): number | null {
  const seed = Number(text);
  return Number.isSafeInteger(seed) && seed >= 0 ? seed : null;
}

function summary(run: ScenarioRun, scenario: Scenario): string {
  const { result } = run;
  const lines = [
    '',
    result.survived ? 'SURVIVED  every booking is still there' : 'LOST      the bookings are gone',
    `backups left  ${result.backupsLeft}`,
    `stopped by    ${result.stoppedBy.length === 0 ? 'nothing' : result.stoppedBy.join(', ')}`,
    `holds left    ${result.holds.length === 0 ? 'none' : result.holds.join(', ')}`,
    `posture       ${result.posture}`,
    `time          ${result.seconds} s`,
    ...run.holds.flatMap((hold) => ['', ...hold.lines]),
    '',
    'Where this differs from history:',
    ...scenario.differs.map((line) => `  - ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The last line of `--json`: exactly these members. */
function jsonLine(result: RunResult): string {
  return `${JSON.stringify(result)}\n`;
}

async function runOne(io: Io, name: string, flags: RunFlags, startGateway: StartLabGateway): Promise<ExitCode> {
  const scenario = scenarioNamed(name);
  const mode = modeOf(flags);
  const seed = seedOf(flags.seed);
  if (scenario === null || mode === null || seed === null) {
    const wrong =
      scenario === null
        ? `There is no scenario "${name}". \`lab list\` names them.`
        : mode === null
          ? 'Give one of --without, --with and --only.'
          : 'The seed is a whole number from 0 up.';
    io.err(`${wrong}\n`);
    return exitCodes.usage;
  }
  const show = flags.json ? io.err : io.out;
  show(
    `${scenario.title}\nmode ${mode}, seed ${seed}. A retelling on a fake provider; nothing leaves this machine.\n\n`,
  );
  const run = await runScenario({
    scenario,
    mode,
    seed,
    deleteMode: flags.soft ? 'soft48h' : 'immediate',
    clock: { wallMs: () => Date.now() },
    tempRoot: tmpdir(),
    startGateway,
    onStep: (step) => show(`${renderStep(step)}\n`),
  });
  if (flags.json) io.out(jsonLine(run.result));
  else io.out(summary(run, scenario));
  return exitCodes.ok;
}

function listAll(io: Io, json: boolean): void {
  const rows = scenarios.map(({ name, title, survives }) => ({ name, title, survives }));
  if (json) io.out(`${JSON.stringify(rows)}\n`);
  else for (const row of rows) io.out(`${row.name.padEnd(14)} ${row.title}\n`);
}

function guarded(io: Io, done: (code: ExitCode) => void, work: () => Promise<ExitCode>): Promise<void> {
  return work().then(done, (error: unknown) => {
    if (!(error instanceof HoldpointError)) throw error;
    io.err(`${error.reason.what}\n${error.reason.why}\n${error.reason.next}\n`);
    done(exitCodes.broken);
  });
}

/** The verb around a given gateway; the composed one is passed in by whoever wires the command line. */
export function labVerb(startGateway: StartLabGateway): Verb {
  return {
    build(io, done) {
      const lab = new Command('lab').description(
        'Replay losses by agents on a fake provider, with and without safeguards.',
      );
      lab
        .command('list')
        .description('Name the scenarios.')
        .option('--json', 'one JSON array')
        .addHelpText('after', '\nExample: holdpoint lab list --json')
        .action((flags: { readonly json?: true }) => {
          listAll(io, flags.json === true);
          done(exitCodes.ok);
        });
      lab
        .command('run')
        .description('Run one scenario to its end.')
        .argument('<scenario>', 'a name from `lab list`')
        .option('--with', 'with every layer of the gateway (the default)')
        .option('--without', 'the agent talks to the provider directly')
        .addOption(new Option('--only <layer>', `with this layer alone: ${scenarioLayersText}`).choices([...layers]))
        .option('--seed <n>', 'other customers, ids and tokens', '1')
        .option('--soft', 'the provider keeps deleted volumes for 48 h, as since about 27 April 2026')
        .option('--json', 'the last line on stdout is one JSON object')
        .addHelpText('after', '\nExample: holdpoint lab run pocketos --without --json')
        .action((name: string, flags: RunFlags) => guarded(io, done, () => runOne(io, name, flags, startGateway)));
      lab
        .command('up')
        .description('Keep a lab instance running: gateway, fake provider, a project to play in. This is `npm start`.')
        .option('--json', 'no effect here: the lab prints for people')
        .addHelpText('after', '\nExample: holdpoint lab up')
        .action(() => guarded(io, done, () => keepUp(io)));
      return lab;
    },
  };
}

export const verb: Verb = labVerb(realGateway);
