// The smallest client of the fake, over TLS and by host name, verifying the certificate as a real client would.
// For the lab's own steps and for tests; agents in scenarios use curl.

import { request } from 'node:https';

export interface ClientTarget {
  readonly port: number;
  readonly caPem: string;
}

export interface ClientRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ClientAnswer {
  readonly status: number;
  readonly text: string;
}

export function callFake(target: ClientTarget, asked: ClientRequest): Promise<ClientAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: target.port,
        servername: asked.host,
        ca: target.caPem,
        method: asked.method,
        path: asked.path,
        headers: { host: asked.host, ...asked.headers },
        agent: false,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(asked.body);
  });
}
