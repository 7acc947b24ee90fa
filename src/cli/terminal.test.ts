// The terminal's questions on a real pseudo-terminal (`script`): secrets are not echoed, and nothing else is a terminal.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Played, playTerminal, type Turn } from '../testing/pseudo-terminal.ts';
import { typed } from './terminal.ts';

const program = `
import { terminalIo } from ${JSON.stringify(join(import.meta.dirname, 'terminal.ts'))};
const io = terminalIo(process.env);
try {
  const name = await io.ask('Name:', { secret: false });
  const word = await io.ask('Word:', { secret: true });
  console.log('GOT', JSON.stringify({ name, word: word.length }));
} catch (fault) {
  console.log('FAULT', fault.code);
}
`;

/** Runs the program on a pseudo-terminal and types each answer when its question is on the screen. */
function play(turns: readonly Turn[]): Promise<Played> {
  const node = [process.execPath, '--input-type=module-typescript', '-e', `'${program.replaceAll("'", `'\\''`)}'`];
  return playTerminal(node.join(' '), turns);
}

describe('ask', () => {
  it('reads a line, then a secret that never shows', async () => {
    const secret = ['pass', 'phrase'].join('-');
    const { screen } = await play([
      ['Name: ', 'adax\u007f\r'],
      ['Word: ', `${secret}\r`],
    ]);
    expect(screen).toContain('GOT {"name":"ada","word":11}');
    expect(screen).not.toContain(secret);
    expect(screen).toContain('Name: ada\r\n');
  });

  it('stops at Ctrl-C', async () => {
    const { screen } = await play([['Name: ', '\u0003']]);
    expect(screen).toContain('FAULT asked-to-stop');
  });

  it('has no terminal in a process without one, whatever stdin offers', async () => {
    const screen = await new Promise<string>((resolve, reject) => {
      const child = spawn('setsid', [process.execPath, '--input-type=module-typescript', '-e', program]);
      let text = '';
      child.stdout.on('data', (part: Buffer) => {
        text += part.toString();
      });
      child.on('error', reject);
      child.on('exit', () => resolve(text));
      child.stdin.end('ada\nword\n');
    });
    expect(screen).toContain('FAULT no-terminal');
  });
});

describe('typed', () => {
  it.each([
    ['', 'abc', { line: 'abc', end: null }],
    ['abc', '\u007f\u007f', { line: 'a', end: null }],
    ['😀', '\b', { line: '', end: null }],
    ['abc', '\u0015x', { line: 'x', end: null }],
    ['abc', '\r', { line: 'abc', end: 'answer' }],
    ['abc', '\u0003', { line: '', end: 'abort' }],
    ['abc', '\u0004', { line: '', end: 'abort' }],
    ['', '\x1b[A', { line: '[A', end: null }],
  ] as const)('%j + %j', (line, chars, expected) => {
    expect(typed(line, chars)).toEqual(expected);
  });
});
