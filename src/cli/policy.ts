// `holdpoint policy check|diff|apply`: from the file a human wrote to the policy in force, which is an event.
// check and diff change nothing; apply shows the difference in words and asks for a factor if anything widens.
// The gateway reads and compares the text itself; this command only carries it.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { digestOf } from '../action/canonical.ts';
import { inertLine } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import { defaultHomeRoot, homeAt } from '../platform/home.ts';
import { type ControlClient, connectControl } from './control-client.ts';
import { askFactor } from './factor.ts';
import { group, leaf, perform, print } from './leaf.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

interface Options {
  readonly json?: boolean;
  readonly as?: string;
}

interface Difference {
  readonly changes: readonly string[];
  readonly widens: boolean;
}

type Done = (code: ExitCode) => void;
const exits = '1 refused, or the policy is wrong; 3 no gateway runs';

async function policyText(io: Io, file: string | undefined): Promise<string> {
  const path = file === undefined ? homeAt(defaultHomeRoot(io.env)).policyFile : resolve(io.cwd, file);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new HoldpointError('policy-file-unreadable', {
      what: 'The policy file could not be read.',
      why: `${path} is not there, or not readable by this user.`,
      next: 'Name another file, or another instance with --home.',
      retry: cause instanceof Error && 'code' in cause && cause.code === 'EACCES' ? 'no' : 'after-fix',
      cause,
    });
  }
}

function differenceLines({ changes, widens }: Difference): readonly string[] {
  if (changes.length === 0) return ['No difference: this policy is in force.'];
  const verdict = widens ? 'It widens what may happen: applying it needs a human factor.' : 'It widens nothing.';
  return [...changes.map((change) => `  ${inertLine(change)}`), verdict];
}

function diffOf(client: ControlClient, text: string): Promise<Difference> {
  return client.post<Difference>('/api/policy/diff', { text });
}

function check(io: Io, done: Done): Command {
  const summary = 'check a policy file without changing anything';
  return leaf({ name: 'check', summary, example: 'holdpoint policy check policy.yaml', exits })
    .argument('[file]', "a file; without it the instance's policy.yaml")
    .action((file: string | undefined, options: Options) =>
      perform(io, done, options, async () => {
        const text = await policyText(io, file);
        const { widens } = await diffOf(await connectControl(io), text);
        print(io, options, { ok: true, widens }, () => ['The policy is well formed.']);
        return exitCodes.ok;
      }),
    );
}

function diff(io: Io, done: Done): Command {
  const summary = 'say in words what a policy file would change';
  return leaf({ name: 'diff', summary, example: 'holdpoint policy diff', exits })
    .argument('[file]', "a file; without it the instance's policy.yaml")
    .action((file: string | undefined, options: Options) =>
      perform(io, done, options, async () => {
        const text = await policyText(io, file);
        const difference = await diffOf(await connectControl(io), text);
        print(io, options, difference, () => differenceLines(difference));
        return exitCodes.ok;
      }),
    );
}

async function applyText(io: Io, text: string, as: string | null): Promise<{ readonly changes: readonly string[] }> {
  const client = await connectControl(io);
  const difference = await diffOf(client, text);
  for (const line of differenceLines(difference)) io.err(`${line}\n`);
  if (difference.changes.length === 0) return { changes: [] };
  if (!difference.widens) return client.post('/api/policy/narrow', { text });
  const submission = await askFactor(io, client, {
    digest: digestOf({ verb: 'policy-apply', text }),
    typedName: null,
    as,
  });
  return client.post('/api/policy/apply', { text, submission });
}

function apply(io: Io, done: Done): Command {
  const summary = 'put a policy file in force; a widening one asks for your factor';
  return leaf({ name: 'apply', summary, example: 'holdpoint policy apply', exits: `${exits}; 1 no terminal` })
    .argument('[file]', "a file; without it the instance's policy.yaml")
    .option('--as <human>', 'who you are, where more than one human is enrolled')
    .action((file: string | undefined, options: Options) =>
      perform(io, done, options, async () => {
        const applied = await applyText(io, await policyText(io, file), options.as ?? null);
        const count = applied.changes.length;
        print(io, options, applied, () => [count === 0 ? 'Nothing to apply.' : `In force: ${count} changes.`]);
        return exitCodes.ok;
      }),
    );
}

export const verb: Verb = {
  build: (io, done) => group('policy', 'what each agent may do', [check(io, done), diff(io, done), apply(io, done)]),
};
