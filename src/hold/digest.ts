// What a yes is bound to (digest) and when two requests are the same request (retry key). DESIGN section 6.
// Both are canonical JSON under SHA-256; body bytes enter by their own SHA-256, so nothing is re-serialised.

import type { ActionContent, ChannelName } from '../action/action.ts';
import { digestOf, sha256Hex } from '../action/canonical.ts';
import type { OutgoingRequest } from '../action/request.ts';
import type { MaterialFacts } from './hold.ts';
import type { Requirement } from './proof.ts';

export interface DigestInput {
  readonly agent: string;
  readonly grantDigest: string;
  readonly policyDigest: string;
  readonly channel: ChannelName;
  readonly content: ActionContent;
  readonly credential: string | null;
  readonly material: MaterialFacts;
  readonly safeguards: readonly Requirement[];
}

/** Headers that differ between two sendings of the same request. A closed list: an unknown header is part of the request. */
const volatileHeaders: ReadonlySet<string> = new Set([
  'date',
  'user-agent',
  'traceparent',
  'tracestate',
  'baggage',
  'x-request-id',
  'x-correlation-id',
  'request-id',
  'x-amz-date',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'b3',
  'sentry-trace',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  // RFC 9421 message signatures: made anew, with a new date, for every sending.
  'signature',
  'signature-input',
  // The agent's own claim about why; it changes nothing upstream.
  'holdpoint-reason',
]);

function wholeRequest(request: OutgoingRequest): object {
  const { method, scheme, host, port, path, headers } = request;
  return { method, scheme, host, port, path, headers, body: sha256Hex(request.body) };
}

/** The multipart header around its boundary, or null. Two content types are two readings, which no retry may join. */
function boundaryOf(request: OutgoingRequest): { readonly boundary: string; readonly type: string } | null {
  const types = request.headers.filter(([name]) => name === 'content-type').map(([, value]) => value);
  const [type] = types;
  if (type === undefined || types.length > 1) return null;
  const found = /^multipart\/[^;]+;(?:[^;]*;)*?\s*boundary=("?)([^";]{1,70})\1\s*(?:;|$)/i.exec(type);
  const boundary = found?.[2];
  if (found === null || boundary === undefined) return null;
  const at = type.indexOf(boundary, found[0].toLowerCase().indexOf('boundary=') + 'boundary='.length);
  return { boundary, type: type.slice(0, at) + type.slice(at + boundary.length) };
}

/**
 * A multipart boundary is random per sending. The body enters as the list of what stands between its delimiter lines
 * (RFC 2046 5.1.1), so that nothing inside a part is ever rewritten: replacing the boundary's text wherever it occurs
 * would make different bodies equal.
 */
function bodyForRetry(body: Uint8Array, boundary: string): readonly string[] {
  const escaped = boundary.replace(/[^0-9A-Za-z]/g, '\\$&');
  const delimiter = new RegExp(`(?:^|\\r\\n)--${escaped}(--)?[ \\t]*(?=\\r\\n|$)`, 'g');
  const text = Buffer.from(body).toString('latin1');
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(delimiter)) {
    parts.push(
      sha256Hex(Buffer.from(text.slice(from, match.index), 'latin1')),
      match[1] === undefined ? 'next' : 'end',
    );
    from = match.index + match[0].length;
  }
  return [...parts, sha256Hex(Buffer.from(text.slice(from), 'latin1'))];
}

/** AWS SigV4: the signature and its day are new for every sending; the key that signs is part of the request. */
function headerForRetry(name: string, value: string): string {
  const key =
    /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/\d{8}\/([^, ]+), ?SignedHeaders=[^, ]+, ?Signature=[0-9a-f]{64}$/.exec(
      value,
    );
  return name === 'authorization' && key !== null ? `AWS4-HMAC-SHA256 ${key[1]} ${key[2]}` : value;
}

function contentForDigest(content: ActionContent): unknown {
  return content.kind === 'http' ? { kind: 'http', request: wholeRequest(content.request) } : content;
}

/** The digest that approvals sign (hex SHA-256). */
export function holdDigest(input: DigestInput): string {
  const { content, ...rest } = input;
  return digestOf({ ...rest, content: contentForDigest(content) });
}

/** Equal for two sendings of the same request by the same agent (hex SHA-256). */
export function retryKey(agent: string, channel: ChannelName, content: ActionContent): string {
  if (content.kind !== 'http') return digestOf({ agent, channel, content });
  const { request } = content;
  const multipart = boundaryOf(request);
  const headers = request.headers
    .filter(([name]) => !volatileHeaders.has(name) && name !== 'content-length')
    .map(([name, value]) => [name, headerForRetry(name, value)] as const)
    .map(([name, value]) => [name, name === 'content-type' && multipart !== null ? multipart.type : value] as const);
  const whole = wholeRequest({ ...request, headers });
  if (multipart === null) return digestOf({ agent, channel, request: whole });
  const parts = bodyForRetry(request.body, multipart.boundary);
  return digestOf({ agent, channel, request: { ...whole, body: parts } });
}

/** One key for all requests of an agent to a host that nobody has judged: it is asked about once (DESIGN section 5 "Hosts"). */
export function hostKey(agent: string, host: string): string {
  return digestOf({ agent, host });
}
