// Reads a request head into an outgoing request, or refuses it. Pure: raw header pairs in, values out.
// What has two readings is refused here, before anything is classified (request smuggling, RFC 9112 section 11.2);
// what the request means is not known here. Node's parser in strict mode comes first: chunk sizes, bare line feeds,
// obsolete folding and Content-Length beside Transfer-Encoding never arrive.

import type { OutgoingRequest } from '../../action/request.ts';
import type { Headers } from '../../execute/executor.ts';
import { type Authority, defaultPortOf, hostHeaderOf, parseAuthority, type Scheme } from './authority.ts';
import { type Refusal, refusals } from './refusals.ts';

/** Where the request came in. `tunnel`: after a CONNECT, so the target is fixed. */
export interface Place {
  readonly kind: 'tunnel' | 'proxy';
  readonly scheme: Scheme;
  readonly target: Authority;
}

export interface RequestHead {
  readonly kind: 'head';
  readonly request: OutgoingRequest;
  /** null: no Content-Length. */
  readonly contentLength: number | null;
  readonly hasBody: boolean;
}

export type HeadReading = RequestHead | { readonly kind: 'refused'; readonly refusal: Refusal };

export const noBody = new Uint8Array(0);

/** Hop-by-hop in both directions (RFC 9110 section 7.6.1, RFC 9112 section 6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Never removed because Connection names them: they decide what the request means. */
const content = /^(host|authorization|cookie|content-.*|x-http-method.*|x-method-override)$/;

/** Two of these with different values are two requests in one. */
const single: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
]);

// RFC 3986's characters, still encoded. `^`, `|`, braces and quotes are not in it, but common clients send them raw.
const plainPath = /^\/[\x21\x22\x24-\x5b\x5d-\x7e]*$/;
const encodedBreak = /%0[0ad]/i;

export function refuse(refusal: Refusal): { readonly kind: 'refused'; readonly refusal: Refusal } {
  return { kind: 'refused', refusal };
}

/** True for a path that every server reads from the same bytes. `//` and dot segments are left to classify. */
export function isPlainPath(path: string): boolean {
  if (!plainPath.test(path)) return false;
  const query = path.indexOf('?');
  return !encodedBreak.test(query === -1 ? path : path.slice(0, query));
}

function namedByConnection(value: string): readonly string[] {
  return value.split(',').map((name) => name.trim().toLowerCase());
}

/** Removes hop-by-hop headers and those that Connection names. Names come out in lower case, order and duplicates stay. */
export function withoutHopByHop(headers: Headers): Headers {
  let named: readonly string[] | null = null;
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'connection') named = [...(named ?? []), ...namedByConnection(value)];
  }
  const kept: [string, string][] = [];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && named?.includes(lower) !== true) kept.push([lower, value]);
  }
  return kept;
}

interface Scan {
  readonly headers: [string, string][];
  /** Index of the Host header in `headers`; -1 if none. */
  hostAt: number;
  contentLength: number | null;
  chunked: boolean;
  refusal: Refusal | null;
}

/** Reads one hop-by-hop header, which will not go on. */
function scanHop(scan: Scan, name: string, value: string, place: Place, removed: Set<string>): void {
  if (name === 'connection') {
    for (const named of namedByConnection(value)) {
      if (content.test(named)) scan.refusal = refusals.connectionNamesContent;
      removed.add(named);
    }
  } else if (name === 'transfer-encoding') {
    if (scan.chunked || value.trim().toLowerCase() !== 'chunked') scan.refusal = refusals.badFraming;
    scan.chunked = true;
  } else if (name === 'upgrade') {
    scan.refusal = refusals.upgrade;
  } else if (name === 'proxy-authorization' && place.kind === 'tunnel') {
    scan.refusal = refusals.innerProxyAuthorization;
  }
}

/** Reads one header that must not have a second, different value; true if it is a repetition and is to be dropped. */
function scanSingle(scan: Scan, name: string, value: string): void {
  if (name === 'host') {
    if (scan.hostAt !== -1) scan.refusal = refusals.contradictingHeaders;
    scan.hostAt = scan.headers.length;
    return;
  }
  if (name === 'content-length') {
    if (!/^[0-9]{1,15}$/.test(value)) scan.refusal = refusals.badFraming;
    else scan.contentLength = Number(value);
  }
  for (const [other, before] of scan.headers) {
    if (other === name && before !== value) scan.refusal = refusals.contradictingHeaders;
  }
}

function scanHeaders(raw: readonly string[], place: Place): Scan {
  const scan: Scan = { headers: [], hostAt: -1, contentLength: null, chunked: false, refusal: null };
  const removed = new Set<string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    if (hopByHop.has(name)) {
      scanHop(scan, name, value, place, removed);
      continue;
    }
    if (single.has(name)) scanSingle(scan, name, value);
    // Answered here, before any hold: the next hop must not be asked again.
    if (name === 'expect') {
      if (value.toLowerCase() !== '100-continue') scan.refusal = refusals.expectation;
      continue;
    }
    scan.headers.push([name, value]);
  }
  if (scan.chunked && scan.contentLength !== null) scan.refusal = refusals.badFraming;
  if (removed.size > 0) return { ...scan, ...withoutNamed(scan, removed) };
  return scan;
}

function withoutNamed(scan: Scan, removed: ReadonlySet<string>): Pick<Scan, 'headers' | 'hostAt'> {
  const headers = scan.headers.filter(([name]) => !removed.has(name));
  return { headers, hostAt: headers.findIndex(([name]) => name === 'host') };
}

/** True if the Host header names the target; the common spelling is compared without parsing. */
function namesTarget(value: string, usual: string, place: Place): boolean {
  if (value === usual) return true;
  const read = parseAuthority(value, defaultPortOf(place.scheme));
  return read !== null && read.host === place.target.host && read.port === place.target.port;
}

/**
 * The outgoing request (body still empty) for a head as Node's parser gives it. Host is rewritten to its one canonical
 * spelling, so that classification, certificate and upstream read the same name; everything else stays as sent.
 */
export function readHead(
  head: {
    readonly method: string;
    readonly path: string;
    readonly version: string;
    readonly rawHeaders: readonly string[];
  },
  place: Place,
): HeadReading {
  const scan = scanHeaders(head.rawHeaders, place);
  if (scan.refusal !== null) return refuse(scan.refusal);
  if (head.version !== '1.1' && (head.version !== '1.0' || scan.chunked)) return refuse(refusals.badFraming);
  if (head.method === 'TRACE') return refuse(refusals.trace);
  if (!isPlainPath(head.path)) return refuse(refusals.badPath);
  const usual = hostHeaderOf(place.scheme, place.target);
  if (scan.hostAt === -1) {
    // HTTP/1.0 knows no Host; 1.1 without one is malformed (RFC 9112 section 3.2).
    if (head.version === '1.1') return refuse(refusals.badFraming);
    scan.headers.unshift(['host', usual]);
  } else if (!namesTarget(scan.headers[scan.hostAt]?.[1] ?? '', usual, place)) {
    return refuse(refusals.wrongHost);
  } else {
    scan.headers[scan.hostAt] = ['host', usual];
  }
  return {
    kind: 'head',
    request: {
      method: head.method,
      scheme: place.scheme,
      host: place.target.host,
      port: place.target.port,
      path: head.path,
      headers: scan.headers,
      body: noBody,
    },
    contentLength: scan.contentLength,
    hasBody: scan.chunked || (scan.contentLength ?? 0) > 0,
  };
}
