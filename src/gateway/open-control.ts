// The human side of an instance: control port, its token and instance file, and the change log in the projects' folders.
// Composed from ports alone; compose.ts hands them in.

import type { ControlPort } from '../console/server/port.ts';
import { startControlServer } from '../console/server/server.ts';
import type { Clock } from '../platform/clock.ts';
import type { Home } from '../platform/home.ts';
import { systemDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { startChangeLogWriter } from './change-log-writer.ts';
import { type ControlDeps, createControl, holdFinder } from './control.ts';
import type { HoldDesk } from './hold-desk.ts';
import { createHumanVerbs } from './human-verbs.ts';
import { removeInstanceFiles, writeControlToken, writeInstanceFile } from './instance-files.ts';
import type { Factors, PolicyReader } from './ports.ts';
import { policyFileDiffers } from './running-policy.ts';
import type { Sessions } from './sessions.ts';
import type { System } from './system.ts';

export interface OpenControlDeps
  extends Pick<ControlDeps, 'tokenCards' | 'newAgentToken' | 'secrets' | 'listeners' | 'fault'> {
  readonly home: Home;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly proxyPort: number;
  readonly instance: 'lab' | 'real';
  readonly storage: Storage;
  readonly system: System;
  readonly sessions: Sessions;
  readonly desk: HoldDesk;
  readonly factors: Factors;
  readonly policies: PolicyReader;
  readonly clock: Clock;
  readonly isAgentToken: (token: string) => boolean;
}

export interface OpenedControl {
  readonly control: ControlPort;
  readonly controlPort: number;
}

/** Starts it; what has to be ended again is pushed on `closers` as it comes to be. */
export async function openControl(deps: OpenControlDeps, closers: (() => Promise<void>)[]): Promise<OpenedControl> {
  const { home, clock, storage, system, policies, desk, factors, listeners, fault, proxyPort } = deps;
  const lab = deps.instance === 'lab';
  const startedAtMs = clock.wallMs();
  let controlPort = 0;
  const find = holdFinder(storage);
  const differs = () => policyFileDiffers(home, system, policies);
  const control = createControl({
    ...deps,
    find,
    verbs: createHumanVerbs({ desk, system, factors, clock, find }),
    facts: () => ({ lab, startedAtMs, proxyPort, controlPort, policyFileDiffers: differs() }),
  });
  const token = writeControlToken(home);
  closers.push(async () => removeInstanceFiles(home));
  const { host, port, isAgentToken } = deps;
  const server = await startControlServer(control, { host, port, token, lab, isAgentToken });
  closers.push(() => server.close());
  controlPort = server.port;
  const facts = { pid: process.pid, proxyPort, controlPort, startedAt: new Date(startedAtMs).toISOString(), lab };
  writeInstanceFile(home, facts);
  const changeLog = await startChangeLogWriter({ storage, system, listeners, clock, fault });
  closers.push(() => changeLog.close());
  await storage.commit({ events: [systemDraft('started', startedAtMs, null, { lab, pid: process.pid })] });
  return { control, controlPort };
}
