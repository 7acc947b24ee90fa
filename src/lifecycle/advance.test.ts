// The lifecycle as playbooks: each is one story that the design tells, and reads like it.

import { describe, expect, it } from 'vitest';
import type { Hold } from '../hold/hold.ts';
import { play } from '../testing/playbook.ts';
import { backupRequirement, delayMs, delayRequirement, heldHold } from '../testing/release-case.ts';
import { environment, sampleAtMs } from '../testing/sample-hold.ts';
import { advance } from './advance.ts';

const base = heldHold();
const copyNeeds: Hold['needs'] = { ...base.needs, delayMs: 0, safeguards: [backupRequirement] };
const two = heldHold({ needs: { ...base.needs, people: 2, delayMs: 0, safeguards: [] } });
const delayOnly = heldHold({ needs: { ...base.needs, delayMs, safeguards: [delayRequirement] } });
const bare = heldHold({ needs: { ...base.needs, delayMs: 0, safeguards: [] } });

describe('before a hold', () => {
  it.each<[string, string]>([
    [
      'a read is allowed and sent',
      `
      >> requested
      << classify
      >> classified read
      << decide
      >> decided allow
      << execute-allowed
      == allowed
      >> executed ok
      == ended executed`,
    ],
    [
      'a place is looked up first, and a verdict without it counts only if it denies',
      `
      >> requested
      << classify
      >> classified write somewhere
      << resolve
      >> decided allow
      >> decided hold
      == classified
      >> resolved
      << decide
      >> decided allow
      << execute-allowed`,
    ],
    [
      'what cannot be looked up is denied',
      `
      >> requested
      << classify
      >> classified write somewhere
      << resolve
      >> decided deny
      << answer-denied
      == ended denied`,
    ],
    [
      'what cannot be classified is denied, and only that',
      `
      >> requested
      << classify
      >> decided allow
      == requested
      >> decided deny
      << answer-denied`,
    ],
    [
      'what cannot be read is denied although a stage allows it',
      `
      >> requested
      << classify
      >> classified destructive unreadable
      << decide
      >> decided allow
      << answer-denied`,
    ],
    [
      'what cannot be read is not shown to a human either',
      `
      >> requested
      << classify
      >> classified destructive unreadable
      << decide
      >> decided hold
      << answer-denied`,
    ],
    [
      'destruction is never allowed without a place',
      `
      >> requested
      << classify
      >> classified destructive
      << decide
      >> decided allow
      << answer-denied`,
    ],
    [
      'destruction is never allowed where people live',
      `
      >> requested
      << classify
      >> classified destructive somewhere
      << resolve
      >> resolved
      << decide
      >> decided allow
      << answer-denied`,
    ],
    [
      'destruction is allowed in a disposable place',
      `
      >> requested
      << classify
      >> classified destructive somewhere
      << resolve
      >> resolved disposable
      << decide
      >> decided allow
      << execute-allowed`,
    ],
    [
      'a repeated request follows the hold that is there',
      `
      >> requested
      << classify
      >> classified destructive
      << decide
      >> decided hold attach
      << follow-hold
      == ended followed
      >> executed ok
      == ended followed`,
    ],
    [
      'a hold without anything to hold is a denial',
      `
      >> requested
      << classify
      >> classified destructive
      << decide
      >> decided hold nothing
      << answer-denied`,
    ],
    [
      'nothing jumps the order',
      `
      >> classified read
      >> resolved
      >> decided allow
      >> executed ok
      >> approved anna
      >> released
      == new`,
    ],
  ])('%s', (_story, script) => {
    play(script);
  });
});

describe('a hold', () => {
  const opening = `
      >> requested
      << classify
      >> classified destructive somewhere
      << resolve
      >> resolved
      << decide
      >> decided hold
      << open-hold start-safeguards notify
      == held`;

  it.each<[string, Hold, string]>([
    [
      'waits for the copy, the human and the delay, then goes once',
      base,
      `
      -- 2 min
      >> proven copy
      >> approved anna
      << start-delay
      == approved
      >> delayed
      == delayed
      -- 10 min
      >> proven delay
      << recheck
      >> released
      << execute-held
      == released
      >> released
      >> denied
      >> cancelled
      >> reheld
      == released
      >> executed ok
      << stop-safeguards answer-waiting
      >> executed failed
      >> collected
      >> collected
      >> settled
      == executed`,
    ],
    [
      'may be approved before its copy is there',
      heldHold({ needs: copyNeeds }),
      `
      >> approved anna
      == approved
      >> released
      == approved
      >> proven copy
      << recheck
      >> released
      << execute-held`,
    ],
    [
      'does not count a delay that was not waited for',
      delayOnly,
      `
      >> proven delay
      >> approved anna
      << start-delay
      >> proven delay
      >> delayed
      >> proven delay
      -- 9 min
      >> proven delay
      >> released
      == delayed
      -- 1 min
      >> proven delay
      << recheck`,
    ],
    [
      'comes back to its humans with nothing but its copy',
      base,
      `
      >> proven copy
      >> approved anna
      << start-delay
      >> delayed
      -- 10 min
      >> proven delay
      << recheck
      >> reheld new
      << stop-safeguards start-safeguards notify
      == held
      >> released
      == held
      -- 1 min
      >> approved anna
      << start-delay
      >> released
      >> delayed
      >> proven delay
      >> released
      == delayed`,
    ],
    [
      'renews a copy that grew old while a human was waited for',
      heldHold({ needs: copyNeeds }),
      `
      >> proven copy
      -- 61 min
      >> approved anna
      << start-safeguards
      >> released
      == approved
      >> proven copy
      << recheck
      >> released
      << execute-held`,
    ],
    [
      'takes two humans where two are needed, and each once',
      two,
      `
      >> approved anna
      >> approved anna
      == held
      -- 1 min
      >> approved anna
      == held
      >> approved ben
      << recheck
      == approved`,
    ],
    [
      'asks the first human again when the second came too late',
      two,
      `
      >> approved anna
      -- 61 min
      >> approved ben
      == held
      -- 1 min
      >> approved anna
      << recheck`,
    ],
    [
      'takes no yes to something else, and no click',
      bare,
      `
      >> approved anna another-digest
      >> approved anna by-click
      == held
      >> approved anna
      << recheck`,
    ],
    [
      'is denied within its delay',
      delayOnly,
      `
      >> approved anna
      << start-delay
      >> delayed
      >> denied
      << stop-safeguards answer-waiting
      == denied
      >> approved ben
      >> proven delay
      >> released
      >> reheld
      >> asked-again
      == denied`,
    ],
    [
      'is cancelled before anybody approved',
      bare,
      `
      >> cancelled
      << stop-safeguards answer-waiting
      == cancelled`,
    ],
    [
      'lapses when its window is over and not before',
      delayOnly,
      `
      >> lapsed
      == held
      >> approved anna
      << start-delay
      >> delayed
      -- 60 min
      >> lapsed
      == delayed
      -- 10 min
      >> lapsed
      << stop-safeguards answer-waiting
      == lapsed`,
    ],
    [
      'stays unknown until a human settles it',
      bare,
      `
      >> approved anna
      << recheck
      >> released
      << execute-held
      >> settled
      == released
      >> executed unknown
      << stop-safeguards answer-waiting
      >> executed ok
      >> settled
      == settled
      >> settled
      == settled`,
    ],
  ])('%s', (_story, hold, script) => {
    play(opening + script, hold);
  });

  it('that needs no human but a fresh copy goes when the copy is there', () => {
    const resolution = { ...base.resolution, environments: [environment('staging', 'open')] };
    const needs = { ...copyNeeds, people: 0, factors: [] };
    const hold = heldHold({ needs, resolution, reading: { ...base.reading, effect: 'write' } });
    play(
      `>> held
       << start-safeguards notify
       >> released
       == held
       >> proven copy
       << recheck
       >> released
       << execute-held`,
      hold,
    );
  });

  it('keeps what came in while new evidence was looked for', () => {
    const state = play(
      `>> held
       << start-safeguards notify
       -- 5 min
       >> asked-again
       >> proven copy
       >> reheld new
       << stop-safeguards start-safeguards notify`,
    );
    const hold = state.at === 'held' ? state.hold : null;
    expect(hold?.askedAgainMs).toBe(base.askedAgainMs + 300_000);
    expect(hold?.proofs).toHaveLength(1);
    expect(hold?.material.rowsMax).toBe(1_000);
    expect(hold?.digest).not.toBe(base.digest);
  });
});

it('does not release a hold on the word of a check that was about other approvals', () => {
  const state = play(
    `>> held
     << start-safeguards notify
     >> approved anna
     << recheck`,
    bare,
  );
  const [nonce = ''] = state.at === 'held' ? (state.hold.spentNonces ?? []) : [];
  const released = (nonces: readonly string[]) =>
    advance(state, { kind: 'released', atMs: sampleAtMs, nonces }).commands.map((each) => each.kind);
  expect(released(['ab'.repeat(8)])).toEqual([]);
  expect(released([])).toEqual([]);
  expect(released([nonce, nonce])).toEqual([]);
  expect(released([nonce])).toEqual(['execute-held']);
});

it('cannot be passed by a playbook with a word that means nothing', () => {
  expect(() => play('>> exploded')).toThrow('no event');
  expect(() => play('requested')).toThrow('cannot read');
  expect(() => play('>> requested')).toThrow('classify');
});
