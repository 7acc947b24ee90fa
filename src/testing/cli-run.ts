// Runs one command line of the CLI in this process: captured output, answers for the terminal given beforehand.
// For tests only; what a real terminal does is tested with a pseudo-terminal in cli/terminal.test.ts.

import { run } from '../cli/main.ts';
import type { ExitCode, Io } from '../cli/verb.ts';
import { HoldpointError } from '../platform/fault.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly { readonly question: string; readonly secret: boolean }[];
}

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly colour?: boolean;
  /** Answers in order; a question without one finds no terminal. */
  readonly answers?: readonly string[];
}

export async function runCli(args: readonly string[], given: Given = {}): Promise<Ran> {
  const text = { out: '', err: '' };
  const asked: { question: string; secret: boolean }[] = [];
  const answers = [...(given.answers ?? [])];
  const io: Io = {
    out(part) {
      text.out += part;
    },
    err(part) {
      text.err += part;
    },
    stdin: (async function* () {
      if (given.stdin !== undefined) yield Buffer.from(given.stdin);
    })(),
    env: given.env ?? {},
    cwd: given.cwd ?? process.cwd(),
    colour: given.colour ?? false,
    async ask(question, { secret }) {
      asked.push({ question, secret });
      const answer = answers.shift();
      if (answer !== undefined) return answer;
      const why = { what: 'No terminal.', why: 'The test gave no answer.', next: 'Give one.', retry: 'no' } as const;
      throw new HoldpointError('no-terminal', why);
    },
  };
  const code = await run(args, io);
  return { code, ...text, asked };
}
