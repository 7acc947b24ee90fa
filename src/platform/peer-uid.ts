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

/** Rows of `/proc/net/tcp`: the client's own end has our local port as its remote one. */
export function peerUidIn(table: string, localPort: number, peerPort: number): number | null {
  for (const row of table.split('\n').slice(1)) {
    const [, local, remote, , , , , uid, , inode] = row.trim().split(/\s+/);
    if (local === undefined || remote === undefined || uid === undefined) continue;
    if (portOf(local) !== peerPort || portOf(remote) !== localPort) continue;
    // Without an inode no process holds it any more, and the uid column says 0, which would read as root.
    if (inode === '0') continue;
    if (!isLoopback(local.slice(0, local.indexOf(':')))) continue;
    return Number.parseInt(uid, 10);
  }
  return null;
}

/** uid of the process at peerPort that is connected to our localPort over loopback; null if not known. */
export function peerUid(localPort: number, peerPort: number): number | null {
  for (const path of tables) {
    try {
      const uid = peerUidIn(readFileSync(path, 'latin1'), localPort, peerPort);
      if (uid !== null) return uid;
    } catch {
      // No such table here (not Linux, or no IPv6): the other one, or not known.
    }
  }
  return null;
}
