// Every fault that bad input can cause, once: code, exit or status, and what the reader is told. bad-input.test.ts causes
// each of them; docs/reference/bad-input.md is made from this table (`node_modules/.bin/node test/bad-input-table.ts`).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tree.ts';

export interface BadInput {
  readonly id: string;
  readonly fault: string;
  readonly at: 'proxy' | 'control' | 'command' | 'policy' | 'start' | 'clock';
  readonly code: string;
  /** HTTP status, or the exit code of a command. */
  readonly result: number;
}

/** What a cause gets back. */
export interface Seen {
  readonly result: number;
  readonly text: string;
}

const row = (at: BadInput['at'], id: string, fault: string, code: string, result: number): BadInput => ({
  id,
  fault,
  at,
  code,
  result,
});

export const badInputs: readonly BadInput[] = [
  row('proxy', 'not-http', 'bytes that are no HTTP', 'request-unreadable', 400),
  row('proxy', 'own-page', 'a request to the proxy itself', 'not-a-proxy-request', 400),
  row('proxy', 'no-token', 'no agent token', 'agent-token-missing', 407),
  row('proxy', 'wrong-token', 'a wrong agent token', 'agent-token-missing', 407),
  row('proxy', 'bad-target', 'a target that is no host and port', 'target-unreadable', 400),
  row('proxy', 'big-head', 'a head over 64 KiB', 'head-over-limit', 431),
  row('proxy', 'two-lengths', 'two lengths that contradict each other', 'request-unreadable', 400),
  row('proxy', 'two-types', 'two content types', 'headers-contradict', 400),
  row('proxy', 'bad-path', 'a path with a backslash', 'path-unreadable', 400),
  row('proxy', 'big-body', 'a body over 1 MiB', 'body-over-limit', 413),
  row('proxy', 'bad-json', 'broken JSON under its label', 'broken-json', 403),
  row('proxy', 'two-members', 'JSON that names a member twice', 'duplicate-member', 403),
  row('proxy', 'bad-graphql', 'GraphQL that does not parse', 'destructive-needs-human', 423),
  row('proxy', 'disk-write', 'a write while the journal cannot be written', 'journal-unwritable', 403),
  row('proxy', 'disk-hold', 'a deletion while the journal cannot be written', 'journal-unwritable', 403),
  row('control', 'control-json', 'a body that is no JSON', 'bad-request', 400),
  row('control', 'control-shape', 'JSON of another shape', 'bad-request', 400),
  row('control', 'control-big', 'a body over 256 KiB', 'body-too-large', 413),
  row('control', 'control-route', 'a route that is not there', 'no-such-route', 404),
  row('control', 'control-no-token', 'no control token', 'no-control-token', 401),
  row('control', 'control-hold', 'a hold that is not there', 'no-such-hold', 404),
  row('control', 'control-policy', 'a policy that does not parse', 'config-invalid', 422),
  row('control', 'control-widen', 'a policy that widens, without a factor', 'factor-needed', 403),
  row('control', 'control-factor', 'a factor of another shape', 'bad-request', 400),
  row('control', 'disk-ready', '`/readyz` while the journal cannot be written', 'journal-unwritable', 503),
  row('command', 'verb', 'a verb that is not there', 'wrong-usage', 2),
  row('command', 'flag', 'a flag that is not there', 'wrong-usage', 2),
  row('command', 'hold', 'a hold id that is not there', 'refused-by-gateway', 1),
  row('command', 'stopped', 'no gateway is running', 'gateway-not-running', 3),
  row('command', 'explain-line', 'lines of `explain --jsonl` that cannot be read', 'line-unreadable', 0),
  row('command', 'apply-text', '`policy apply` of a text that does not parse', 'refused-by-gateway', 1),
  row('command', 'apply-file', '`policy apply` of a file that is not there', 'policy-file-unreadable', 4),
  row('command', 'apply-widen', '`policy apply` that widens, without a terminal', 'no-terminal', 1),
  row('command', 'apply-passphrase', '`policy apply` that widens, with a wrong passphrase', 'passphrase-wrong', 1),
  row('command', 'proxy-variable', '`HOLDPOINT_PROXY_PORT` is no port', 'wrong-usage', 2),
  row('command', 'control-variable', '`HOLDPOINT_CONTROL_PORT` is no port', 'wrong-usage', 2),
  row('policy', 'policy-key', 'an unknown key', 'config-invalid', 0),
  row('policy', 'policy-type', 'a word where a duration belongs', 'config-invalid', 0),
  row('policy', 'policy-wildcard', 'a wildcard in protects', 'config-invalid', 0),
  row('policy', 'policy-secret', 'a secret in the file', 'config-invalid', 0),
  row('policy', 'policy-yaml', 'no YAML', 'config-invalid', 0),
  row('start', 'home-open', 'a home that others may write to', 'home-not-safe', 0),
  row('start', 'run-open', 'a folder of the home that others may write to', 'home-not-safe', 0),
  row('start', 'code-open', 'code that everybody may write to', 'home-not-safe', 0),
  row('start', 'home-file', 'a file where the home belongs', 'home-not-safe', 0),
  row('start', 'store-text', 'a store that is none', 'store-not-a-store', 0),
  row('start', 'store-damaged', 'a store with damaged pages', 'store-corrupt', 0),
  row('start', 'store-cut', 'a store whose end is missing', 'store-corrupt', 0),
  row('start', 'store-format', 'a store of another version', 'store-version', 0),
  row('start', 'store-tail', 'a store whose newest event was taken away', 'journal-broken', 0),
  row('start', 'store-keys', 'a store with the keys of another home', 'store-other-key', 0),
  row('start', 'store-busy', 'a second instance on the same home', 'store-in-use', 0),
  row('start', 'keys-open', 'key files that others may read', 'keys-exposed', 0),
  row('start', 'keys-folder-open', 'a keys folder that others may look into', 'keys-exposed', 0),
  row('start', 'ca-key-open', 'a certificate key that others may read', 'keys-exposed', 0),
  row('start', 'ca-broken', 'a broken certificate authority', 'ca-unusable', 0),
  row('start', 'proxy-port', 'the proxy port taken', 'proxy-port-taken', 0),
  row('start', 'control-port', 'the control port taken', 'control-port-taken', 0),
  row('clock', 'clock-forward', 'the clock jumps forward, or the machine slept, during a delay', 'reheld', 0),
  row('clock', 'clock-back', 'the clock jumps back during a delay', 'reheld', 0),
  row('clock', 'clock-approved', 'the clock jumps after the approval, before the delay', 'reheld', 0),
];

const places: readonly (readonly [BadInput['at'], string, string])[] = [
  ['proxy', 'Requests of agents', 'status'],
  ['control', 'The control port', 'status'],
  ['command', 'Commands', 'exit code'],
  ['policy', 'The policy file', ''],
  ['start', 'Starting', ''],
  ['clock', 'The clock of a running instance', ''],
];

export function badInputPage(): string {
  const sections = places.flatMap(([at, title, column]) => [
    `## ${title}`,
    '',
    column === '' ? '| input | code |' : `| input | code | ${column} |`,
    column === '' ? '|---|---|' : '|---|---|---|',
    ...badInputs
      .filter((each) => each.at === at)
      .map((each) => `| ${each.fault} | \`${each.code}\` |${column === '' ? '' : ` ${each.result} |`}`),
    '',
  ]);
  return [
    '# Bad input',
    '',
    'Made by `test/bad-input-table.ts`; `test/bad-input.test.ts` causes every line of it on a running instance. Each answer',
    'says what happened, why, and what to do next, and leaves store and provider as they were. While the journal cannot be',
    'written, plain reads still pass; afterwards everything does again. After a jump of the clock the journal says why the',
    "hold is its humans' again.",
    '',
    ...sections,
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(root, 'docs/reference/bad-input.md'), badInputPage());
