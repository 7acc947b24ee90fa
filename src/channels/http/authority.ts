// `host:port` as clients write it, read into one canonical form or not at all. Pure; no DNS, no policy.
// A name that two readers could take for different hosts (decimal or octal IPv4, userinfo, scoped IPv6, raw Unicode)
// is not repaired but refused: whoever means 127.0.0.1 can write it. Where the name leads is port.ts, classOf and route.

import { isIP, isIPv4, isIPv6 } from 'node:net';

export interface Authority {
  /** Lower case, without trailing dot and without brackets. */
  readonly host: string;
  readonly port: number;
}

export type Scheme = 'http' | 'https';

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** `[::1]` without brackets in its shortest form; null if it is none, or carries a scope or zone. */
function canonicalIpv6(bracketed: string): string | null {
  const inner = bracketed.slice(1, -1);
  if (inner.includes('%') || !isIPv6(inner)) return null;
  return new URL(`http://[${inner}]/`).hostname.slice(1, -1);
}

/** The canonical host, or null for anything that is not exactly one DNS name or IP literal. */
export function canonicalHost(text: string): string | null {
  if (text.startsWith('[') && text.endsWith(']')) return canonicalIpv6(text);
  const lower = text.toLowerCase();
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (name.length === 0 || name.length > 253) return null;
  const labels = name.split('.');
  if (!labels.every((part) => label.test(part))) return null;
  // inet_aton and URL parsers read `0x7f.1`, `2130706433` and `017700000001` as 127.0.0.1 (WHATWG URL "ends in a number").
  const last = labels.at(-1) ?? '';
  if (/^([0-9]+|0x[0-9a-f]*)$/.test(last) && !isIPv4(name)) return null;
  return name;
}

function portOf(text: string): number | null {
  if (!/^[0-9]{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

/** Reads `host[:port]`; null as defaultPort makes the port obligatory (CONNECT, RFC 9112 section 3.2.3). */
export function parseAuthority(text: string, defaultPort: number | null): Authority | null {
  const colon = text.lastIndexOf(':');
  const hasPort = colon > text.lastIndexOf(']');
  const host = canonicalHost(hasPort ? text.slice(0, colon) : text);
  const port = hasPort ? portOf(text.slice(colon + 1)) : defaultPort;
  return host === null || port === null ? null : { host, port };
}

export function defaultPortOf(scheme: Scheme): number {
  return scheme === 'https' ? 443 : 80;
}

/** The one Host header that goes upstream for this target. */
export function hostHeaderOf(scheme: Scheme, target: Authority): string {
  const host = isIP(target.host) === 6 ? `[${target.host}]` : target.host;
  return target.port === defaultPortOf(scheme) ? host : `${host}:${target.port}`;
}

/** Absolute-form `http://host[:port]/path` split by hand: a URL parser would rewrite the path that is classified. */
export function parseAbsoluteForm(
  text: string,
): { readonly scheme: Scheme; readonly target: Authority; readonly path: string } | null {
  const found = /^(https?):\/\/([^/?#\\@]+)([/?].*)?$/i.exec(text);
  if (found === null) return null;
  const [, named = '', authority = '', rest = ''] = found;
  const scheme = named.toLowerCase() === 'https' ? 'https' : 'http';
  const target = parseAuthority(authority, defaultPortOf(scheme));
  if (target === null) return null;
  if (rest === '') return { scheme, target, path: '/' };
  return { scheme, target, path: rest.startsWith('/') ? rest : `/${rest}` };
}
