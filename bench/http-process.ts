// Child processes of a bench and what they cost: processor time and memory as Linux counts them in /proc.
// Each measured proxy is a process of its own, so that nobody's figures contain the load generator's.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { hardenedEnv, nodeFlags } from '../src/cli/launch.ts';
import { programOf } from '../src/cli/program.ts';

/** Clock ticks per second of /proc/<pid>/stat: 100 on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100;

export interface Child<Hello> {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly hello: Hello;
}

function firstMessage<Hello>(child: ChildProcess): Promise<Hello> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Hello));
    child.once('exit', (code) => reject(new Error(`A process of the bench ended at its start (${code}).`)));
    child.once('error', reject);
  });
}

/** Starts a sibling script and waits for its first message. */
export async function forkSibling<Hello>(file: string, input: object | null): Promise<Child<Hello>> {
  const child = fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return greeted(child, input);
}

/** The same for a program of the gateway's: made, flagged and cleared exactly as the launcher does it. */
export async function forkHardened<Hello>(file: string, input: object): Promise<Child<Hello>> {
  const program = await programOf(join(import.meta.dirname, file));
  const how = { execArgv: [...nodeFlags], env: { ...hardenedEnv(process.env) } };
  return greeted(fork(program, { ...how, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }), input);
}

async function greeted<Hello>(child: ChildProcess, input: object | null): Promise<Child<Hello>> {
  if (input !== null) child.send(input);
  const hello = await firstMessage<Hello>(child);
  return { process: child, pid: child.pid ?? 0, hello };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a foreign program and waits until its port answers. */
export async function spawnListening(program: string, args: readonly string[], port: number): Promise<Child<null>> {
  const child = spawn(program, args, { stdio: 'ignore' });
  // A bench that fails must not leave a proxy running.
  process.once('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) break;
    if (await accepts(port)) return { process: child, pid: child.pid ?? 0, hello: null };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`${program} did not open its port.`);
}

/** User and system time of a process so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

export function rssMb(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1] ?? Number.NaN) / 1_024;
}
