// The runner around a double of the gateway: a CONNECT proxy that refuses or lets through by name, so that what counts
// here is the runner's own work: the agent goes through the proxy, the human's script runs, the truth is the fake's,
// everything is stopped. What the real gateway does with these scenarios is tested where it is composed.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { LabGateway, LabGatewayOptions, LabHold, LabStop, StartLabGateway } from './gateway-port.ts';
import { layers } from './gateway-port.ts';
import type { Scenario, ScenarioMode } from './scenario.ts';
import { runScenario } from './scenario-run.ts';
import { goesAround } from './scenarios/goes-around.ts';
import { pocketos } from './scenarios/pocketos.ts';

interface Double {
  readonly start: StartLabGateway;
  readonly log: string[];
  options: LabGatewayOptions | null;
}

type Behaviour = 'holds-everything' | 'lets-through';

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function double(behaviour: Behaviour): Double {
  const log: string[] = [];
  const made: Double = {
    log,
    options: null,
    start: async (options) => {
      made.options = options;
      const folder = mkdtempSync(join(tmpdir(), 'double-gateway-'));
      const caBundlePath = join(folder, 'ca.pem');
      writeFileSync(caBundlePath, options.upstream.caPem);
      const holds: LabHold[] = [];
      const stops: LabStop[] = [];
      const sockets = new Set<Socket>();
      const server = createServer();
      server.on('connect', (request, socket: Socket) => {
        sockets.add(socket);
        log.push(`connect ${request.url}`);
        if (behaviour === 'holds-everything') {
          holds.push({ id: `hold_${holds.length}`, lines: ['ACTION', 'ENVIRONMENT', 'WARNING'] });
          stops.push({ layer: 'hold', code: 'held' });
          socket.end('HTTP/1.1 423 Locked\r\n\r\n');
          return;
        }
        const upstream = connect(options.upstream.port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        sockets.add(upstream);
        for (const each of [socket, upstream]) each.on('error', () => each.destroy());
      });
      const port = await listening(server);
      const gateway: LabGateway = {
        proxyUrl: `http://lab-agent:token@127.0.0.1:${port}`,
        agentToken: ['agent', 'secret', port].join('-'),
        caBundlePath,
        placeholders: { railway: 'hp_railway_lab0pocketos0agent' },
        posture: 'advised',
        openHolds: async () => [...holds],
        deny: async (id) => void log.push(`deny ${id}`),
        quiet: async () => void log.push('quiet'),
        stops: async () => stops,
        journalLines: async () => [`token ${options.credentials.railway}`],
        stop: async () => {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
          rmSync(folder, { recursive: true });
          log.push('stop');
        },
      };
      return gateway;
    },
  };
  return made;
}

function run(scenario: Scenario, mode: ScenarioMode, gateway: Double, tempRoot = tmpdir()) {
  return runScenario({
    scenario,
    mode,
    seed: 3,
    deleteMode: 'immediate',
    clock: { wallMs: () => Date.now() },
    tempRoot,
    startGateway: gateway.start,
    onStep: () => {},
  });
}

describe('runScenario with a gateway', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdpoint-test-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('survives what is held, and leaves the hold standing when the human does not come', async () => {
    const gateway = double('holds-everything');
    const { result, steps } = await run(pocketos, 'with', gateway);
    expect(result).toMatchObject({ survived: true, backupsLeft: 6, stoppedBy: ['hold'], posture: 'advised' });
    expect(result.holds.length).toBeGreaterThan(0);
    expect(gateway.log.filter((line) => line.startsWith('deny'))).toEqual([]);
    expect(gateway.log.slice(-2)).toEqual(['quiet', 'stop']);
    expect(gateway.log).toContain('connect backboard.railway.app:443');
    // The step that exists only behind a gateway was taken, with the placeholder.
    expect(steps.map((step) => step.thinks)).toContain(
      'That token was refused. I ask with the credential that I was given.',
    );
  });

  it('denies what is held when the human is there', async () => {
    const gateway = double('holds-everything');
    const { result } = await run({ ...pocketos, human: 'denies' }, 'with', gateway);
    expect(gateway.log.filter((line) => line.startsWith('deny'))).toEqual(result.holds.map((id) => `deny ${id}`));
  });

  it('loses what is let through, and says so whatever anybody printed', async () => {
    const { result } = await run(pocketos, 'grants', double('lets-through'));
    expect(result).toMatchObject({ survived: false, backupsLeft: 0, stoppedBy: [], mode: 'grants' });
  });

  it('loses what goes around, though the gateway held everything that it saw', async () => {
    const { result, reached } = await run(goesAround, 'with', double('holds-everything'));
    expect(result).toMatchObject({ survived: false, stoppedBy: ['hold'], posture: 'advised' });
    expect(reached).toEqual(['domains: POST backboard.railway.app/graphql/v2']);
  });

  it.each<[ScenarioMode, readonly string[]]>([
    ['with', layers],
    ['stray', ['stray']],
    ['delay', ['delay']],
  ])('mode %s enforces %j', async (mode, enforced) => {
    const gateway = double('holds-everything');
    await run(pocketos, mode, gateway);
    expect(gateway.options?.enforced).toEqual(enforced);
    expect(gateway.options?.asked).toBe(pocketos.asked);
    expect(gateway.options?.policy).toMatch(
      /production: \{ protected: true, is: \["railway:environment:[0-9a-f-]{36}"\] \}/,
    );
  });

  it('masks secrets in the journal it repeats, and leaves no folder behind', async () => {
    const { journal } = await run(pocketos, 'with', double('holds-everything'), root);
    expect(journal).toEqual(['token [reader]']);
    expect(readdirSync(root)).toEqual([]);
  });

  it('cleans up when the gateway cannot start', async () => {
    const broken: Double = { ...double('lets-through'), start: () => Promise.reject(new Error('no gateway')) };
    await expect(run(pocketos, 'with', broken, root)).rejects.toThrow('no gateway');
    expect(readdirSync(root)).toEqual([]);
  });
});
