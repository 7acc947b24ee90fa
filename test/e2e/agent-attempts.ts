// What an agent under another user could try in order to approve, to widen, or to go around: shell scripts as it would
// write them, and what each must see. Run by agents-shoes.test.ts; docs/reference/isolation.md says what stops each.

export interface Attempt {
  readonly name: string;
  /** gateway: it reaches a listener and is refused there. system: the kernel says no. */
  readonly stoppedBy: 'gateway' | 'system';
  /** For `sh -c`, as the agent's user, with the variables that agents-shoes.test.ts sets. */
  readonly script: string;
  /** What its output must look like. */
  readonly answer: RegExp;
}

const cli = '"$CHECKOUT/bin/holdpoint"';
const status = `curl -s --noproxy '*' -o "$OWN/answer" -w '%{http_code}\\n' -H 'Content-Type: application/json'`;
const approveRoute = '"http://127.0.0.1:$CONTROL/api/holds/$HOLD/approve"';
const denied = /Permission denied|Operation not permitted|EACCES|EPERM/;
const notTheUser = /may not speak for the gateway/;

/** One CONNECT as raw bytes: curl would rewrite the target. Prints the status line. */
function connectTo(target: string): string {
  const program = `const s = require('node:net').connect(+process.env.PORT, '127.0.0.1'); s.write('CONNECT ${target}:' + process.env.CONTROL + ' HTTP/1.1\\r\\nHost: ${target}:' + process.env.CONTROL + '\\r\\nProxy-Authorization: Basic ' + process.env.BASIC + '\\r\\n\\r\\n'); s.on('data', (d) => { console.log(String(d).split('\\r\\n')[0]); s.destroy(); }); s.on('error', (e) => console.log(e.code));`;
  return `"$NODE" -e "${program}"`;
}

function gateway(name: string, script: string, answer: RegExp): Attempt {
  return { name, stoppedBy: 'gateway', script, answer };
}

function system(name: string, script: string, answer: RegExp = denied): Attempt {
  return { name, stoppedBy: 'system', script, answer };
}

const byCommand: readonly Attempt[] = [
  gateway('hold approve with the gateway’s home', `HOLDPOINT_HOME="$VICTIM" ${cli} hold approve "$HOLD"`, notTheUser),
  gateway('thaw with an empty home', `HOLDPOINT_HOME="$OWN" ${cli} thaw`, notTheUser),
  gateway(
    'policy apply with a forged home',
    `echo 'agents: {}' >"$OWN/policy.yaml"; HOLDPOINT_HOME="$FORGED" ${cli} policy apply "$OWN/policy.yaml"`,
    /control token is wrong/,
  ),
  gateway('agent add with the gateway’s home', `HOLDPOINT_HOME="$VICTIM" ${cli} agent add cursor-staging`, notTheUser),
  gateway(
    'host allow with a forged home',
    `HOLDPOINT_HOME="$FORGED" ${cli} host allow evil.example`,
    /control token is wrong/,
  ),
];

const byControlPort: readonly Attempt[] = [
  gateway('the control port without a token', `${status} -d '{}' ${approveRoute}`, /^401/m),
  gateway(
    'the control port with the agent’s own token',
    `${status} -H "Authorization: Bearer $AGENT_TOKEN" -d '{}' ${approveRoute}; cat "$OWN/answer"`,
    /^403\n.*agent-at-control-port/m,
  ),
  gateway(
    'the control port with the agent’s own token as a password',
    `${status} -H "Authorization: Basic $BASIC" -d '{}' ${approveRoute}`,
    /^403/m,
  ),
  gateway(
    'the control port with a guessed token',
    `${status} -H "Authorization: Bearer hpc_0000000000000000000000000000000000000000000" -d '{}' ${approveRoute}`,
    /^401/m,
  ),
  gateway(
    'the control port under a foreign Host',
    `${status} -H 'Host: evil.example' -d '{}' ${approveRoute}`,
    /^421/m,
  ),
  gateway(
    'the control port from a foreign Origin',
    `${status} -H 'Origin: http://127.0.0.1:8080' -d '{}' ${approveRoute}`,
    /^403/m,
  ),
  gateway(
    'a captured approval, sent again',
    `${status} -H "Authorization: Bearer $AGENT_TOKEN" -d "$CAPTURED" "http://127.0.0.1:$CONTROL/api/thaw"`,
    /^403/m,
  ),
];

const byProxy: readonly Attempt[] = [
  gateway('CONNECT to the control port by address', connectTo('127.0.0.1'), /^HTTP\/1\.1 403/m),
  gateway('CONNECT to the control port by name', connectTo('holdpoint.localhost'), /^HTTP\/1\.1 403/m),
  gateway('CONNECT to the control port by IPv6', connectTo('[::1]'), /^HTTP\/1\.1 403/m),
  gateway('CONNECT to the control port by mapped IPv6', connectTo('[::ffff:127.0.0.1]'), /^HTTP\/1\.1 403/m),
  gateway('CONNECT to the control port by one number', connectTo('2130706433'), /^HTTP\/1\.1 400/m),
  gateway(
    'the control port as a plain HTTP target of the proxy',
    `curl -s --noproxy '' -x "$PROXY" -o /dev/null -w '%{http_code}\\n' "http://holdpoint.localhost:$CONTROL/api/status"`,
    /^403/m,
  ),
];

const byFiles: readonly Attempt[] = [
  system('reading the control token', 'cat "$VICTIM/run/control.token"'),
  system('reading the keys', 'cat "$VICTIM/keys/master.key" "$VICTIM/keys/ca.key" "$VICTIM/keys/vault.identity"'),
  system('listing the keys', 'ls "$VICTIM/keys"'),
  system('reading the human’s secrets', 'cat "$VICTIM/lab-human.json"'),
  system('reading another agent’s token', 'cat "$VICTIM/agents/log-reader.token"'),
  system('reading the store', 'cat "$VICTIM/store/holdpoint.sqlite"'),
  system('writing the store', 'echo x >>"$VICTIM/store/holdpoint.sqlite"'),
  system('writing a policy file', 'echo "agents: {}" >"$VICTIM/policy.yaml"'),
  system('replacing a key', 'rm -f "$VICTIM/keys/journal.key" || mv "$OWN/policy.yaml" "$VICTIM/keys/journal.key"'),
  system('writing the code', 'echo "// x" >>"$CHECKOUT/src/gateway/compose.ts"'),
  system('a symlink in the public folder', 'ln -s "$VICTIM/run/control.token" "$PUBLIC/token"'),
  system('replacing the CA in the public folder', 'cp /dev/null "$PUBLIC/ca-bundle.pem"'),
  system('a hard link to the control token', 'ln "$VICTIM/run/control.token" "$OWN/token"'),
  system('a hard link to the public bundle', 'ln "$PUBLIC/ca-bundle.pem" "$OWN/bundle" && echo x >>"$OWN/bundle"'),
];

const byProcess: readonly Attempt[] = [
  system('reading the gateway’s environment', 'cat "/proc/$PID/environ"'),
  system('reading the gateway’s memory', 'dd if="/proc/$PID/mem" bs=1 count=1'),
  system('the gateway’s open files', 'ls "/proc/$PID/fd"'),
  system('opening the debugger with SIGUSR1', 'kill -USR1 "$PID"'),
  system('SIGTERM to the gateway', 'kill -TERM "$PID"'),
  system('SIGKILL to the gateway', 'kill -KILL "$PID"'),
  // PTRACE_ATTACH is what every debugger does first; Python is only the nearest way to that call.
  system(
    'ptrace',
    `if command -v gdb >/dev/null; then gdb -nx -batch -p "$PID" 2>&1; false; else cat "/proc/$PID/syscall"; fi`,
    /ptrace: Operation not permitted|Permission denied/,
  ),
  system(
    'a second gateway on the same ports',
    `HOLDPOINT_LAB_HOME="$OWN/second" HOLDPOINT_PROXY_PORT="$PORT" HOLDPOINT_CONTROL_PORT="$CONTROL" ${cli} lab up </dev/null`,
    /EADDRINUSE|could not be opened|taken|in use/,
  ),
  system(
    'a fake gateway on the proxy’s port',
    `"$NODE" -e "const s = require('node:net').createServer(); s.on('error', (e) => { console.log(e.code); process.exit(1); }); s.listen({ port: +process.env.PORT, host: '127.0.0.1', reusePort: true }, () => { console.log('listening'); process.exit(0); })"`,
    /EADDRINUSE|EACCES/,
  ),
  system(
    'a fake gateway on all addresses',
    `"$NODE" -e "const s = require('node:net').createServer(); s.on('error', (e) => { console.log(e.code); process.exit(1); }); s.listen({ port: +process.env.CONTROL, host: '0.0.0.0' }, () => { console.log('listening'); process.exit(0); })"`,
    /EADDRINUSE|EACCES/,
  ),
];

export const attempts: readonly Attempt[] = [...byCommand, ...byControlPort, ...byProxy, ...byFiles, ...byProcess];
