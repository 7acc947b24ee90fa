// Where an instance keeps its things: one folder, mode 0700, never inside an agent's project.
// Only paths; who may read them is checked at start (gateway/compose.ts) and measured as posture.

import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Home {
  readonly root: string;
  /** Configuration written by the human; the running policy is an event, not this file. */
  readonly policyFile: string;
  readonly storeFile: string;
  /** CA, journal signing key, vault identity, fingerprint key: mode 0600. */
  readonly keysDir: string;
  /** Written at each start, mode 0600: bearer of the control port for the instance's own user. */
  readonly controlTokenFile: string;
  /** `{pid, proxyPort, controlPort, startedAt}` of the running gateway; exists while it runs. */
  readonly instanceFile: string;
  /** What agents may read: CA bundle for their clients. */
  readonly publicDir: string;
}

export function homeAt(root: string): Home {
  return {
    root,
    policyFile: join(root, 'policy.yaml'),
    storeFile: join(root, 'store', 'holdpoint.sqlite'),
    keysDir: join(root, 'keys'),
    controlTokenFile: join(root, 'run', 'control.token'),
    instanceFile: join(root, 'run', 'instance.json'),
    publicDir: join(root, 'public'),
  };
}

export function defaultHomeRoot(env: Readonly<Record<string, string | undefined>>): string {
  return env.HOLDPOINT_HOME ?? join(homedir(), '.holdpoint');
}
