// The CLI's way to the control port: where it is and its token from the instance's home, then JSON over loopback.
// If the files are not this user's, one call without a token is still made, so that the attempt stands in the journal.
// It holds no session and keeps nothing; console/server/routes.ts is the other end.

import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { HoldpointError } from '../platform/fault.ts';
import { defaultHomeRoot, homeAt } from '../platform/home.ts';
import type { Reason } from '../platform/reason.ts';
import type { Io } from './verb.ts';

export interface ControlClient {
  get<T>(path: string): Promise<T>;
  /** Rejects with `refused-by-gateway` and the gateway's own words when the answer is no. */
  post<T>(path: string, body: unknown): Promise<T>;
}

const usualControlPort = 4654;
const answerMsMax = 20_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

function call(port: number, token: string | null, method: string, path: string, body: string | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: `127.0.0.1:${port}`,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, timeout: answerMsMax });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    outgoing.end(body ?? undefined);
  });
}

/** One call without a token. True if something answered like a control port. */
async function knock(io: Io): Promise<boolean> {
  const port = Number(io.env.HOLDPOINT_CONTROL_PORT ?? usualControlPort);
  try {
    return (await call(port, null, 'GET', '/api/status', null)).status === 401;
  } catch {
    return false;
  }
}

function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : '';
}

async function noInstance(io: Io, root: string, cause: unknown): Promise<HoldpointError> {
  const answered = await knock(io);
  const denied = ['EACCES', 'EPERM'].includes(codeOf(cause));
  if (denied || answered) {
    return new HoldpointError('not-this-user', {
      what: 'This user may not speak for the gateway.',
      why: denied
        ? `The control token under ${root} is readable by the gateway's own user only.`
        : `A gateway runs on this machine, but not from ${root}.`,
      next: answered
        ? 'Run the command as the user who runs the gateway, with its HOLDPOINT_HOME. This attempt is in its journal.'
        : 'Run the command as the user who runs the gateway, with its HOLDPOINT_HOME.',
      retry: 'no',
      cause,
    });
  }
  return new HoldpointError('gateway-not-running', {
    what: 'No gateway is running.',
    why: `There is no running instance under ${root}.`,
    next: 'Start the lab with `npm start`, or your own instance with `holdpoint up`; --home names another folder.',
    retry: 'later',
    cause,
  });
}

function refusedBy(answer: Answer): HoldpointError {
  let parts: Partial<Reason> = {};
  try {
    parts = JSON.parse(answer.text) as Partial<Reason>;
  } catch {
    // Not ours: the status is all there is to tell.
  }
  return new HoldpointError('refused-by-gateway', {
    what: parts.what ?? `The control port answered ${answer.status}.`,
    why: parts.why ?? 'It gave no reason that could be read.',
    next: parts.next ?? 'Look at `holdpoint status`.',
    retry: 'no',
    cause: parts.code,
  });
}

async function readInstance(io: Io): Promise<{ readonly port: number; readonly token: string; readonly root: string }> {
  const home = homeAt(defaultHomeRoot(io.env));
  try {
    const instance: unknown = JSON.parse(await readFile(home.instanceFile, 'utf8'));
    const port =
      instance !== null && typeof instance === 'object' && 'controlPort' in instance ? instance.controlPort : null;
    if (typeof port !== 'number') throw new Error('instance.json names no controlPort');
    return { port, token: (await readFile(home.controlTokenFile, 'utf8')).trim(), root: home.root };
  } catch (cause) {
    throw await noInstance(io, home.root, cause);
  }
}

/** Rejects with `gateway-not-running` (exit 3) or `not-this-user` (exit 1). */
export async function connectControl(io: Io): Promise<ControlClient> {
  const { port, token, root } = await readInstance(io);
  const ask = async <T>(method: string, path: string, body: string | null): Promise<T> => {
    let answer: Answer;
    try {
      answer = await call(port, token, method, path, body);
    } catch (cause) {
      throw new HoldpointError('gateway-not-reached', {
        what: 'The gateway does not answer.',
        why: `Nothing came from its control port ${port} (${codeOf(cause) || 'no answer in time'}).`,
        next: `If it was ended by force, start it again; ${root} still names it as running.`,
        retry: 'later',
        cause,
      });
    }
    if (answer.status !== 200) throw refusedBy(answer);
    return JSON.parse(answer.text) as T;
  };
  return {
    get: (path) => ask('GET', path, null),
    post: (path, body) => ask('POST', path, JSON.stringify(body)),
  };
}
