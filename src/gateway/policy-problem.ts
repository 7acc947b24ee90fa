// What is wrong with a policy file, with the line and, for an unknown word, the one that was probably meant.
// All problems are shown at once, because fixing a file one error at a time teaches nobody its shape.

import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { HoldpointError } from '../platform/fault.ts';

export interface Problem {
  /** 1-based; null where no line can be named. */
  readonly line: number | null;
  readonly says: string;
}

export type Path = readonly PropertyKey[];

/** The parsed text, with a way back from a path to a line. */
export interface PolicyDocument {
  readonly value: unknown;
  lineOf(path: Path): number | null;
}

/** Reads YAML without tags, merge keys or duplicate keys. Throws `config-invalid`. */
export function readYaml(text: string): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', merge: false, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw invalidPolicy(
      faults.map((fault) => ({ line: lines.linePos(fault.pos[0]).line, says: `${firstLine(fault.message)}.` })),
    );
  }
  return {
    // Aliases could make one line stand for many places; a policy is read by people, so there are none.
    value: readValue(document),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const offset = offsetAt(document.contents, path.slice(0, length));
        if (offset !== null) return lines.linePos(offset).line;
      }
      return null;
    },
  };
}

function readValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw invalidPolicy([{ line: null, says: 'YAML aliases are not read; write the value out where it is meant.' }]);
  }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/[.:]$/, '');
}

interface PairLike {
  readonly key: { readonly value?: unknown; readonly range?: readonly number[] | null };
  readonly value: unknown;
}

/** Start of the key (or of the list item) at a path. */
function offsetAt(root: unknown, path: Path): number | null {
  let node: unknown = root;
  let offset: number | null = null;
  for (const step of path) {
    const items = (node as { readonly items?: readonly unknown[] } | null)?.items;
    if (items === undefined) return null;
    if (typeof step === 'number') {
      node = items[step];
      offset = (node as { readonly range?: readonly number[] } | undefined)?.range?.[0] ?? null;
    } else {
      const pair = (items as readonly PairLike[]).find((each) => String(each.key?.value) === String(step));
      if (pair === undefined) return null;
      node = pair.value;
      offset = pair.key.range?.[0] ?? null;
    }
  }
  return offset;
}

/** One fault for all problems. */
export function invalidPolicy(problems: readonly Problem[]): HoldpointError {
  const listed = problems.map(({ line, says }) => (line === null ? says : `Line ${line}: ${says}`)).join(' ');
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new HoldpointError('config-invalid', {
    what: `The policy has ${count}, so it was not loaded. ${listed}`,
    why: 'A policy is read completely or not at all: what is guessed here would be allowed later.',
    next: 'Correct it and run `holdpoint policy check`; docs/reference/policy.md shows every key.',
  });
}

/** Problems of shape, from zod's issues. `keysAt` names the keys that may stand at a path. */
export function shapeProblems(
  issues: readonly z.core.$ZodIssue[],
  document: PolicyDocument,
  keysAt: (path: Path) => readonly string[],
): readonly Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, document, keysAt));
}

function problemsOf(
  issue: z.core.$ZodIssue,
  document: PolicyDocument,
  keysAt: (path: Path) => readonly string[],
): readonly Problem[] {
  const at = issue.path.length === 0 ? 'the policy' : issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      line: document.lineOf([...issue.path, key]),
      says: `${shown(key)} is not a key of ${at}.${didYouMean(key, keysAt(issue.path))}`,
    }));
  }
  // A union reports every branch; the branch whose own keys are there says what is wrong.
  if (issue.code === 'invalid_union') {
    const branches = [...issue.errors].sort((a, b) => distance(a) - distance(b));
    const nearest = (branches[0] ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
    if (nearest.length > 0) return nearest.flatMap((inner) => problemsOf(inner, document, keysAt));
  }
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return [{ line: document.lineOf(issue.path), says: `${at}: ${sentence(inner ?? issue.message)}` }];
}

function distance(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter((issue) => issue.code === 'unrecognized_keys' || issue.code === 'invalid_type').length;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** A key as it may be repeated in a message: short, and never something long enough to be a secret. */
export function shown(word: string): string {
  return word.length <= 40 && /^[\w.*:-]+$/.test(word) ? `"${word}"` : 'A key that is not shown here';
}

/** ` Did you mean "x"?`, or nothing if no word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = known
    .map((each) => ({ each, far: editDistance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, far }) => far <= Math.max(1, Math.floor(each.length / 3)))
    .sort((a, b) => a.far - b.far)[0];
  return near === undefined ? '' : ` Did you mean "${near.each}"?`;
}

/** Levenshtein distance; words longer than 64 characters are far from everything. */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? Number.POSITIVE_INFINITY;
}
