// Who may speak to the control port: loopback Host names, the console's own Origin, the control token. Pure checks;
// server.ts applies them to every request before a route is looked at, attempts.ts journals the refusals.
// There are no cookies: they ignore ports, so a page on another localhost port would send them along.

import { createHash, timingSafeEqual } from 'node:crypto';
import { type Reason, reason } from '../../platform/reason.ts';

export interface Refusal {
  readonly status: 401 | 403 | 413 | 415 | 421 | 429;
  readonly reason: Reason;
}

export type Guest = 'owner' | 'agent' | 'stranger' | 'nobody';

const healthPaths: readonly string[] = ['/healthz', '/readyz'];

/** The one origin whose pages may call this port. */
export function consoleOrigin(port: number): string {
  return `http://holdpoint.localhost:${port}`;
}

function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Null if the Host is one of ours. DNS rebinding ends here: a foreign name that resolves to loopback is still foreign. */
export function checkHost(host: string | null, port: number, path: string): Refusal | null {
  const ours = ['holdpoint.localhost', '127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (host !== null && ours.includes(host.toLowerCase())) return null;
  if (host !== null && healthPaths.includes(path) && isLoopbackName(host)) return null;
  return {
    status: 421,
    reason: reason(
      'foreign-host',
      'This request was not meant for the control port.',
      'Its Host header is not one of the names that this port answers to.',
      `Call http://127.0.0.1:${port} or open ${consoleOrigin(port)}.`,
    ),
  };
}

/** Null if there is no Origin or it is the console's. Exact text: `null`, other ports and other schemes are foreign. */
export function checkOrigin(origin: string | null, port: number): Refusal | null {
  if (origin === null || origin === consoleOrigin(port)) return null;
  return {
    status: 403,
    reason: reason(
      'foreign-origin',
      'A page of another origin called the control port.',
      `Only ${consoleOrigin(port)} may call it from a browser.`,
      'Close that page. If it was the console, open it by the address above.',
    ),
  };
}

/** Null if a body, when there is one, says that it is JSON: a form of a foreign page cannot say so without a preflight. */
export function checkContentType(method: string, contentType: string | null): Refusal | null {
  if (method === 'GET' || method === 'HEAD') return null;
  if (contentType !== null && /^application\/json\s*(;|$)/i.test(contentType)) return null;
  return {
    status: 415,
    reason: reason(
      'not-json',
      'The control port takes JSON only.',
      'The Content-Type of this request is not application/json.',
      'Send the body as application/json.',
    ),
  };
}

function sameSecret(a: string, b: string): boolean {
  // Hashed first, so that neither length nor content shows in the time taken.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Whose bearer this is. An agent's own token is told apart because an agent at this door is worth a line in the journal. */
export function guestOf(
  authorization: string | null,
  controlToken: string,
  isAgentToken: (token: string) => boolean,
): Guest {
  if (authorization === null) return 'nobody';
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  if (token !== '' && sameSecret(token, controlToken)) return 'owner';
  const basic = /^basic +(\S+)$/i.exec(authorization)?.[1];
  const password =
    basic === undefined
      ? ''
      : Buffer.from(basic, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '');
  return [token, password].some((text) => text !== '' && isAgentToken(text)) ? 'agent' : 'stranger';
}

export function refusalOf(guest: Exclude<Guest, 'owner'>): Refusal {
  if (guest === 'agent') {
    return {
      status: 403,
      reason: reason(
        'agent-at-control-port',
        'An agent called the control port.',
        'Agents may ask, humans decide: no route here is open to an agent.',
        'Wait for the human, or ask them. Do not look for another route.',
      ),
    };
  }
  return {
    status: 401,
    reason: reason(
      guest === 'nobody' ? 'no-control-token' : 'wrong-control-token',
      guest === 'nobody' ? 'No control token was sent.' : 'The control token is wrong.',
      'The control port answers only to the token that the gateway writes at each start for its own user.',
      'Run the command as the user who runs the gateway, with the same HOLDPOINT_HOME.',
    ),
  };
}
