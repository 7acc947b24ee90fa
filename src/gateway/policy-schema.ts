// The shape of policy.yaml: keys, kinds and durations, as zod schemas that editors get as JSON Schema.
// Shape only: what names refer to is checked in policy-file.ts, because a schema cannot see the rest of the file.

import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationForm = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Milliseconds of `10m`, `50s`, `250ms`, `1h`, `2d`; null if it is none of these. */
export function parseDuration(text: string): number | null {
  const match = durationForm.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}

const duration = z.string().regex(durationForm, 'a duration is a number and ms, s, m, h or d, as in 10m');
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'a name has letters, digits, dots, dashes and underscores');
/** `*` only ever stands where a pattern is meant; in an id it would bind what nobody has looked at. */
const resource = z
  .string()
  .regex(/^[a-z0-9-]+:[a-z0-9-]+:[^\s*?]+$/i, 'an id is written provider:kind:id, without wildcards');
const host = z
  .string()
  .regex(
    /^(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?$/i,
    'a host is an exact name or *.suffix, without scheme or port',
  );
const tunnelHost = z
  .string()
  .regex(/^[+-]?(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?$/i, 'a tunnel is +host, -host or host');
const scope = z.string().regex(/^([a-z][a-z0-9-]*|\*):(read|write)$/i, 'a scope is written kind:read or kind:write');

const agent = z.strictObject({
  preset: z.string().optional(),
  scopes: z.array(scope).optional(),
  environments: z.union([z.literal('all'), z.array(name)]).optional(),
  credentials: z.array(name).optional(),
  destructive: z.enum(['never', 'confirm']).optional(),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written 2026-12-31')
    .nullable()
    .optional(),
});
const environment = z.strictObject({
  is: z.array(resource),
  protected: z.boolean().optional(),
  disposable: z.boolean().optional(),
});
const credential = z.strictObject({
  provider: z.string(),
  placeholder: z
    .string()
    .regex(/^hp_[a-z0-9]+_[a-z0-9]{16,64}$/, 'a placeholder is written hp_<provider>_<16 or more characters>'),
  purpose: z.string(),
});
const database = z.strictObject({
  upstream: z.string().regex(/^credential:.+$/, 'an upstream is written credential:<name>'),
  environment: name,
  listen: z.int().min(1).max(65_535),
});
const backup = z.strictObject({
  source: z.string().regex(/^database:.+$/, 'a source is written database:<name>'),
  to: z.array(name).min(1),
  max_age: duration,
  max_loss: z.int().min(0).optional(),
  verify: z.literal('restore').optional(),
});
const protect = z.union([
  z.strictObject({ resource, backup: name }),
  z.strictObject({ on: z.enum(['deploy', 'migrate']), in: name, backup: name }),
]);
const approval = z.strictObject({
  factors: z.array(z.enum(['typed-name', 'passkey', 'approval-key', 'click'])).min(1),
  people: z.int().min(1).max(20).optional(),
});

export const policySchema = z.strictObject({
  agents: z.record(name, agent).optional(),
  environments: z.record(name, environment).optional(),
  credentials: z.record(name, credential).optional(),
  databases: z.record(name, database).optional(),
  backups: z.record(name, backup).optional(),
  protects: z.array(protect).optional(),
  approvals: z.record(z.union([name, z.literal('*')]), approval).optional(),
  delay: z.strictObject({ irreversible: duration.optional() }).optional(),
  wait: duration.nullable().optional(),
  hosts: z
    .strictObject({
      governed: z.array(host).optional(),
      tunnel: z.array(tunnelHost).optional(),
      ordinary: z.array(host).optional(),
      denied: z.array(host).optional(),
      strict: z.boolean().optional(),
    })
    .optional(),
  project: z
    .record(name, z.strictObject({ path: z.string().min(1), changelog: z.string().nullable().optional() }))
    .optional(),
});

export type PolicyText = z.output<typeof policySchema>;

/** JSON Schema of policy.yaml for editors (`# yaml-language-server: $schema=…`). */
export function renderPolicySchema(): string {
  const schema = z.toJSONSchema(policySchema, { io: 'input' });
  return `${JSON.stringify({ title: 'Holdpoint policy', ...schema }, null, 2)}\n`;
}

/** Keys that may stand at a path, for "did you mean". Names in maps are free, so any step there is passed over. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const entries: Readonly<Record<string, readonly string[]>> = {
    agents: Object.keys(agent.shape),
    environments: Object.keys(environment.shape),
    credentials: Object.keys(credential.shape),
    databases: Object.keys(database.shape),
    backups: Object.keys(backup.shape),
    approvals: Object.keys(approval.shape),
    protects: ['resource', 'on', 'in', 'backup'],
    delay: ['irreversible'],
    hosts: ['governed', 'tunnel', 'ordinary', 'denied', 'strict'],
    project: ['path', 'changelog'],
  };
  return path.length === 0 ? Object.keys(policySchema.shape) : (entries[String(path[0])] ?? []);
}
