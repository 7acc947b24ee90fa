// The outgoing request: built once by a channel, then the only thing that is classified, digested, stored and sent.
// Headers are already without hop-by-hop ones; credentials are placeholders; body bytes are exactly the client's.
// It is not a fetch Request: header order, duplicate names and raw path bytes matter to a second reader upstream.

export interface OutgoingRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Lower case, without port, without trailing dot. */
  readonly host: string;
  readonly port: number;
  /** Path with query exactly as the client sent it, beginning with `/`. */
  readonly path: string;
  /** Names in lower case, in the order sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Exactly the bytes sent, still under their Content-Encoding. At most the classify limit (1 MiB by default). */
  readonly body: Uint8Array;
}

/** First value of a header or null; name in lower case. */
export function header(request: OutgoingRequest, name: string): string | null {
  for (const [key, value] of request.headers) if (key === name) return value;
  return null;
}

/** All values of a header in order; name in lower case. */
export function headerValues(request: OutgoingRequest, name: string): readonly string[] {
  return request.headers.filter(([key]) => key === name).map(([, value]) => value);
}

/** The URL as a human reads it, with the default port left out. */
export function urlOf(request: OutgoingRequest): string {
  const usual = request.scheme === 'https' ? 443 : 80;
  const host = request.host.includes(':') ? `[${request.host}]` : request.host;
  return `${request.scheme}://${host}${request.port === usual ? '' : `:${request.port}`}${request.path}`;
}
