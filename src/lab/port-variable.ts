// A lab's ports as the visitor's environment names them. What is no port is refused before anything starts: a mistyped
// number must not end up as some free port that nobody looks at.

import { HoldpointError } from '../platform/fault.ts';

/** 0: any free port. Throws `wrong-usage`. */
export function portFrom(
  env: Readonly<Record<string, string | undefined>>,
  name: 'HOLDPOINT_PROXY_PORT' | 'HOLDPOINT_CONTROL_PORT',
  usual: number,
): number {
  const given = env[name];
  if (given === undefined) return usual;
  // Number() alone would take an empty text for 0, and 0x10 for 16.
  if (/^\d{1,5}$/.test(given) && Number(given) < 65_536) return Number(given);
  throw new HoldpointError('wrong-usage', {
    what: `${name} is not a port.`,
    why: 'It takes a number from 0 to 65535.',
    next: `Unset it or set it to ${usual}.`,
  });
}
