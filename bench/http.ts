// What the HTTP channel costs: the same requests directly, through a plain CONNECT tunnel, through mitmproxy and through
// Holdpoint, interleaved in one run, because only ratios from one run on one machine mean anything.
// Each proxy is a process of its own; its cost is read from /proc. Linux only.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, getRequest, load, open, trusting, type Way } from './http-load.ts';
import { type Child, cpuMs, forkHardened, forkSibling, rssMb, spawnListening } from './http-process.ts';

const rounds = 5;
const roundMs = 2_000;
const connections = 32;
const requestsForRss = 100_000;
const bulkBytes = 100 * 1_048_576;

const targets = {
  throughputVsMitmproxy: { atLeast: 6 },
  cpuVsTunnel: { atMost: 8 },
  addedMedianMs: { atMost: 0.5 },
  rssMb: { atMost: 150 },
  bulkGrowthMb: { atMost: 64 },
} as const;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const mitmdump = '/usr/bin/mitmdump';

function installMitmproxy(): void {
  if (existsSync(mitmdump)) return;
  process.stderr.write('bench: installing mitmproxy (apt-get) …\n');
  spawnSync('apt-get', ['update', '-q'], { stdio: ['ignore', 2, 2] });
  spawnSync('apt-get', ['install', '-y', '-q', 'mitmproxy'], { stdio: ['ignore', 2, 2] });
  if (!existsSync(mitmdump)) throw new Error('mitmproxy could not be installed; install the Debian package by hand.');
}

async function startMitmproxy(dir: string, originCa: string): Promise<Child<null> & { port: number; caPem: string }> {
  installMitmproxy();
  const trustFile = join(dir, 'origin.pem');
  writeFileSync(trustFile, originCa);
  const port = await freePort();
  const settings = [`confdir=${join(dir, 'mitm')}`, `ssl_verify_upstream_trusted_ca=${trustFile}`, 'flow_detail=0'];
  const args = ['-q', '--listen-host', '127.0.0.1', '-p', String(port), ...settings.flatMap((set) => ['--set', set])];
  const child = await spawnListening(mitmdump, args, port);
  return { ...child, port, caPem: readFileSync(join(dir, 'mitm', 'mitmproxy-ca-cert.pem'), 'utf8') };
}

interface Stage {
  readonly ways: readonly Way[];
  readonly holdpoint: Way;
  readonly children: readonly Child<unknown>[];
  readonly dir: string;
}

async function setUp(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'holdpoint-bench-'));
  const origin = await forkSibling<{ port: number; caPem: string }>('http-origin.ts', null);
  const { port, caPem } = origin.hello;
  const tunnel = await forkSibling<{ port: number }>('http-tunnel.ts', null);
  const mitm = await startMitmproxy(dir, caPem);
  const [agent, host] = ['bench', 'api.bench.test'];
  const input = { host, originPort: port, originCa: caPem, agent };
  const gateway = await forkHardened<{ port: number; caPem: string; token: string }>('http-gateway.ts', input);
  const plain = { authorization: null, host: 'localhost', port } as const;
  const holdpoint: Way = {
    name: 'holdpoint',
    proxyPort: gateway.hello.port,
    authorization: `Basic ${Buffer.from(`${agent}:${gateway.hello.token}`).toString('base64')}`,
    host,
    port: 443,
    trust: trusting(gateway.hello.caPem),
    pid: gateway.pid,
  };
  const ways: readonly Way[] = [
    { ...plain, name: 'direct', proxyPort: null, trust: trusting(caPem), pid: null },
    { ...plain, name: 'tunnel', proxyPort: tunnel.hello.port, trust: trusting(caPem), pid: tunnel.pid },
    { ...plain, name: 'mitmproxy', proxyPort: mitm.port, trust: trusting(mitm.caPem), pid: mitm.pid },
    holdpoint,
  ];
  return { ways, holdpoint, children: [origin, tunnel, mitm, gateway], dir };
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMsPerRequest: number;
  readonly medianMs: number;
}

async function sample(way: Way, connectionCount: number, durationMs: number): Promise<Sample & { requests: number }> {
  const before = way.pid === null ? 0 : cpuMs(way.pid);
  const done = await load(way, { connections: connectionCount, durationMs, requestsMax: Number.POSITIVE_INFINITY });
  const spent = way.pid === null ? 0 : cpuMs(way.pid) - before;
  return {
    requests: done.requests,
    perSecond: done.requests / done.seconds,
    cpuMsPerRequest: spent / done.requests,
    medianMs: median(done.latenciesMs),
  };
}

/** Moves 100 MB and watches the proxy's memory meanwhile: the growth over what it had before, in MB. */
async function growthDuring(way: Way, move: () => Promise<void>): Promise<number> {
  const pid = way.pid ?? 0;
  await move();
  const before = rssMb(pid);
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, rssMb(pid));
  }, 20);
  await move();
  clearInterval(timer);
  return Math.max(highest, rssMb(pid)) - before;
}

async function download(way: Way): Promise<void> {
  const socket = await open(way);
  const answer = await ask(socket, getRequest(way, `/bytes/${bulkBytes}`));
  socket.destroy();
  if (answer.bodyBytes !== bulkBytes) throw new Error(`Download: ${answer.bodyBytes} bytes of ${bulkBytes}.`);
}

async function upload(way: Way): Promise<void> {
  const socket = await open(way);
  const block = Buffer.alloc(65_536, 0x62);
  let left = bulkBytes;
  const more = () => {
    while (left > 0) {
      left -= block.length;
      if (!socket.write(block)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  const head = `PUT /v2/bench/blobs/uploads/1 HTTP/1.1\r\nHost: ${way.host}\r\nContent-Length: ${bulkBytes}\r\n\r\n`;
  const answer = await ask(socket, head, more);
  socket.destroy();
  if (answer.status !== 200) throw new Error(`Upload: status ${answer.status}.`);
}

type Table = Readonly<Record<Way['name'], readonly Sample[]>>;

async function interleaved(
  stage: Stage,
): Promise<{ readonly busy: Table; readonly alone: Table; readonly requests: number }> {
  const busy: Record<Way['name'], Sample[]> = { direct: [], tunnel: [], mitmproxy: [], holdpoint: [] };
  const alone: Record<Way['name'], Sample[]> = { direct: [], tunnel: [], mitmproxy: [], holdpoint: [] };
  let requests = 0;
  for (const way of stage.ways) await sample(way, connections, 1_000);
  for (let round = 0; round < rounds; round += 1) {
    for (const way of stage.ways) {
      const measured = await sample(way, connections, roundMs);
      busy[way.name].push(measured);
      if (way === stage.holdpoint) requests += measured.requests;
    }
    for (const way of stage.ways) alone[way.name].push(await sample(way, 1, 500));
  }
  return { busy, alone, requests };
}

function medians(table: Table): Readonly<Record<string, Sample>> {
  return Object.fromEntries(
    Object.entries(table).map(([name, samples]) => [
      name,
      {
        perSecond: rounded(median(samples.map((one) => one.perSecond))),
        cpuMsPerRequest: rounded(median(samples.map((one) => one.cpuMsPerRequest))),
        medianMs: rounded(median(samples.map((one) => one.medianMs))),
      },
    ]),
  );
}

/** The median of the ratios of each round: both sides of a ratio saw the same machine. */
function ratio(of: readonly Sample[], to: readonly Sample[], field: keyof Sample): number {
  return rounded(median(of.map((one, round) => one[field] / (to[round]?.[field] ?? Number.NaN))));
}

async function measure(stage: Stage): Promise<Record<string, unknown>> {
  const { holdpoint } = stage;
  const { busy, alone, requests } = await interleaved(stage);
  const left = Math.max(0, requestsForRss - requests);
  await load(holdpoint, { connections, durationMs: 600_000, requestsMax: left });
  const rss = rounded(rssMb(holdpoint.pid ?? 0));
  const downGrowthMb = rounded(await growthDuring(holdpoint, () => download(holdpoint)));
  const upGrowthMb = rounded(await growthDuring(holdpoint, () => upload(holdpoint)));
  const figures = {
    throughputVsMitmproxy: ratio(busy.holdpoint, busy.mitmproxy, 'perSecond'),
    cpuVsTunnel: ratio(busy.holdpoint, busy.tunnel, 'cpuMsPerRequest'),
    addedMedianMs: rounded(
      median(alone.holdpoint.map((one, round) => one.medianMs - (alone.direct[round]?.medianMs ?? Number.NaN))),
    ),
  };
  const met = {
    throughputVsMitmproxy: figures.throughputVsMitmproxy >= targets.throughputVsMitmproxy.atLeast,
    cpuVsTunnel: figures.cpuVsTunnel <= targets.cpuVsTunnel.atMost,
    addedMedianMs: figures.addedMedianMs < targets.addedMedianMs.atMost,
    rssMb: rss < targets.rssMb.atMost,
    bulkGrowthMb: Math.max(downGrowthMb, upGrowthMb) <= targets.bulkGrowthMb.atMost,
  };
  return {
    ratios: { throughputVsMitmproxy: figures.throughputVsMitmproxy, cpuVsTunnel: figures.cpuVsTunnel },
    addedMedianMs: figures.addedMedianMs,
    rssMb: rss,
    requestsBeforeRss: Math.max(requests, requestsForRss),
    bulk: { megabytes: bulkBytes / 1_048_576, downGrowthMb, upGrowthMb },
    at32: medians(busy),
    at1: medians(alone),
    targets,
    met,
    ok: Object.values(met).every(Boolean),
  };
}

function print(result: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify(result, null, 2)}\n`);
}

/** Runs the bench; with `json` nothing but the return value speaks. */
export async function run(options: { readonly json: boolean }): Promise<Record<string, unknown>> {
  const stage = await setUp();
  try {
    const result = await measure(stage);
    if (!options.json) print(result);
    return result;
  } finally {
    for (const child of stage.children) child.process.kill('SIGTERM');
    rmSync(stage.dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const json = process.argv.includes('--json');
  const result = await run({ json });
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}
