// What requests leave behind: nothing. The real gateway, started as the launcher starts it, has about as much memory
// after ten thousand plain reads as after the first thousands. Ratios within one run only; figures are http.ts's.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { load, trusting, type Way } from './http-load.ts';
import { type Child, forkHardened, forkSibling, rssMb } from './http-process.ts';

const children: Child<unknown>[] = [];
let way: Way;

beforeAll(async () => {
  const origin = await forkSibling<{ port: number; caPem: string }>('http-origin.ts', null);
  children.push(origin);
  const [agent, host] = ['bench', 'api.bench.test'];
  const input = { host, originPort: origin.hello.port, originCa: origin.hello.caPem, agent };
  const gateway = await forkHardened<{ port: number; caPem: string; token: string }>('http-gateway.ts', input);
  children.push(gateway);
  const { port: proxyPort, caPem, token } = gateway.hello;
  const authorization = `Basic ${Buffer.from(`${agent}:${token}`).toString('base64')}`;
  way = { name: 'holdpoint', proxyPort, authorization, host, port: 443, trust: trusting(caPem), pid: gateway.pid };
});
afterAll(() => {
  for (const child of children) child.process.kill('SIGTERM');
});

it('grows no further with the number of requests', async () => {
  const ask = (requestsMax: number) => load(way, { connections: 8, durationMs: 60_000, requestsMax });
  const memory = () => rssMb(way.pid ?? 0);
  await ask(3_000);
  const early = memory();
  const { requests } = await ask(9_000);
  expect(requests).toBeGreaterThanOrEqual(9_000);
  // What a request is made of takes some 10 KB: kept for each, it would nearly double the memory.
  expect(memory() / early).toBeLessThan(1.25);
});
