// Generic rules over what a body says, for operations that no provider page knows: protection switched off, counts set
// to zero, lists of things to delete, actions named in a field. They only ever raise an effect.
// Each rule is one row; counterpart: ../lexicon.ts for what the operation's name says.

import type { Aspect } from '../../action/effect.ts';
import { destroysAlways, wordsOf } from '../lexicon.ts';

export interface Alarm {
  readonly because: string;
  readonly aspects: readonly Aspect[];
  readonly bypass: readonly string[];
}

export interface Setting {
  /** Names from the outside in, lower case, without separators: `backupconfiguration.enabled`. */
  readonly path: readonly string[];
  readonly name: string;
  readonly value: unknown;
}

export interface Situation {
  /** True where the request makes a new thing: its initial settings take nothing away. */
  readonly creates: boolean;
  /** True where the body replaces a whole document or list. */
  readonly replaces: boolean;
  /** True where the operation itself is about a safety net: `change_protection`, `setRetention`. */
  readonly guards: boolean;
  /** True where the operation sets rules for how long things live. */
  readonly lifecycle?: boolean;
}

interface BodyRule {
  readonly because: string;
  readonly aspects?: readonly Aspect[];
  readonly bypass?: true;
  readonly when: (setting: Setting, situation: Situation) => boolean;
}

const offWords = /^(false|0|disabled?|off|suspended|none|no|inactive|deactivated|paused|unprotected|never)$/i;
const off = {
  has: (value: unknown): boolean =>
    value === false || value === 0 || (typeof value === 'string' && offWords.test(value)),
};
const on = new Set<unknown>([true, 'true', 1, '1', 'yes', 'on', 'True']);
const safety =
  /(protect|backup|versioning|pitr|pointintime|retention|softdelete|deletionprotection|disableapitermination|autosnapshot|snapshotschedule|recoverable|immutab|objectlock|legalhold|autosuspendprotection|preventdestroy|auditlog|enforcement)/;
const safetySwitch = /^(enabled|status|state|active|value|on|days|count|kinds|schedule|mode|enable)$/;
const notSafety =
  /(hour|window|time$|weekday|region|name|path|datacopy|protectionrules|lockprotect|protocol|csrf|brute)/;
const zeroed =
  /^(replicas|numreplicas|count|desired|desiredcount|desiredcapacity|desiredsize|nodecount|numnodes|quantity|instancecount|machinecount|reservedconcurrentexecutions|targetsize|mincount|size|numinstances|instances|workers)$/;
const lists =
  /^(deletes?|deleted|removes?|removed|destroy|drop|purge|delete_?\w*s|remove_?\w*s|deleterequest|removeindex|to_?delete|to_?remove|deletions)$/;
const actionField =
  /^(op|type|action|operation|optype|verb|command|method|actiontype|operationtype|eventtype|do|cmd|task|mode|changetype|state|status|desiredstate|desiredstatus|lifecyclestate|writedisposition|createdisposition|kind)$/;
const stateField = /^(state|status|desiredstate|desiredstatus|lifecyclestate)$/;
const goneState = /^(deleted?|deleting|destroyed?|terminated?|removed?|purged?|trashed|erased)$/i;
const forced =
  /^(replaceall|overwrite|overwriteexisting|force|forced|forcedelete|forcedestroy|isdeleted|isdestroy|destroy|purge|wipe|truncate|harddelete|permanent|permanently|permanentdelete|skipfinalsnapshot|forcedeletewithoutrecovery|deleteautomatedbackups|deletedata|deletevolumes?|deletedisks?|deletesnapshots?|deletebackups?|deletesource|delete(replaced|existing|old|previous|orphan|original|remote)\w*|removevolumes?|wipedisk|reformat|format|deleteassociatedresources|autodelete|dropexisting|resetdatabase|deletecontents|prune|bypassgovernanceretention|recursive|deleted|terminate\w*|destroy(all|data|volumes?|disks?)|delete(all\w*|everything|contents|children|messagespermanently))$/;
const weakening =
  /^(allows?forcepushes|allows?deletions|deletionallowed|allowdelete|publiclyaccessible|disablebackups?|disableprotection|disableversioning|disablepitr)$/;

/** First match of each rule counts. Data: add a row, with an example in the table of body-rules.test.ts. */
const rules: readonly BodyRule[] = [
  {
    because: 'The body switches a safety net off (protection, backups, versioning, retention).',
    aspects: ['removes-protection'],
    when: ({ path, name, value }, { creates, guards }) => {
      if (guards && off.has(value) && !notSafety.test(name)) return true;
      if (creates || notSafety.test(name)) return false;
      if (value === null) return safety.test(name);
      if (!off.has(value)) return false;
      if (name.startsWith('disable') && !name.startsWith('disableapitermination')) return false;
      return (
        safety.test(name) ||
        (safetySwitch.test(name) && safety.test(path.slice(0, -1).join('.')) && !notSafety.test(path.join('.')))
      );
    },
  },
  {
    because: 'The body switches guards off or opens what was closed to destruction.',
    aspects: ['removes-protection'],
    when: ({ name, value }, { creates }) =>
      !creates && weakening.test(name) && on.has(value) && name !== 'publiclyaccessible',
  },
  {
    because: 'The body shortens how long something is kept to a day or less.',
    aspects: ['removes-protection'],
    when: ({ path, name, value }, { creates, guards }) =>
      !creates &&
      (/retention|keepdays|retaindays|(delete|expire|remove)after\w*days/.test(path.join('.')) ||
        (guards && /days|duration|hours|count/.test(name))) &&
      (value === 1 || value === '1' || value === 0 || value === '0'),
  },
  {
    because: 'The body scales something to zero.',
    when: ({ name, value }, { creates }) => !creates && zeroed.test(name) && (value === 0 || value === '0'),
  },
  {
    because: 'The body lists things to delete or remove.',
    when: ({ name, value }) =>
      (lists.test(name) && (Array.isArray(value) ? value.length > 0 : isFilled(value))) ||
      (/^(delete|remove)$/.test(name) && typeof value === 'string' && value.includes('/')),
  },
  {
    because: 'The body names an action that destroys.',
    when: ({ name, value }) =>
      typeof value === 'string' && value.length <= 60 && actionField.test(name) && namesDestruction(name, value),
  },
  {
    because: 'The body says to force, overwrite, wipe or purge.',
    bypass: true,
    when: ({ name, value }) => forced.test(name) && on.has(value),
  },
  {
    because: 'The body asks that something expires or is deleted at a time.',
    when: ({ path, name, value }, { creates }) =>
      !creates &&
      ((/^(deleteat|deleteafter|autodeleteat|autodeletetime|deletionscheduledat|(auto)?destroyat|terminateat)$/.test(
        name,
      ) &&
        value !== null) ||
        (/^(\w*reclaimpolicy|deletionpolicy|ondelete)$/.test(name) && /^delete$/i.test(String(value))) ||
        (typeof value === 'string' && /^expire/i.test(value) && /retention|lifecycle/.test(path.join('.')))),
  },
  {
    because: 'The body sets rules that will delete or expire what is kept.',
    aspects: ['removes-protection'],
    when: ({ name, value }, { lifecycle }) =>
      lifecycle === true && /^(delete|expir)/.test(name) && (isFilled(value) || typeof value === 'number'),
  },
  {
    because: 'The body replaces a whole list or document with nothing.',
    when: ({ path, value }, { replaces }) => replaces && path.length <= 4 && path.length > 0 && isHollow(value),
  },
];

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function isHollow(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** `delete`, `disable_backups`, `WRITE_TRUNCATE`: the value is a verb, not a sentence and not a past state. */
function namesDestruction(name: string, value: string): boolean {
  if (/\s/.test(value.trim())) return false;
  if (stateField.test(name)) return goneState.test(value);
  const parts = wordsOf(value);
  const first = parts[0] ?? '';
  if (parts.length > 4 || value.includes('.') || value.includes(':')) return false;
  if (first === 'disable') return parts.some((word) => safety.test(word));
  if (name === 'kind' || name === 'type' || name === 'eventtype')
    return destroysAlways(first) || /^(restore|rollback|rebuild|reset)$/.test(value.toLowerCase());
  return destroysAlways(first) || /^(restore|revert)$/.test(first) || parts.includes('truncate');
}

/** True if an operation's own name is about a safety net. */
export function guardsSafety(name: string): boolean {
  return /protect|retention|versioning|backup_?(policy|schedule|config)/i.test(name);
}

const nodesMax = 20_000;

/** All alarms that a JSON value raises. More than 20,000 members are not walked: that is an alarm as well. */
export function alarmsOf(value: unknown, situation: Situation): readonly Alarm[] {
  const settings: Setting[] = [];
  // `PUT []` has no member that a rule could look at.
  if (situation.replaces && isHollow(value)) settings.push({ path: ['body'], name: 'body', value });
  if (!collect(value, [], settings)) {
    return [{ because: 'The body has more members than are looked at.', aspects: [], bypass: [] }];
  }
  return alarmsOfSettings(settings, situation);
}

/** Alarms over members that are already flat (forms, query strings, XML). */
export function alarmsOfSettings(settings: readonly Setting[], situation: Situation): readonly Alarm[] {
  const found: Alarm[] = [];
  const own = settings.filter(
    ({ path }) => !path.slice(0, -1).some((each) => /^(metadata|tags?|labels?|annotations)$/.test(each)),
  );
  const paired = [...own, ...pairsIn(settings)];
  for (const rule of rules) {
    const hit = paired.find((setting) => rule.when(setting, situation));
    if (hit === undefined) continue;
    const bypass = rule.bypass ? [`${hit.path.at(-1)}=${String(hit.value).slice(0, 40)}`] : [];
    found.push({ because: rule.because, aspects: rule.aspects ?? [], bypass });
  }
  const dropped = settings.filter(
    (setting) => setting.value === null && setting.path.length <= 2 && /^#/.test(setting.name),
  );
  if (dropped.length > 0 && !situation.creates) {
    found.push({ because: 'The body sets a variable to null, which removes it.', aspects: [], bypass: [] });
  }
  return found;
}

const pairName = /^(key|name|attributename|parametername|settingname|option|attribute|setting)$/;
const labelling = /^#?(tags?|tagset|labels?|annotations|metadata|environment|env|envvars|variables)$/i;
const pairValue = /^(value|attributevalue|parametervalue|settingvalue)$/;

/** `{"Key":"deletion_protection.enabled","Value":"false"}` is the setting that it names: neighbours are read together. */
function pairsIn(settings: readonly Setting[]): readonly Setting[] {
  return settings.flatMap(({ name, value, path }, at) => {
    if (
      path.some((each) => labelling.test(each)) ||
      !pairName.test(name) ||
      typeof value !== 'string' ||
      value.length > 80
    )
      return [];
    const parts = value.split('.').map(plainName);
    const last = parts.at(-1) ?? '';
    const beside = [settings[at + 1], settings[at - 1]].find(
      (each) => each !== undefined && pairValue.test(each.name) && each.path.length === path.length,
    );
    return beside === undefined || last.startsWith('#')
      ? []
      : [{ path: [...path.slice(0, -1), ...parts], name: last, value: beside.value }];
  });
}

/** Names without separators and in lower case; UPPER_CASE names are marked with `#`, they are variables. */
export function plainName(name: string): string {
  if (/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(name) && name.length > 1 && !/^(ID|URL)$/.test(name)) return `#${name}`;
  const last = name.split(/[.[]/).at(-1) ?? name;
  return last.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

function collect(value: unknown, path: readonly string[], into: Setting[]): boolean {
  if (into.length > nodesMax) return false;
  if (Array.isArray(value)) return value.every((each) => collect(each, path, into));
  if (typeof value !== 'object' || value === null) return true;
  for (const [key, each] of Object.entries(value)) {
    const name = plainName(key);
    const here = [...path, name];
    into.push({ path: here, name, value: each });
    if (!collect(each, here, into)) return false;
  }
  return true;
}
