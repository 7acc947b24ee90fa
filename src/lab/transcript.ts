// What a run looked like: the agent's words, each command, its output. Secrets are replaced before anything is kept, not
// when it is shown. Ports, folders and hold ids differ from run to run, so golden transcripts have them normalised.

import type { StepRun } from './agent-process.ts';

export interface TranscriptStep {
  readonly thinks: string;
  readonly command: string;
  readonly output: string;
  readonly exitCode: number | null;
}

/** Secret -> what stands in its place, e.g. `[stray token]`. */
export type Masks = ReadonlyMap<string, string>;

export function masked(text: string, masks: Masks): string {
  let result = text;
  for (const [secret, shown] of masks) if (secret !== '') result = result.replaceAll(secret, shown);
  return result;
}

export function transcriptStep(thinks: string, command: string, run: StepRun, masks: Masks): TranscriptStep {
  return {
    thinks: masked(thinks, masks),
    command: masked(command, masks),
    output: masked(run.output, masks).trimEnd(),
    exitCode: run.exitCode,
  };
}

/** What differs between two equal runs, made equal. Ids need nothing: they come from the seed. */
export function normalised(text: string): string {
  return text
    .replace(/127\.0\.0\.1[: ]port \d+|127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replace(/\bhold_[0-9a-z]{16}\b/g, 'hold_<id>')
    .replace(/\bfp:[0-9a-f]{24}\b/g, 'fp:<fingerprint>')
    .replace(/holdpoint-lab-[\w-]+/g, 'holdpoint-lab-<run>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>');
}

export function renderStep(step: TranscriptStep): string {
  const output = step.output === '' ? '' : `${step.output}\n`;
  const exit = step.exitCode === 0 ? '' : `[exit ${step.exitCode ?? 'killed'}]\n`;
  return `# ${step.thinks}\n$ ${step.command}\n${output}${exit}`;
}
