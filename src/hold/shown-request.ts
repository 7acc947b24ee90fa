// The request as a human reads it on the hold page: complete in meaning, masked where a value is a secret, bounded.
// The stored bytes are untouched; this is a rendering, and it is what lies in the store in the clear.

import type { OutgoingRequest } from '../action/request.ts';
import { urlOf } from '../action/request.ts';
import type { ShownRequest } from './hold.ts';

const bodyCharsMax = 64 * 1024;
const masked = '[masked]';

/** Names whose values are secrets wherever they stand. `value` alone is masked only beside such a name (variableUpsert). */
const secretName =
  /pass(word|wd|phrase)?$|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|authorization|cookie|credential|connection[-_]?string|(database|redis|mongo)[-_]?ur[il]|dsn$/i;
const userinfo = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s/@"']+@/gi;
const schemeToken = /\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const assignment = /\b([A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|API_KEY|PRIVATE_KEY|ACCESS_KEY)[A-Z0-9_]*)=([^\s&"']+)/g;

/** Text with what looks like a secret masked: userinfo, scheme tokens, NAME=value. */
export function maskText(text: string): string {
  return text
    .replace(userinfo, `$1${masked}@`)
    .replace(schemeToken, `$1 ${masked}`)
    .replace(assignment, `$1=${masked}`);
}

function maskJson(value: unknown, name: string): unknown {
  if (typeof value === 'string') return secretName.test(name) ? masked : maskText(value);
  if (Array.isArray(value)) return value.map((each) => maskJson(each, name));
  if (value === null || typeof value !== 'object') return value;
  const named = Object.entries(value).some(
    ([key, other]) => /^(name|key)$/i.test(key) && typeof other === 'string' && secretName.test(other),
  );
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, maskJson(each, named && key === 'value' ? 'secret' : key)]),
  );
}

function shownBody(body: Uint8Array): string {
  if (body.length === 0) return '';
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return `(${body.length} bytes, not text)`;
  }
  if (text.length > bodyCharsMax)
    return `${maskText(text.slice(0, bodyCharsMax))}\n(cut: ${text.length} characters in all)`;
  try {
    return JSON.stringify(maskJson(JSON.parse(text), ''), null, 2);
  } catch {
    return maskText(text);
  }
}

function shownUrl(request: OutgoingRequest): string {
  const url = urlOf(request);
  const [path, query] = [url.split('?', 1)[0] ?? '', url.includes('?') ? url.slice(url.indexOf('?') + 1) : null];
  if (query === null) return maskText(url);
  const parts = query.split('&').map((part) => {
    const name = part.split('=', 1)[0] ?? '';
    return secretName.test(name) ? `${name}=${masked}` : maskText(part);
  });
  return `${path}?${parts.join('&')}`;
}

export function shownRequest(request: OutgoingRequest): ShownRequest {
  const headers = request.headers.map(
    ([name, value]) => [name, secretName.test(name) ? masked : maskText(value)] as const,
  );
  return { method: request.method, url: shownUrl(request), headers, body: shownBody(request.body) };
}
