// Whose process holds the other end of a loopback TCP connection, read from the kernel's own tables (Linux).
// Used to measure posture and to journal who knocked; never to let anybody in: a uid is no credential.
// Null means not known (other system, connection gone, other network namespace), and is shown as such.

import { readFileSync } from 'node:fs';

const tables = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** Hex address of a row that is loopback: 127.0.0.0/8, ::1 and v4-mapped 127.0.0.0/8 in the kernel's byte order. */
function isLoopback(address: string): boolean {
  const mapped = address.startsWith('0000000000000000FFFF0000') ? address.slice(24) : address;
  return mapped.length === 8 ? mapped.endsWith('7F') : mapped === '00000000000000000000000001000000';
}

function portOf(end: string): number {
  return Number.parseInt(end.slice(end.indexOf(':') + 1), 16);
}

/** From the text of a table: the uid at each peer port that is connected to our local port. */
export function peerUidsIn(table: string, localPort: number): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const row of table.split('\n').slice(1)) {
    // The client's own end has our local port as its remote one.
    const [, local, remote, , , , , uid, , inode] = row.trim().split(/\s+/);
    if (local === undefined || remote === undefined || uid === undefined) continue;
    if (portOf(remote) !== localPort) continue;
    // Without an inode no process holds it any more, and the uid column says 0, which would read as root.
    if (inode === '0') continue;
    if (!isLoopback(local.slice(0, local.indexOf(':')))) continue;
    found.set(portOf(local), Number.parseInt(uid, 10));
  }
  return found;
}

function readTables(localPort: number): Map<number, number> {
  const all = new Map<number, number>();
  for (const path of tables) {
    try {
      for (const [port, uid] of peerUidsIn(readFileSync(path, 'latin1'), localPort)) all.set(port, uid);
    } catch {
      // No such table here (not Linux, or no IPv6): the other one, or not known.
    }
  }
  return all;
}

/** uid of the process at peerPort that is connected to our localPort over loopback; null if not known. */
export function peerUid(localPort: number, peerPort: number): number | null {
  return readTables(localPort).get(peerPort) ?? null;
}

/** How long one reading of the tables may speak for connections that came together with the one it was made for. */
const togetherMs = 100;

export type PeerUid = (localPort: number, peerPort: number) => number | null;

/**
 * `peerUid` for a listener with many connections. The kernel walks its whole table for one answer (6 ms were measured),
 * so connections that come together share one reading. Each row of it is used once: for a port that came back, and may
 * be somebody else's by then, the kernel is asked again.
 */
export function createPeerUid(clock: { monotonicMs(): number }): PeerUid {
  const readings = new Map<number, { readonly atMs: number; readonly uids: Map<number, number> }>();
  return (localPort, peerPort) => {
    const known = readings.get(localPort);
    const nowMs = clock.monotonicMs();
    const fresh = known !== undefined && nowMs - known.atMs < togetherMs && known.uids.has(peerPort);
    const uids = fresh ? known.uids : readTables(localPort);
    if (!fresh) readings.set(localPort, { atMs: nowMs, uids });
    const uid = uids.get(peerPort) ?? null;
    uids.delete(peerPort);
    return uid;
  };
}
