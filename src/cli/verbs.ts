// The table of commands: name, one line, and where the command is. Nothing is loaded until a command is asked for.
// A new command is one file with an exported `verb` and one line here; CONTRIBUTING.md has the four steps.

import type { Verb } from './verb.ts';

export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly verb: Verb }>;
}

export const verbs: readonly VerbEntry[] = [
  { name: 'status', summary: 'is the gateway up, what waits, who is how isolated', load: () => import('./status.ts') },
  { name: 'holds', summary: 'list what waits for a human', load: () => import('./holds.ts') },
  { name: 'hold', summary: 'show, approve, deny, cancel or settle one hold', load: () => import('./hold.ts') },
  { name: 'freeze', summary: 'stop one agent, or all, at once', load: () => import('./freeze.ts') },
  { name: 'thaw', summary: 'let a frozen agent act again', load: () => import('./thaw.ts') },
  { name: 'agent', summary: 'list, add or revoke agents', load: () => import('./agent.ts') },
  {
    name: 'credential',
    summary: 'what each credential was made for and can do',
    load: () => import('./credential.ts'),
  },
  { name: 'host', summary: 'list, allow or deny hosts outside the governed ones', load: () => import('./host.ts') },
  { name: 'people', summary: 'the humans who decide', load: () => import('./people.ts') },
  {
    name: 'explain',
    summary: 'what a request, command or statement would do, offline',
    load: () => import('./explain.ts'),
  },
  {
    name: 'lab',
    summary: 'replay the incident on a fake provider, with and without safeguards',
    load: () => import('./lab.ts'),
  },
  { name: 'log', summary: 'what happened, in words that people read', load: () => import('./log.ts') },
  { name: 'journal', summary: 'show, report, verify or export the journal', load: () => import('./journal.ts') },
  { name: 'policy', summary: 'check, compare or apply the policy', load: () => import('./policy.ts') },
];
