// `journal verify` against a store: which key it trusts, and the result in words. The checking itself is
// record/verify.ts. A key that comes from the store proves only that the store agrees with itself; the words say so.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inertShort } from '../hold/inert-text.ts';
import { HoldpointError } from '../platform/fault.ts';
import { timeText } from '../record/change-log-text.ts';
import { parseVerifierKey, publicKeyFrom } from '../record/checkpoint.ts';
import { type Intact, type Verification, verifyJournal } from '../record/verify.ts';
import type { SqliteReader } from '../storage/sqlite/sqlite-reader.ts';

export interface Verified {
  readonly verification: Verification;
  readonly key: string;
  /** Where the key came from: given by the human, or named by the store itself. */
  readonly keyFrom: 'given' | 'store';
}

const smallFileBytesMax = 64 * 1024;

/** Reads a small text file named on the command line; throws a fault that names it. */
export function readSmallFile(cwd: string, file: string, bytesMax = smallFileBytesMax): string {
  const path = resolve(cwd, file);
  try {
    if (statSync(path).size > bytesMax) throw new Error('it is too large');
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause ? `The system answered ${String(cause.code)}.` : 'It is too large.';
    throw new HoldpointError('file-unreadable', {
      what: `The file ${inertShort(file)} could not be read.`,
      why,
      next: 'Check the path.',
      cause,
    });
  }
}

export function verifyStore(
  reader: SqliteReader,
  cwd: string,
  options: { readonly key?: string; readonly against?: string },
): Verified {
  const given = options.key;
  const key = given === undefined ? reader.verifierKey : keyLine(cwd, given);
  const parsed = parseVerifierKey(key);
  if (parsed === null) {
    throw new HoldpointError('verifier-key-unreadable', {
      what: 'The verifier key could not be read.',
      why: given === undefined ? 'The store names none, or a changed one.' : 'It is no line of the form name+id+key.',
      next: 'Give the line that was printed when the instance was made with --key.',
    });
  }
  const kept = options.against === undefined ? [] : [readSmallFile(cwd, options.against)];
  const verification = verifyJournal({
    events: reader.stored(),
    checkpoints: reader.checkpoints(),
    publicKey: publicKeyFrom(parsed.publicKey),
    kept,
  });
  return { verification, key: key.trim(), keyFrom: given === undefined ? 'store' : 'given' };
}

function keyLine(cwd: string, given: string): string {
  if (parseVerifierKey(given) !== null) return given;
  return existsSync(resolve(cwd, given)) ? readSmallFile(cwd, given) : given;
}

export function verificationLines({ verification, key, keyFrom }: Verified): readonly string[] {
  const from =
    keyFrom === 'given'
      ? 'as you gave it'
      : 'as the store names it; compare it with the one you kept, or give that with --key';
  const keyLines = [`key: ${inertShort(key)}`, `     (${from})`];
  if (verification.kind === 'broken') {
    const { seq, code, what, why } = verification.break;
    const next =
      'Stop the gateway, keep a copy of the store, and restore it from its backup; what follows this point is not proven.';
    return [
      `BROKEN at event ${seq} (${code})`,
      `  what: ${what}`,
      `  why:  ${inertShort(why)}`,
      `  next: ${next}`,
      ...keyLines,
    ];
  }
  return [summary(verification), ...keyLines, ...anchorLines(verification)];
}

function summary(found: Intact): string {
  const notes = found.checkpoints === 1 ? '1 checkpoint' : `${found.checkpoints} checkpoints`;
  const unsigned = found.events - found.signed;
  const rest = unsigned === 0 ? 'all signed' : `the last ${unsigned} not signed yet`;
  return `intact: ${found.events} ${found.events === 1 ? 'event' : 'events'}, ${notes}, ${rest}`;
}

function anchorLines(found: Intact): readonly string[] {
  if (found.events === 0) return [];
  const how =
    found.anchor?.by === 'claimed' ? 'by the journal’s own word; check with --against' : 'proven by the file given';
  const anchored = found.anchor === null ? [] : [`anchored up to event ${found.anchor.size} (${how})`];
  if (found.notAnchoredSinceMs === null) return anchored;
  return [
    ...anchored,
    `not anchored since ${timeText(found.notAnchoredSinceMs)}`,
    '  why:  No checkpoint over later events is known to have left this machine; whoever owns it could rewrite them unseen.',
    '  next: holdpoint journal export --checkpoint, and keep the output elsewhere.',
  ];
}
