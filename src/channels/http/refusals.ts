// What the channel itself refuses, before any request reaches the pipeline: bad framing, two readings, wrong host.
// Data only. Everything that depends on policy is refused behind port.ts. Texts carry nothing that the agent wrote.

import { type Reason, reason } from '../../platform/reason.ts';

export interface Refusal {
  readonly status: number;
  readonly reason: Reason;
}

function refusal(status: number, code: string, what: string, why: string, next: string): Refusal {
  return { status, reason: reason(code, what, why, next) };
}

const sendOne = 'Send the request again in one unambiguous form.';

/** Faults of the port's `route` that are refusals: the place exists, and agents may not go there. All others: 502. */
export const notForAgents: ReadonlySet<string> = new Set(['address-forbidden', 'lab-stays']);

export const refusals = {
  notAProxyRequest: refusal(
    400,
    'not-a-proxy-request',
    'This port is the Holdpoint proxy for agents; it serves no pages of its own.',
    'The request was addressed to the proxy itself and not to a host behind it.',
    'Set this address as HTTP_PROXY and HTTPS_PROXY and ask for the host you mean. Holds are approved elsewhere, by humans.',
  ),
  noToken: refusal(
    407,
    'agent-token-missing',
    'The proxy does not know which agent is asking.',
    'Proxy-Authorization is missing, or its token is wrong, revoked or expired.',
    'Put the agent token into the proxy address (http://agent:<token>@…) or ask the human who runs Holdpoint for one.',
  ),
  otherToken: refusal(
    407,
    'agent-token-changed',
    'The connection belongs to another agent token.',
    'An agent is identified once for each connection, and this request names a different token than the first.',
    'Open a new connection for the other token.',
  ),
  badTarget: refusal(
    400,
    'target-unreadable',
    'The target host is not one DNS name or IP literal with a port.',
    'Names with several readings (numeric forms of IPv4, userinfo, scopes, raw Unicode) are not guessed.',
    'Write the host in its plain form, international names as xn--….',
  ),
  badPath: refusal(
    400,
    'path-unreadable',
    'The request path is not a plain path.',
    'It does not begin with a slash, or has raw control or non-ASCII bytes, a backslash, a fragment, or an encoded NUL or line break.',
    'Percent-encode the path as RFC 3986 has it.',
  ),
  badFraming: refusal(
    400,
    'request-unreadable',
    'The request cannot be read in exactly one way.',
    'Its framing breaks HTTP/1.1: lengths that contradict each other, a malformed line, or another protocol.',
    sendOne,
  ),
  contradictingHeaders: refusal(
    400,
    'headers-contradict',
    'Two headers of the request contradict each other.',
    'Host, Content-Length, Content-Type, Content-Encoding or Authorization appears more than once with different values.',
    sendOne,
  ),
  connectionNamesContent: refusal(
    400,
    'connection-names-content',
    'The Connection header names a header that belongs to the content.',
    'Removing it on the way would change what the request means.',
    'Name only hop-by-hop headers in Connection.',
  ),
  trailers: refusal(
    400,
    'trailers-not-served',
    'The request body ends with trailer fields.',
    'They arrive after the request has been judged.',
    'Send those fields as headers.',
  ),
  upgrade: refusal(
    400,
    'upgrade-not-served',
    'The request asks to switch to another protocol.',
    'WebSocket, HTTP/2 over plain text and other upgrades cannot be read here and are not let through unread.',
    'Use HTTP/1.1 without Upgrade.',
  ),
  expectation: refusal(
    400,
    'expectation-not-served',
    'The Expect header asks for something other than 100-continue.',
    'Nothing else is defined for it.',
    'Leave the header out.',
  ),
  trace: refusal(
    400,
    'trace-not-served',
    'TRACE is not forwarded.',
    'It would echo headers that the gateway adds.',
    'Use another method.',
  ),
  innerProxyAuthorization: refusal(
    400,
    'proxy-authorization-inside',
    'A request inside a tunnel carries Proxy-Authorization.',
    'The agent is identified by the CONNECT alone, and the token must not reach the host.',
    'Send Proxy-Authorization with the CONNECT only.',
  ),
  nestedConnect: refusal(
    400,
    'connect-nested',
    'CONNECT was sent inside a tunnel.',
    'A tunnel leads to one host; a second one inside it could not be read.',
    'Open a new connection to the proxy.',
  ),
  wrongHost: refusal(
    421,
    'host-differs',
    'The request is for another host than its tunnel.',
    'The Host header, the TLS server name and the CONNECT target must be the same.',
    'Open a tunnel to the host you mean.',
  ),
  notTls: refusal(
    400,
    'protocol-not-served',
    'The tunnel carries something that is neither TLS nor HTTP.',
    'After CONNECT only TLS for the same host or plain HTTP goes on.',
    'Ask the human who runs Holdpoint for another way to this service.',
  ),
  tooLarge: refusal(
    413,
    'body-over-limit',
    'The request body is larger than what can be judged.',
    'A body is read whole before it may go; only recognised bulk routes are streamed.',
    'Send it in smaller parts, or ask for the limit to be raised.',
  ),
  headTooLarge: refusal(
    431,
    'head-over-limit',
    'The request head is too large.',
    'Request line and headers together are bounded.',
    'Send fewer or smaller headers.',
  ),
  unreachable: refusal(
    502,
    'upstream-not-reached',
    'The host was not reached.',
    'Its name did not resolve to an address that agents may reach, or the connection was refused.',
    'Check the host name; nothing was sent.',
  ),
  internal: refusal(
    500,
    'gateway-fault',
    'The gateway could not judge the request.',
    'Something failed inside Holdpoint, so the request was denied and not sent.',
    'Try again later; the human who runs Holdpoint finds the cause in its log.',
  ),
} as const satisfies Readonly<Record<string, Refusal>>;
