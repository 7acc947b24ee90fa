// Child process of the HTTP bench: Holdpoint's channel and upstream executor, real sockets and real TLS both ways, with
// a port that identifies the agent and lets everything pass. What policy and journal add is not in these figures.

import { startHttpChannel } from '../src/channels/http/channel.ts';
import { createUpstream } from '../src/channels/http/upstream.ts';
import { createCertificateAuthority, loadCertificateAuthority } from '../src/platform/certificates.ts';
import { fakeHttpPort } from '../src/testing/http-port.ts';

interface Start {
  readonly host: string;
  readonly originPort: number;
  readonly originCa: string;
  readonly agent: string;
  readonly token: string;
}

async function start(input: Start): Promise<void> {
  const nowMs = () => Date.now();
  const pair = createCertificateAuthority({ name: 'Holdpoint of the bench', notBeforeMs: nowMs() - 60_000, days: 7 });
  const route = { address: '127.0.0.1', port: input.originPort, ca: input.originCa };
  const executor = createUpstream({ route: async () => route });
  const port = fakeHttpPort({
    agent: input.agent,
    token: input.token,
    routes: new Map([[input.host, route]]),
    isBulk: (head) => head.path.startsWith('/bulk/'),
    executor,
    keep: 'nothing',
  });
  const ca = loadCertificateAuthority(pair, { nowMs });
  const channel = await startHttpChannel(port, { host: '127.0.0.1', port: 0, ca, log: () => {} });
  process.send?.({ port: channel.address.port, caPem: pair.certPem });
}

process.once('message', (input: Start) => void start(input));
process.on('disconnect', () => process.exit(0));
