// Words that say what an operation does, read from its name alone: the last resort before the HTTP method.
// It never lowers what another reader found; rescues that may do so are in rescue.ts, one exact form each.

import type { Aspect, Effect } from '../action/effect.ts';

const destroying = words(`delete deletes destroy drop remove terminate purge wipe truncate flush flushall flushdb erase
  erasure expunge empty prune uninstall kill obliterate nuke clear discard dispose destruct shred void revoke deprovision
  decommission decrease deregister unregister release rebuild reimage reinstall reset rollback revert restore overwrite demote
  evict expire forget redact anonymize invalidate rmi rm bulkdelete batchdelete trash undeploy compact teardown unset
  garbage merge failback transfer replace recycle abandon deauthorize delist`);
/** Words of the list above that are only sometimes destruction: what they act on decides. */
const mild = words(`clear release reset merge transfer replace invalidate expire failback evict flush discard
  redact compact garbage kill forget`);
const reading = words(`get list describe read show fetch find search query count lookup check validate verify preview
  estimate compare diff explain head view browse export download scan select poll peek inspect simulate test introspect
  filter aggregate analyze ping status resolve calculate render suggest autocomplete exists has is whoami me batchget
  lint plan evaluate match summarize translate detect recognize classify tail watch history stat stats info retrieve
  discover decode parse predict sample determine identify contains synthesize`);
const ordinary = words(`create add set update put post upsert insert edit modify change rename enable start stop resume
  pause restart reboot deploy redeploy trigger run invoke send publish upload import copy clone duplicate attach detach
  associate disassociate assign unassign link unlink tag untag register submit request accept approve reject decline join
  leave invite activate deactivate lock unlock pin unpin subscribe unsubscribe mark unmark archive unarchive undelete
  recover sync refresh retry cancel suspend unsuspend scale resize extend promote apply commit push pull complete confirm
  begin open connect disconnect generate issue sign login logout configure toggle track record log ack acknowledge snooze
  follow unfollow star unstar react vote rate comment reply mute unmute hide unhide minimize unminimize convert move
  schedule reschedule grant allow deny authorize increment decrement append patch save store write new make build rebase
  capture charge pay refund finalize init initialize initiate provision advance notify answer call cordon uncordon
  poweron poweroff shutdown simulate reopen block unblock ban unban disable drain hold abort batch bulk process execute
  exec migrate rotate regenerate renew reassign reorder sort upgrade downgrade reserve allocate prepare transition
  transform bind tier dequeue enqueue dismiss reprioritize rerequest retire unresolve unpublish close withdraw resend
  receive adjust reconcile reprocess requeue rerun replay report resubmit finish ingest load print raise reroute
  solve stage swap switch warm redeem annotate authenticate favorite highlight join raise split ship fulfill end force admin order halt wake sleep heartbeat dispatch deliver opt skip
  increase failover switchover connect exchange establish encrypt respond signal stream replicate share unshare peer unpeer
  group ungroup label unlabel monitor unmonitor install lease trust continue return compose override forgot opt wait enter exit
  signup modify`);
/** What a setting or a thing is made or read with: words after these are its name, `updateMembersCanDelete…`. */
const setters =
  words(`create add set update put post insert edit modify change rename enable get list describe show fetch
  find continue configure toggle mark read count check validate new make generate allow track`);

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
  /delet|destro|drop(?!let|box|down)|truncat|purg|wipe|remov|terminat|flush|eras|prune|revoke|reset|restore|rollback|rebuild|overwrite|kill|uninstall|expunge|shred|clear|empty|exec|eval|script|cmd|command|action|method/i;

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
const trifles = words(`star reaction reactions upvote vote votes like lock mute pin watcher watchers assignee assignees
  reviewer reviewers label labels tag tags bookmark follower`);
const light = words(`job jobs run runs build builds task tasks operation operations query queries execution executions
  request requests session sessions cache caches lock locks lease leases scroll cursor reaction reactions notification
  notifications subscription upload import export invitation deployment deployments pipeline pipelines workflow pull pr
  alert alerts incident incidents issue issues filter filters view thread message pulls pullrequests requests conversation tag tags label labels
  breakpoint test connection connections stage stages hold order_hold card items position error errors status counter
  counters column columns list topic ticket room channel chat`);
/** What these do to a cache is undone by the next request. */
const emptying = words('purge flush clear invalidate empty');
/** Nouns that make even "cancel" or "disable" a loss. */
const grave = words(`account accounts mfa subscription subscriptions backup backups protection versioning pitr retention
  storage bucket replication order orders snapshot snapshots database service2 quote domain contract lifecycle`);

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
  const verb = decisive(parts);
  if (verb === null) return null;
  const aspects = aspectsOf(parts, around);
  const acted = [...parts, ...around].filter((word) => word !== verb);
  if (destroying.has(verb)) {
    if (emptying.has(verb) && acted.some((word) => /^caches?$/.test(word)))
      return { effect: 'write', word: verb, aspects };
    const harmless = mild.has(verb)
      ? acted.some((word) => light.has(word))
      : verb === 'remove' && acted.some((word) => trifles.has(word));
    return { effect: harmless ? 'write' : 'destructive', word: verb, aspects };
  }
  if (ending.has(verb)) {
    const loses =
      acted.some((word) => (verb !== 'close' && verb !== 'unlock' && grave.has(word)) || gravest.test(word)) &&
      !acted.some((word) => word === 'deletion' || light.has(word));
    if (loses)
      return { effect: 'destructive', word: verb, aspects: verb === 'disable' ? ['removes-protection'] : aspects };
  }
  if (verb === 'schedule' && parts.includes('deletion')) return { effect: 'destructive', word: 'deletion', aspects };
  return { effect: reading.has(verb) ? 'read' : 'write', word: verb, aspects };
}

/** Verbs that are a loss where they end something grave: an account, its backups, an order. */
const ending = words('cancel disable close unlock deactivate');
const gravest = /^accounts?$|backup|protect|snapshot|^vaults?$/;

/** The verb that decides: a setter in front, else the first word of destruction, else the last or first verb. */
function decisive(parts: readonly string[]): string | null {
  const first = parts[0];
  if (first === undefined) return null;
  if (setters.has(first)) return first;
  const verb =
    parts.find((word) => destroying.has(word) && !mild.has(word)) ?? parts.find((word) => destroying.has(word));
  // `cancelDeletion` has no verb of destruction; `mergePullRequest` has a mild one, and says what it merges.
  if (verb !== undefined) return verb;
  if (
    isVerb(first) &&
    !(first === 'batch' || first === 'bulk' || first === 'force' || first === 'admin' || first === 'order')
  )
    return first;
  return parts.findLast(isVerb) ?? null;
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
