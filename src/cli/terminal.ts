// Io for a real terminal: stdout, stderr, and questions that go to /dev/tty alone.
// Secrets come from nowhere else: not stdin, not the environment, not the command line, all of which an agent can fill
// or read. (What controls the terminal itself controls the answers; THREATMODEL.md says so.)

import { closeSync, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { HoldpointError } from '../platform/fault.ts';
import type { Io } from './verb.ts';

const answerCharsMax = 4_096;

function noTerminal(cause: unknown): HoldpointError {
  return new HoldpointError('no-terminal', {
    what: 'This needs a human at a terminal.',
    why: 'The question is asked on /dev/tty, and this process has none.',
    next: 'Run the command yourself in a terminal window; it cannot be piped, scripted or run by an agent.',
    retry: 'no',
    cause,
  });
}

interface Tty {
  readonly input: ReadStream;
  readonly output: WriteStream;
  close(): void;
}

function openTty(): Tty {
  let fd: number;
  try {
    fd = openSync('/dev/tty', 'r+');
  } catch (cause) {
    throw noTerminal(cause);
  }
  try {
    const input = new ReadStream(fd);
    const output = new WriteStream(fd);
    return {
      input,
      output,
      close() {
        input.destroy();
        output.destroy();
      },
    };
  } catch (cause) {
    closeSync(fd);
    throw noTerminal(cause);
  }
}

/** What typed characters make of the line so far: a finished answer, an abort, or more of it. */
export function typed(line: string, chars: string): { readonly line: string; readonly end: 'answer' | 'abort' | null } {
  let text = line;
  for (const char of chars) {
    if (char === '\r' || char === '\n') return { line: text, end: 'answer' };
    if (char === '\u0003' || char === '\u0004') return { line: '', end: 'abort' };
    if (char === '\u007f' || char === '\b') text = [...text].slice(0, -1).join('');
    else if (char === '\u0015') text = '';
    else if (char >= ' ' && text.length < answerCharsMax) text += char;
  }
  return { line: text, end: null };
}

/** Asks one question on the terminal. Raw mode for both kinds: a secret is not echoed, anything else is echoed by us. */
function ask(question: string, options: { readonly secret: boolean }): Promise<string> {
  return new Promise((resolve, reject) => {
    const tty = openTty();
    let line = '';
    const finish = (settle: () => void) => {
      tty.input.setRawMode(false);
      tty.output.write('\n');
      tty.close();
      settle();
    };
    // Echo is off before the question shows: keys that a quick hand types in between would stand on the screen.
    tty.input.setRawMode(true);
    tty.output.write(`${question} `);
    tty.input.setEncoding('utf8');
    tty.input.on('data', (chars: string) => {
      const before = line;
      const next = typed(line, chars);
      line = next.line;
      if (!options.secret && next.end !== 'abort') {
        tty.output.write(line.startsWith(before) ? line.slice(before.length) : `\r\x1b[K${question} ${line}`);
      }
      if (next.end === 'answer') finish(() => resolve(line));
      if (next.end === 'abort') finish(() => reject(stopped()));
    });
    tty.input.on('error', (cause) => finish(() => reject(noTerminal(cause))));
    tty.input.on('end', () => finish(() => reject(stopped())));
  });
}

function stopped(): HoldpointError {
  return new HoldpointError('asked-to-stop', {
    what: 'Nothing was done.',
    why: 'The question was left without an answer.',
    next: 'Run the command again when you are ready; holds wait.',
    retry: 'no',
  });
}

/** Io over this process. `env` is given so that main can apply --home first. */
export function terminalIo(env: Readonly<Record<string, string | undefined>>): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdin: process.stdin as AsyncIterable<Uint8Array>,
    env,
    cwd: process.cwd(),
    colour: process.stdout.isTTY === true && (env.NO_COLOR ?? '') === '',
    ask,
  };
}
