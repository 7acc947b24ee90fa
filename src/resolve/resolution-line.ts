// The one line that a human reads first: operation, thing, where, undo. Built from the resolver's evidence; ids come
// from the request, so they are shown without control characters and cut, and an agent cannot write its own line.

import { type Operation, type ResourceRef, resourceName } from '../action/action.ts';
import type { Located } from './resolver.ts';

const idMax = 40;
const uuid = /^[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)/i;

/** The first eight characters of a UUID, anything else whole; only characters that ids are made of. */
export function shownId(id: string): string {
  const head = uuid.exec(id)?.[0];
  const inert = (head ?? id).replace(/[^\w.:/@-]/g, '?');
  return inert.length > idMax ? `${inert.slice(0, idMax)}…` : inert;
}

/** An operation's name may be a path that the agent wrote. */
function shownName(name: string): string {
  const inert = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return inert.length > 2 * idMax ? `${inert.slice(0, 2 * idMax)}…` : inert;
}

function namesFor(ref: ResourceRef, operations: readonly Operation[]): string {
  const name = resourceName(ref);
  const naming = operations.filter((operation) => operation.targets.some((target) => resourceName(target) === name));
  // What a staged patch reaches is named by no operation; all of them together did it.
  const chosen = naming.length === 0 ? operations : naming;
  return [...new Set(chosen.map((operation) => shownName(operation.name)))].join(' + ');
}

function destroys(operations: readonly Operation[]): boolean {
  return operations.some((operation) => operation.effect === 'destructive');
}

function locatedLine(located: Located, operations: readonly Operation[]): string {
  const undo = located.undo ?? (destroys(operations) ? 'not known' : null);
  return [
    `${namesFor(located.ref, operations)} ${shownId(located.ref.id)} -> ${located.line}`,
    ...(located.incomplete === null ? [] : [`NOT VERIFIED: ${located.incomplete}`]),
    ...(undo === null ? [] : [`undo: ${undo}`]),
  ].join(' - ');
}

export function actionLine(located: readonly Located[], operations: readonly Operation[]): string {
  const wide = operations
    .filter((operation) => operation.account)
    .map((operation) => `${shownName(operation.name)} -> account`);
  const lost = operations
    .filter((operation) => operation.targets.length === 0 && !operation.account)
    .map((operation) => `${shownName(operation.name)} -> the request does not say where`);
  return [...located.map((each) => locatedLine(each, operations)), ...wide, ...lost].join('; ');
}
