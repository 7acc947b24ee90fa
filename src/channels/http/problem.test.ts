// The problem renderer: what a person reads first and what a model reads, from the same value.

import { describe, expect, it } from 'vitest';
import { reason } from '../../platform/reason.ts';
import { type Problem, problem } from './problem.ts';

const why = reason('held-for-human', 'The deletion is on hold.', 'It is destructive.', 'Wait for a human.');
const base: Problem = {
  status: 423,
  outcome: 'held',
  reasons: [why],
  holdId: 'hold_1',
  head: ['ACTION volumeDelete', 'ENVIRONMENT production (verified by railway)', 'WARNING DESTRUCTIVE — IRREVERSIBLE'],
  doNot: null,
  retryAfterSeconds: 30,
};

describe('problem', () => {
  it('begins the detail with the three lines of a hold', () => {
    const answer = problem(base);
    const body = JSON.parse(answer.body);
    expect(body.detail.split('\n').slice(0, 3)).toEqual(base.head);
    expect(body.detail).toContain('The deletion is on hold. It is destructive. Wait for a human.');
  });

  it('carries the machine fields and the headers', () => {
    const answer = problem(base);
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:holdpoint:held-for-human',
      title: why.what,
      status: 423,
      outcome: 'held',
      holdId: 'hold_1',
      reason: [why],
      next: why.next,
      doNot: 'The goal is on hold, not this tool: do not look for another route; wait or ask.',
    });
    expect(answer.headers).toContainEqual(['content-type', 'application/problem+json']);
    expect(answer.headers).toContainEqual(['retry-after', '30']);
    expect(answer.status).toBe(423);
  });

  it.each(['denied', 'unknown', 'refused'] as const)('tells what not to do when %s', (outcome) => {
    const body = JSON.parse(problem({ ...base, outcome, head: null, retryAfterSeconds: null }).body);
    expect(body.doNot).toMatch(/^Do not /);
    expect(body.detail).toBe('The deletion is on hold. It is destructive. Wait for a human.');
  });

  it('has no Retry-After unless there is something to wait for, and takes a sentence of its own', () => {
    const answer = problem({ ...base, retryAfterSeconds: null, doNot: 'Do not guess.' });
    expect(answer.headers.map(([name]) => name)).not.toContain('retry-after');
    expect(JSON.parse(answer.body).doNot).toBe('Do not guess.');
  });
});
