// The instance's own fold: freezing and thawing, denials that freeze, people who come and go, in any order of events.

import { describe, expect, it } from 'vitest';
import type { Policy } from '../authorize/grant.ts';
import { enrolmentOf } from '../testing/people-pool.ts';
import {
  advanceSystem,
  currentPeople,
  denialsFreeze,
  isFrozen,
  newSystem,
  type SystemEvent,
  type SystemState,
} from './system.ts';

const stateAfter = (...events: readonly SystemEvent[]): SystemState => events.reduce(advanceSystem, newSystem);
const enrolled = (human: string, role: 'owner' | 'approver', by: string): SystemEvent => ({
  kind: 'enrolled',
  enrolment: enrolmentOf(human, role, by),
});
const removed = (human: string): SystemEvent => ({ kind: 'revoked', agent: null, human });
const denied = (agent: string, atMs: number): SystemEvent => ({ kind: 'denied', agent, atMs });
const hourMs = 3_600_000;

describe('freezing', () => {
  it.each<[string, readonly SystemEvent[], boolean]>([
    ['nothing', [], false],
    ['this agent', [{ kind: 'frozen', agent: 'a' }], true],
    ['another agent', [{ kind: 'frozen', agent: 'b' }], false],
    ['all', [{ kind: 'frozen', agent: null }], true],
    [
      'twice, thawed once',
      [
        { kind: 'frozen', agent: 'a' },
        { kind: 'frozen', agent: 'a' },
        { kind: 'thawed', agent: 'a' },
      ],
      false,
    ],
    [
      'this one, thawed another',
      [
        { kind: 'frozen', agent: 'a' },
        { kind: 'thawed', agent: 'b' },
      ],
      true,
    ],
    // To thaw all lifts the standstill only: who was frozen for a reason stays so.
    [
      'this one, thawed all',
      [
        { kind: 'frozen', agent: 'a' },
        { kind: 'thawed', agent: null },
      ],
      true,
    ],
    [
      'all, thawed this one',
      [
        { kind: 'frozen', agent: null },
        { kind: 'thawed', agent: 'a' },
      ],
      true,
    ],
    [
      'all, thawed all',
      [
        { kind: 'frozen', agent: null },
        { kind: 'thawed', agent: null },
      ],
      false,
    ],
  ])('%s', (_what, events, expected) => {
    expect(isFrozen(stateAfter(...events), 'a')).toBe(expected);
  });
});

describe('denials', () => {
  it.each<[string, readonly SystemEvent[], boolean]>([
    ['two within the hour', [denied('a', 0), denied('a', 1)], false],
    ['three within the hour', [denied('a', 0), denied('a', 1), denied('a', hourMs - 1)], true],
    ['the first an hour ago', [denied('a', 0), denied('a', 1), denied('a', hourMs)], false],
    ['of several agents', [denied('a', 0), denied('b', 1), denied('a', 2)], false],
    ['thawed in between', [denied('a', 0), denied('a', 1), { kind: 'thawed', agent: 'a' }, denied('a', 2)], false],
    ['the clock went back in between', [denied('a', hourMs), denied('a', hourMs + 1), denied('a', 0)], true],
  ])('%s', (_what, events, freezes) => {
    expect(denialsFreeze(stateAfter(...events), 'a')).toBe(freezes);
  });

  it('keeps no more than the last hour', () => {
    const state = stateAfter(...Array.from({ length: 100 }, (_, i) => denied('a', i * hourMs)));
    expect(state.denials.get('a')).toHaveLength(1);
  });
});

describe('people', () => {
  const root = enrolled('anna', 'owner', 'anna');
  const names = (...events: readonly SystemEvent[]) => [...currentPeople(stateAfter(...events)).keys()];

  it.each<[string, readonly SystemEvent[], readonly string[]]>([
    ['enrolled', [root, enrolled('ben', 'approver', 'anna')], ['anna', 'ben']],
    ['removed', [root, enrolled('ben', 'approver', 'anna'), removed('ben')], ['anna']],
    [
      'removed and enrolled again under the name',
      [root, enrolled('ben', 'approver', 'anna'), removed('ben'), enrolled('ben', 'approver', 'anna')],
      ['anna'],
    ],
    ['removed before they came', [root, removed('ben'), enrolled('ben', 'approver', 'anna')], ['anna']],
    [
      'enrolled by one who was removed later',
      [root, enrolled('ben', 'owner', 'anna'), enrolled('cleo', 'approver', 'ben'), removed('ben')],
      ['anna', 'cleo'],
    ],
    [
      'enrolled by one who had been removed',
      [root, enrolled('ben', 'owner', 'anna'), removed('ben'), enrolled('cleo', 'approver', 'ben')],
      ['anna'],
    ],
    ['the root removed, another owner left', [root, enrolled('ben', 'owner', 'anna'), removed('anna')], ['ben']],
    ['the root removed, a new self-signed one', [root, removed('anna'), enrolled('mallory', 'owner', 'mallory')], []],
  ])('%s', (_what, events, expected) => {
    expect(names(...events)).toEqual(expected);
  });
});

it('revokes agents and people apart', () => {
  const state = stateAfter({ kind: 'revoked', agent: 'a', human: null }, removed('ben'));
  expect([...state.revoked]).toEqual(['a']);
  expect([...state.removedPeople]).toEqual(['ben']);
});

it('takes the last policy', () => {
  const policy = {} as Policy;
  const state = stateAfter(
    { kind: 'policy-loaded', policy, digest: 'a' },
    { kind: 'policy-loaded', policy, digest: 'b' },
  );
  expect(state.policyDigest).toBe('b');
});

it('changes no state that it was given', () => {
  const before = stateAfter({ kind: 'frozen', agent: 'a' }, denied('a', 0));
  const copy = structuredClone(before);
  stateAfter(...([{ kind: 'thawed', agent: 'a' }, denied('a', 1), removed('x')] as const));
  for (const event of [{ kind: 'thawed', agent: 'a' }, denied('a', 1), removed('x')] as const)
    advanceSystem(before, event);
  expect(before).toEqual(copy);
});
