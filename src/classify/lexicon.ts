// Words that say what an operation does, read from its name alone: the last resort before the HTTP method.
// It never lowers what another reader found; rescues that may do so are in rescue.ts, one exact form each.

import type { Aspect, Effect } from '../action/effect.ts';

const destroying = words(`delete deletes destroy drop remove terminate purge wipe truncate flush flushall flushdb erase
  expunge empty prune uninstall unlink kill obliterate nuke clear discard dispose destruct shred void revoke deprovision
  decommission deregister unregister release rebuild reimage reinstall reset rollback revert restore overwrite demote
  evict expire forget redact anonymize invalidate rmi rm bulkdelete batchdelete trash undeploy compact teardown
  garbage merge failback downgrade transfer move replace abandon withdraw close detach_all deauthorize
  unpublish delist deactivate`);
/** Words of the list above that are only sometimes destruction: what they act on decides. */
const mild = words(`clear release reset revert restore merge transfer move replace close invalidate expire empty
  deactivate unpublish failback evict flush discard redact compact withdraw downgrade garbage kill forget`);
const reading = words(`get list describe read show fetch find search query count lookup check validate verify preview
  estimate compare diff explain head view browse export download scan select poll peek inspect simulate test introspect
  filter aggregate analyze ping status resolve calculate render suggest autocomplete exists has is whoami me batchget
  lint plan evaluate match summarize translate detect recognize classify tail watch history stat stats info retrieve
  discover decode parse predict`);
const ordinary = words(`create add set update put post upsert insert edit modify change rename enable start stop resume
  pause restart reboot deploy redeploy trigger run invoke send publish upload import copy clone duplicate attach detach
  associate disassociate assign unassign link tag untag register submit request accept approve reject join leave invite
  activate lock unlock pin unpin subscribe unsubscribe mark archive unarchive undelete recover sync refresh retry cancel
  suspend unsuspend scale resize extend promote apply commit push pull complete confirm begin open connect disconnect
  generate issue sign login logout configure toggle track record log ack acknowledge snooze follow unfollow star unstar
  react vote rate comment reply mute unmute hide unhide minimize unminimize convert move schedule reschedule grant allow
  deny authorize increment decrement append patch save store write new make build rebase capture charge pay refund
  finalize init initialize initiate provision advance notify answer call cordon uncordon poweron poweroff shutdown
  simulate reopen block unblock ban unban disable drain hold abort batch bulk process execute exec migrate rotate
  regenerate renew reassign reorder sort upgrade reserve allocate prepare transition transform bind put tier issue`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** `volumeDelete`, `delete_subnet`, `bulk-delete`, `DBInstance` -> lower-case words. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word.length > 0)
    .map((word) => word.toLowerCase());
}

const dangerText =
  /delet|destro|drop|truncat|purg|wipe|remov|terminat|flush|eras|prune|revoke|reset|restore|rollback|rebuild|overwrite|kill|uninstall|expunge|shred|clear|empty|exec|eval|script|cmd|command|action|method/i;

/** A quick look for any word of danger in an operation's name or query; true costs only the word `plain`. */
export function saysDanger(text: string): boolean {
  return dangerText.test(text);
}

export function destroys(word: string): boolean {
  return destroying.has(word);
}

export function destroysAlways(word: string): boolean {
  return destroying.has(word) && !mild.has(word);
}

export function reads(word: string): boolean {
  return reading.has(word);
}

export function isVerb(word: string): boolean {
  return destroying.has(word) || reading.has(word) || ordinary.has(word);
}

/** Nouns that make a mild word harmless: jobs and caches end or refill without loss. */
const light = words(`job jobs run runs build builds task tasks operation operations query queries execution executions
  request requests session sessions cache caches lock locks lease leases scroll cursor reaction reactions notification
  notifications subscription upload import export invitation deployment deployments pipeline pipelines workflow pull pr
  alert alerts incident incidents issue issues filter filters view thread message conversation tag tags label labels
  breakpoint test connection connections stage stages hold order_hold card items position error errors status counter
  counters column columns list topic ticket room channel chat`);
/** Nouns that make even "cancel" or "disable" a loss. */
const grave = words(`account accounts subscription subscriptions backup backups protection versioning pitr retention
  storage bucket replication order orders snapshot snapshots database service2 plan domain contract lifecycle`);

export interface Judged {
  readonly effect: Effect;
  /** The word that decided, for the evidence line; null: none did. */
  readonly word: string | null;
  readonly aspects: readonly Aspect[];
}

/**
 * Judges an operation's name by its verbs. `around` are the words of what it acts on (path nouns).
 * Null: no word of the name is known.
 */
export function judgeName(name: string, around: readonly string[] = []): Judged | null {
  const parts = wordsOf(name);
  const first = parts[0];
  if (first === undefined) return null;
  const aspects = aspectsOf(parts, around);
  const all = [...parts, ...around];
  // `updateMembersCanDelete…`: the first word is what it does, the rest is the name of a setting.
  if (ordinary.has(first) && !destroying.has(first)) {
    const lossOf = ['cancel', 'disable', 'suspend', 'stop', 'schedule', 'detach'].includes(first);
    if (first === 'cancel' || first === 'disable') {
      const loses = all.some((word) => grave.has(word)) && !all.some((word) => word === 'deletion' || light.has(word));
      if (loses)
        return { effect: 'destructive', word: first, aspects: first === 'disable' ? ['removes-protection'] : aspects };
    }
    if (lossOf && parts.includes('deletion') && first === 'schedule')
      return { effect: 'destructive', word: 'deletion', aspects };
    if (['batch', 'bulk', 'force', 'schedule', 'request', 'admin', 'process', 'execute'].includes(first)) {
      const verb = parts.find((word) => destroysAlways(word) || word === 'deletion');
      if (verb !== undefined) return { effect: 'destructive', word: verb, aspects };
      const gentle = parts.find((word) => reads(word));
      if (gentle !== undefined && parts[1] === gentle) return { effect: 'read', word: gentle, aspects };
    }
    return { effect: 'write', word: first, aspects };
  }
  if (reading.has(first)) return { effect: 'read', word: first, aspects };
  const verb = parts.find((word) => destroying.has(word));
  if (verb !== undefined) {
    const harmless = mild.has(verb) && all.some((word) => light.has(word));
    return { effect: harmless ? 'write' : 'destructive', word: verb, aspects };
  }
  const last = parts.at(-1) ?? first;
  if (ordinary.has(last)) return { effect: 'write', word: last, aspects };
  if (reading.has(last)) return { effect: 'read', word: last, aspects };
  const middle = parts.find((word) => ordinary.has(word));
  return middle === undefined ? null : { effect: 'write', word: middle, aspects };
}

const minting = /^(create|add|generate|mint|issue|regenerate|rotate|new|put|attach|grant|assume|invite|get)$/;
const keys =
  /^(token|tokens|key|keys|apikey|credential|credentials|password|secret2|permission|permissions|policy|role|roles|invite|invitation|invitations|collaborator|collaborators|member|members|login|federation|pat|grant)$/;

function aspectsOf(parts: readonly string[], around: readonly string[]): readonly Aspect[] {
  const aspects: Aspect[] = [];
  const verb = parts[0] ?? '';
  const nouns = [...parts.slice(1), ...around];
  if (verb === 'assume' && nouns.includes('role')) aspects.push('mints-access');
  else if (minting.test(verb) && verb !== 'get' && verb !== 'put' && mints(nouns)) aspects.push('mints-access');
  if (/^(exec|invoke|execute|run|eval|dispatch|dispatches|build)$/.test(verb)) aspects.push('runs-code');
  if (/^(refund|payout|pay|charge|capture|purchase|buy|order)s?$/.test(verb)) aspects.push('spends-money');
  return aspects;
}

/** `access key`, `api token`, `login profile`: nouns that are a way in. A bare `key` (of a map) is not. */
function mints(nouns: readonly string[]): boolean {
  const text = nouns.join(' ');
  return (
    /\b(access|api|ssh|deploy|service account|auth|personal|project|bot|join) ?(keys?|tokens?|credentials?)\b/.test(
      text,
    ) ||
    (nouns.some((noun) =>
      /^(token|tokens|apikey|apikeys|password|invite|invites|invitation|invitations|collaborators?)$/.test(noun),
    ) &&
      keys.test(nouns.at(-1) ?? ''))
  );
}
