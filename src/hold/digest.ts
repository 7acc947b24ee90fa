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

  'holdpoint-reason',
]);

function wholeRequest(request: OutgoingRequest): unknown {
  const { method, scheme, host, port, path, headers } = request;
  return { method, scheme, host, port, path, headers, body: sha256Hex(request.body) };
}

/** A multipart boundary is random per sending; it is replaced in the header and the body alike. */
function withoutBoundary(request: OutgoingRequest): OutgoingRequest {
  const type = request.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const boundary = /^multipart\/[^;]+;(?:.*;)?\s*boundary="?([^";]{1,70})"?/i.exec(type)?.[1];
  if (boundary === undefined) return request;
  const body = Buffer.from(Buffer.from(request.body).toString('latin1').replaceAll(boundary, 'boundary'), 'latin1');
  const headers = request.headers.map(
    ([name, value]) => [name, name === 'content-type' ? value.replaceAll(boundary, 'boundary') : value] as const,
  );
  return { ...request, body, headers };
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
  const request = withoutBoundary(content.request);
  const headers = request.headers.filter(([name]) => !volatileHeaders.has(name) && name !== 'content-length');
  return digestOf({ agent, channel, request: wholeRequest({ ...request, headers }) });
}
