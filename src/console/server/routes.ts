// Every route of the control port, in one table, each with what it may do to safety. There is no other way to add one:
// server.ts builds the app from this table, and its test walks the app and fails on a route that is not declared here.
// public: health. viewer: reads. narrowing: stops things. widening: lets things pass, so it takes a human's signed factor.

import type { HoldpointError } from '../../platform/fault.ts';
import { reason } from '../../platform/reason.ts';
import type { EventQuery } from '../../storage/storage.ts';
import type { ControlPort, Done } from './port.ts';
import * as shape from './submission.ts';

export type Access = 'public' | 'viewer' | 'narrowing' | 'widening';

/** One request, after admission. Nothing in it is believed yet. */
export interface Call {
  readonly port: ControlPort;
  param(name: string): string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Who does it, for the journal: the gateway's own user at a terminal. */
  readonly by: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: Access;
  /** Absent: the live event stream, which event-stream.ts answers. */
  readonly answer: ((call: Call) => Promise<Done<unknown>>) | 'event-stream';
}

/** An answer that is JSON already and is sent as it is. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function done<T>(value: T): Done<T> {
  return { ok: true, value };
}

const noSuchHold: Done<never> = {
  ok: false,
  status: 404,
  reason: reason(
    'no-such-hold',
    'There is no such hold.',
    'No hold, or more than one, begins with this id.',
    'List them with `holdpoint holds --all`.',
  ),
};

function query(call: Call): EventQuery {
  const { kinds, ...rest } = shape.shaped(shape.eventsQuery, call.query);
  return kinds === undefined ? rest : { ...rest, kinds: kinds.split(',') };
}

const reads: readonly Route[] = [
  { method: 'GET', path: '/healthz', access: 'public', answer: async () => done({ ok: true }) },
  {
    method: 'GET',
    path: '/readyz',
    access: 'public',
    answer: async ({ port }) => {
      const { journal } = await port.status();
      if (journal.writable) return done({ ok: true });
      const why = reason(
        'journal-unwritable',
        'The gateway is not ready.',
        'Its journal cannot be written, so it denies everything but plain reads.',
        'Free disk space or mend the store, then look again.',
      );
      return { ok: false, status: 503, reason: why };
    },
  },
  { method: 'GET', path: '/api/status', access: 'viewer', answer: async ({ port }) => done(await port.status()) },
  {
    method: 'GET',
    path: '/api/holds',
    access: 'viewer',
    answer: async ({ port, query: asked }) => {
      const { open, ...rest } = shape.shaped(shape.holdsQuery, asked);
      return done(new JsonText(await port.holdsText({ open: open === '1', ...rest })));
    },
  },
  {
    method: 'GET',
    path: '/api/holds/:id',
    access: 'viewer',
    answer: async ({ port, param }) => {
      const hold = await port.hold(param('id'));
      return hold === null ? noSuchHold : done(hold);
    },
  },
  { method: 'GET', path: '/api/people', access: 'viewer', answer: async ({ port }) => done(await port.people()) },
  {
    method: 'GET',
    path: '/api/credentials',
    access: 'viewer',
    answer: async ({ port }) => done(await port.credentials()),
  },
  { method: 'GET', path: '/api/hosts', access: 'viewer', answer: async ({ port }) => done(await port.hosts()) },
  {
    method: 'GET',
    path: '/api/events',
    access: 'viewer',
    answer: async (call) => done(await call.port.events(query(call))),
  },
  { method: 'GET', path: '/api/events/stream', access: 'viewer', answer: 'event-stream' },
  {
    // A nonce alone lets nothing pass: it only dates the page that a factor then signs.
    method: 'POST',
    path: '/api/nonce',
    access: 'viewer',
    answer: async ({ port, body }) => done(port.nonce(shape.shaped(shape.digest, body).digest)),
  },
  {
    method: 'POST',
    path: '/api/policy/diff',
    access: 'viewer',
    answer: async ({ port, body }) => port.diffPolicy(shape.shaped(shape.policyText, body).text),
  },
];

const narrowing: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/holds/:id/deny',
    access: 'narrowing',
    answer: async ({ port, param, by }) => port.deny(param('id'), by),
  },
  {
    method: 'POST',
    path: '/api/holds/:id/cancel',
    access: 'narrowing',
    answer: async ({ port, param, by }) => port.cancel(param('id'), by),
  },
  {
    method: 'POST',
    path: '/api/freeze',
    access: 'narrowing',
    answer: async ({ port, body, by }) => port.freeze(shape.shaped(shape.agent, body).agent, by),
  },
  {
    method: 'POST',
    path: '/api/hosts/deny',
    access: 'narrowing',
    answer: async ({ port, body, by }) => port.host('deny', shape.shaped(shape.host, body).host, null, by),
  },
  {
    // The gateway compares the texts itself: a policy that widens anything is refused here, whatever the caller thinks.
    method: 'POST',
    path: '/api/policy/narrow',
    access: 'narrowing',
    answer: async ({ port, body, by }) => port.applyPolicy(shape.shaped(shape.policyText, body).text, null, by),
  },
  {
    method: 'POST',
    path: '/api/agents/:agent/revoke',
    access: 'narrowing',
    answer: async ({ port, param, by }) => port.agentRevoke(param('agent'), by),
  },
  {
    method: 'POST',
    path: '/api/credentials/:id/remove',
    access: 'narrowing',
    answer: async ({ port, param, by }) => port.credentialRemove(param('id'), by),
  },
  {
    method: 'POST',
    path: '/api/probed',
    access: 'narrowing',
    answer: async ({ port, body }) => {
      await port.probed(shape.shaped(shape.probe, body));
      return done(null);
    },
  },
];

const widening: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/holds/:id/approve',
    access: 'widening',
    answer: async ({ port, param, body }) => port.approve(param('id'), shape.shaped(shape.factorOnly, body).submission),
  },
  {
    method: 'POST',
    path: '/api/holds/:id/settle',
    access: 'widening',
    answer: async ({ port, param, body }) => {
      const { happened, submission } = shape.shaped(shape.settlement, body);
      return port.settle(param('id'), happened, submission);
    },
  },
  {
    method: 'POST',
    path: '/api/thaw',
    access: 'widening',
    answer: async ({ port, body }) => {
      const { agent, submission } = shape.shaped(shape.agentWithFactor, body);
      return port.thaw(agent, submission);
    },
  },
  {
    method: 'POST',
    path: '/api/hosts/allow',
    access: 'widening',
    answer: async ({ port, body, by }) => {
      const { host, submission } = shape.shaped(shape.hostWithFactor, body);
      return port.host('allow', host, submission, by);
    },
  },
  {
    method: 'POST',
    path: '/api/policy/apply',
    access: 'widening',
    answer: async ({ port, body, by }) => {
      const { text, submission } = shape.shaped(shape.policyTextWithFactor, body);
      return port.applyPolicy(text, submission, by);
    },
  },
  {
    method: 'POST',
    path: '/api/credentials/:id',
    access: 'widening',
    answer: async ({ port, param, body }) => {
      const { secret, submission } = shape.shaped(shape.secretWithFactor, body);
      return port.credentialPut(param('id'), secret, submission);
    },
  },
  {
    method: 'POST',
    path: '/api/agents',
    access: 'widening',
    answer: async ({ port, body }) => {
      const { input, submission } = shape.shaped(shape.agentInput, body);
      return port.agentAdd(input, submission);
    },
  },
];

export const routes: readonly Route[] = [...reads, ...narrowing, ...widening];

/** HTTP status of a fault that reached the edge of the control port. */
export function statusOfFault(fault: HoldpointError): 400 | 503 {
  return fault.code === 'bad-request' ? 400 : 503;
}
