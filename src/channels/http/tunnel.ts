// A blind tunnel to a host whose content is not read (model APIs): the server name is compared with the CONNECT target,
// then bytes are spliced both ways. It never decides that a host may be tunnelled; classOf behind port.ts does.
// Interception is its counterpart for every other host.

import { connect, isIP, type Socket } from 'node:net';
import { canonicalHost } from './authority.ts';
import { readClientHello } from './client-hello.ts';
import type { Route } from './port.ts';
import { type Refusal, refusals } from './refusals.ts';

export interface TunnelOptions {
  readonly host: string;
  readonly route: Route;
  readonly connectTimeoutMs: number;
  /** Called at most once, when the tunnel ends before any byte went upstream. */
  readonly onRefused: (refusal: Refusal) => void;
}

/** Collects the ClientHello, which may come in pieces, and calls back once with all bytes read so far. */
function collectHello(
  client: Socket,
  done: (bytes: Buffer, serverName: string | null) => void,
  fail: () => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const reading = readClientHello(bytes);
    if (reading.kind === 'incomplete') return;
    client.off('data', onData);
    client.pause();
    if (reading.kind === 'hello') done(bytes, reading.serverName);
    else fail();
  };
  client.on('data', onData);
}

function splice(client: Socket, upstream: Socket): void {
  // Each side's end is passed on; only when both have ended, or one has broken, is the tunnel over.
  client.pipe(upstream);
  upstream.pipe(client);
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroySoon());
}

/** Runs the tunnel on an agent's socket; the caller destroys that socket to end it. */
export function runTunnel(client: Socket, options: TunnelOptions): void {
  const refuse = (refusal: Refusal) => {
    options.onRefused(refusal);
    client.destroy();
  };
  collectHello(
    client,
    (hello, serverName) => {
      const same = serverName === null ? isIP(options.host) !== 0 : canonicalHost(serverName) === options.host;
      if (!same) {
        refuse(refusals.wrongHost);
        return;
      }
      const upstream = connect({
        host: options.route.address,
        port: options.route.port,
        noDelay: true,
        allowHalfOpen: true,
        timeout: options.connectTimeoutMs,
      });
      upstream.once('timeout', () => upstream.destroy());
      upstream.once('error', () => upstream.destroy());
      client.once('close', () => upstream.destroy());
      const onFailed = () => refuse(refusals.unreachable);
      upstream.once('close', onFailed);
      upstream.once('connect', () => {
        upstream.off('close', onFailed);
        upstream.setTimeout(0);
        upstream.write(hello);
        splice(client, upstream);
      });
    },
    () => refuse(refusals.notTls),
  );
}
