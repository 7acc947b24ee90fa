// The shapes of what the control port takes, checked before anything is asked of the gateway. Unknown keys are refused,
// so that a misspelt one is an error and not a silent default. What the values mean is the gateway's business.

import { z } from 'zod';
import { HoldpointError } from '../../platform/fault.ts';

const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `${bytes} bytes in lower-case hex`);
const name = z.string().min(1).max(200);

export const factor = z.strictObject({
  human: name,
  digest: hex(32),
  nonce: z.string().regex(/^[0-9a-f]{16,128}$/, 'hex'),
  signature: hex(64),
  totp: z.string().regex(/^\d{6}$/, 'six digits'),
  typedName: z.string().max(2_100).nullable(),
});

export const nothing = z.strictObject({});
export const digest = z.strictObject({ digest: hex(32) });
export const factorOnly = z.strictObject({ submission: factor });
export const settlement = z.strictObject({ happened: z.enum(['happened', 'not-happened']), submission: factor });
export const agent = z.strictObject({ agent: name.nullable() });
export const agentWithFactor = z.strictObject({ agent: name.nullable(), submission: factor });
export const secretWithFactor = z.strictObject({ secret: z.string().min(1).max(10_000), submission: factor });
export const agentInput = z.strictObject({ input: z.unknown(), submission: factor });
export const host = z.strictObject({ host: z.string().min(1).max(253) });
export const hostWithFactor = z.strictObject({ host: z.string().min(1).max(253), submission: factor });
export const policyText = z.strictObject({ text: z.string().max(200_000) });
export const policyTextWithFactor = z.strictObject({ text: z.string().max(200_000), submission: factor });
export const probe = z.strictObject({
  attempt: z.string().max(500),
  refusedBy: z.string().max(200),
  succeeded: z.boolean(),
});

const count = z.coerce.number().int().min(0);
const limit = z.coerce.number().int().min(1).max(1_000);

export const holdsQuery = z.strictObject({
  open: z.enum(['0', '1']).default('1'),
  limit: limit.default(100),
  beforeMs: count.exactOptional(),
});
export const eventsQuery = z.strictObject({
  afterSeq: count.exactOptional(),
  beforeSeq: count.exactOptional(),
  sinceMs: count.exactOptional(),
  holdId: name.exactOptional(),
  actionId: name.exactOptional(),
  agent: name.exactOptional(),
  kinds: z.string().max(500).exactOptional(),
  from: z.enum(['oldest', 'newest']).exactOptional(),
  limit: limit.default(200),
});

/** The value in its shape, or the fault `bad-request` naming the first place that is wrong. Never echoes the value. */
export function shaped<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.join('.');
  throw new HoldpointError('bad-request', {
    what: 'The control port could not read this request.',
    why: `${place}: ${issue?.message ?? 'wrong shape'}.`,
    next: 'docs/reference/control-api.md has the shape of each route.',
  });
}
