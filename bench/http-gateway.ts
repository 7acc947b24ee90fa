// Child process of the HTTP bench: a whole lab instance as compose.ts wires it (policy, reader, verdicts, journal in
// SQLite, both listeners), with one host led to the bench's origin. What it costs is what an agent pays.
// The origin is listed as ordinary: no provider's page is needed, and every request still runs through the pipeline.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstance } from '../src/gateway/compose.ts';
import { realRules } from '../src/gateway/rules.ts';
import { homeAt } from '../src/platform/home.ts';

interface Start {
  readonly host: string;
  readonly originPort: number;
  readonly originCa: string;
  readonly agent: string;
}

function policyFor(input: Start): string {
  return `agents:
  ${input.agent}:
    scopes: ["*:read", "*:write"]
    environments: all
    destructive: never
hosts: { ordinary: [${input.host}] }
`;
}

async function start(input: Start): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-bench-home-'));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  const route = { address: '127.0.0.1', port: input.originPort, ca: input.originCa };
  const instance = await startInstance({
    home: homeAt(join(root, 'home')),
    name: 'bench',
    proxyPort: 0,
    controlPort: 0,
    lab: {
      upstream: (host) => (host === input.host ? route : null),
      leave: 'nowhere',
      rules: realRules,
      totp: 'asked',
    },
    notifier: { held: () => undefined, moved: () => undefined },
    taskOf: () => null,
    fault: (where, error) => process.stderr.write(`bench gateway: ${where}: ${String(error)}\n`),
  });
  await instance.loadFirstPolicy(policyFor(input), 'bench');
  const token = await instance.credentials.agentTokens.issue(input.agent);
  process.send?.({ port: instance.proxyPort, caPem: readFileSync(instance.bundleFile, 'utf8'), token });
}

process.once('message', (input: Start) => void start(input));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
