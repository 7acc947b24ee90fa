// The only words that lower an effect: undeletes, cancelled deletions, restores into something new, backups made or
// locked, protection switched on. Each is one exact form; a word of danger beside them that they do not explain keeps
// the danger. Dry runs are not here: they count only where the protocol itself defines them (aws.ts, kubernetes.ts).

import { wordsOf } from './lexicon.ts';

const forms: readonly RegExp[] = [
  /^(undelete|undestroy|untrash|unarchive|undrop|recover|reinstate|unremove)( [a-z]+){0,3}$/,
  /^([a-z]+ )?(cancel|abort|stop|reject|revert) ([a-z]+ ){0,3}(deletion|delete|destruction|destroy|termination|removal|erasure)$/,
  /^([a-z]+ ){1,3}(deletion|delete|destroy|removal) (cancel|abort)$/,
  /^restore (secret|key|event data store|deleted [a-z]+|archived [a-z]+|certificate)$/,
  /^restore ([a-z]+ ){0,3}from (recycle bin|trash|archive|deleted)$/,
  /^restore from [a-z ]*(snapshot|backup)$/,
  /^restore [a-z ]+ (from|to) [a-z0-9 ]*(snapshot|backup|time|s3)[a-z0-9 ]*$/,
  /^restore (table|db|db instance|db cluster|cluster|backup) (from|to) [a-z0-9 ]+$/,
  /^(create|make|take|lock|copy|export) ([a-z]+ ){0,3}(backup|snapshot|image)s?$/,
  /^([a-z]+ ){1,3}(backup|snapshot) (create|lock)$/,
  /^(enable|activate) ([a-z]+ ){0,3}(protection|backups?|versioning|pitr|retention)$/,
  /^re ?enable( [a-z]+){0,4}$/,
];

/** True if this exact name is a rescue. */
export function rescues(name: string): boolean {
  const text = wordsOf(name).join(' ');
  return forms.some((form) => form.test(text));
}
