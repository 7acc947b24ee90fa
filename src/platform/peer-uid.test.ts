// Who is at the other end of a loopback connection: the kernel's tables as text, and one real connection.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createPeerUid, peerUid, peerUidsIn } from './peer-uid.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, uid: number, inode: number, state = '01') =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;

describe('peerUidsIn', () => {
  // 0x122D = 4653, 0xC350 = 50000.
  it.each<[string, string, number | null]>([
    ['the client end', row('0100007F:C350', '0100007F:122D', 1000, 77), 1000],
    ['the server end alone is not the peer', row('0100007F:122D', '0100007F:C350', 1000, 77), null],
    ['another port', row('0100007F:C351', '0100007F:122D', 1000, 77), null],
    ['not loopback', row('0202000A:C350', '0100007F:122D', 1000, 77), null],
    ['::1', row('00000000000000000000000001000000:C350', '00000000000000000000000001000000:122D', 5, 7), 5],
    ['v4 in v6', row('0000000000000000FFFF00000100007F:C350', '0000000000000000FFFF00000100007F:122D', 6, 7), 6],
    ['closed: the kernel says uid 0 for nobody', row('0100007F:C350', '0100007F:122D', 0, 0, '06'), null],
    ['nonsense', 'x', null],
  ])('%s', (_name, text, expected) => {
    expect(peerUidsIn(`${head}\n${text}\n`, 4653).get(50_000) ?? null).toBe(expected);
  });
});

it('knows this process at the end of a real connection, and nobody where none is', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const clientPort = client.localPort ?? 0;
  expect(peerUid(port, clientPort)).toBe(process.getuid?.());
  expect(peerUid(port, port)).toBeNull();
  client.destroy();
  server.close();
});

it('asks the kernel once for connections that came together, and again for one that it has not seen or has told', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [one, other, late] = [0, 0, 0].map(() => connect({ port, host: '127.0.0.1' }));
  await Promise.all([one, other, late].map((each) => each !== undefined && once(each, 'connect')));
  const uid = process.getuid?.();
  const uidOf = createPeerUid({ monotonicMs: () => 0 });
  expect(uidOf(port, one?.localPort ?? 0)).toBe(uid);
  // Gone since the reading: only the reading still knows it, and tells it once.
  const closed = other?.localPort ?? 0;
  other?.resetAndDestroy();
  await once(other ?? server, 'close');
  expect(uidOf(port, closed)).toBe(uid);
  expect(uidOf(port, closed)).toBeNull();
  expect(uidOf(port, late?.localPort ?? 0)).toBe(uid);
  one?.destroy();
  late?.destroy();
  server.close();
});

it('lets a reading speak for a tenth of a second only', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [one, other] = [0, 0].map(() => connect({ port, host: '127.0.0.1' }));
  await Promise.all([one, other].map((each) => each !== undefined && once(each, 'connect')));
  let nowMs = 0;
  const uidOf = createPeerUid({ monotonicMs: () => nowMs });
  expect(uidOf(port, one?.localPort ?? 0)).toBe(process.getuid?.());
  const closed = other?.localPort ?? 0;
  other?.resetAndDestroy();
  await once(other ?? server, 'close');
  nowMs = 101;
  expect(uidOf(port, closed)).toBeNull();
  one?.destroy();
  server.close();
});
