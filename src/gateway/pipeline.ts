// The pipeline for one HTTP request: the fold asks, the driver answers, until it is denied, held or sent.
// Plain reads stay in memory; an allowed write is handed to the journal before its first byte leaves; a hold is durable
// before anything follows. The order is advance()'s; nothing here decides.

import type { Readable } from 'node:stream';
import type { Action, HostClass, Reading, Resolution, Verdict } from '../action/action.ts';
import { header, type OutgoingRequest } from '../action/request.ts';
import type { HttpAnswer, HttpSession } from '../channels/http/port.ts';
import type { Reader } from '../classify/reader.ts';
import type { CredentialState } from '../decide/decide.ts';
import { advance } from '../lifecycle/advance.ts';
import type { Continuation, LifecycleEvent } from '../lifecycle/event.ts';
import { type CaseState, newCase } from '../lifecycle/state.ts';
import type { Clock } from '../platform/clock.ts';
import { newTimedId, type Random } from '../platform/random.ts';
import { reason } from '../platform/reason.ts';
import type { EventDraft } from '../record/event.ts';
import type { Storage } from '../storage/storage.ts';
import { deniedAnswer } from './answers.ts';
import type { ExecuteAllowed } from './execute-allowed.ts';
import type { HoldOpening } from './hold-opening.ts';
import type { Broker, CredentialUse, StrayFinder } from './ports.ts';
import type { Resolve } from './resolving.ts';
import type { Rules } from './rules.ts';
import { draftsOf, type Run } from './run.ts';
import type { Sessions } from './sessions.ts';
import type { System } from './system.ts';

export interface PipelineDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly system: System;
  readonly sessions: Sessions;
  readonly reader: Reader;
  readonly broker: Broker;
  readonly strays: StrayFinder;
  readonly hostClass: (host: string, port: number) => HostClass;
  readonly resolve: Resolve;
  readonly holds: HoldOpening;
  readonly rules: Rules;
  readonly execute: ExecuteAllowed;
  /** What the human had asked this agent to do; null: not known. */
  readonly taskOf: (agent: string) => string | null;
  readonly fault: (where: string, error: unknown) => void;
}

const claimHeader = 'holdpoint-reason';
const claimCharsMax = 500;
const claimWithheld = '[withheld by Holdpoint: it carries what looks like a credential]';

export function createPipeline(deps: PipelineDeps) {
  const { clock, storage, system } = deps;

  /** The agent's own words are stored in the clear, so a credential among them takes all of them along. */
  function claimOf(sent: OutgoingRequest): string | null {
    const text = header(sent, claimHeader);
    if (text === null) return null;
    const alone = { ...sent, path: '/', headers: [[claimHeader, text]] as const, body: new Uint8Array() };
    return deps.broker.inspect(alone, null, []).kind === 'absent' ? text.slice(0, claimCharsMax) : claimWithheld;
  }

  function begin(session: HttpSession, sent: OutgoingRequest, bulk: Readable | null, client: AbortSignal): Run {
    const claimed = claimOf(sent);
    // Our own header is for the human, not for the provider; it is taken off before anything is classified or digested.
    const request =
      claimed === null ? sent : { ...sent, headers: sent.headers.filter(([name]) => name !== claimHeader) };
    const action: Action = {
      id: newTimedId(deps.random, 'act', clock.wallMs()),
      channel: 'http',
      agent: session.agent,
      session: session.id,
      atMs: clock.wallMs(),
      posture: deps.sessions.postureOf(session),
      content: { kind: 'http', request },
      asked: deps.taskOf(session.agent),
      claimed,
    };
    const host = { name: request.host, class: deps.hostClass(request.host, request.port) };
    return {
      session,
      action,
      request,
      bulk,
      client,
      // Slots and injection are a governed host's; elsewhere a sign-in is the agent's own, unless its shape says otherwise.
      page: host.class === 'governed' ? deps.reader.providerOf(request.host) : null,
      host,
      credential: { kind: 'absent' },
      trail: [],
    };
  }

  /** Synchronous but for strays: this stands in the way of every read. */
  function inspectCredential(run: Run): CredentialState | Promise<CredentialState> {
    const granted = system.grantOf(run.action.agent)?.credentials ?? [];
    const use = deps.broker.inspect(run.request, run.page, granted);
    return use.kind === 'stray' ? findStray(run, use) : use;
  }

  async function findStray(run: Run, use: Extract<CredentialUse, { kind: 'stray' }>): Promise<CredentialState> {
    const { fingerprint, slot, tokenKind, literal } = use;
    const found = await deps.strays.find(literal, fingerprint);
    const { agent, session, posture, id: actionId } = run.action;
    const data = { fingerprint, kind: tokenKind, where: found, slot, host: run.host.name };
    const event: EventDraft = {
      kind: 'stray-found',
      atMs: clock.wallMs(),
      actionId,
      holdId: null,
      agent,
      session,
      posture,
      data,
    };
    await storage.commit({ events: [event] }).catch((error: unknown) => deps.fault('journal of a stray', error));
    return { kind: 'stray', fingerprint, slot, found };
  }

  function judge(run: Run, reading: Reading, resolution: Resolution | null): Verdict {
    const { policy } = system.state;
    if (policy === null) return { kind: 'deny', reasons: [noPolicy] };
    const verdict = deps.rules.decide({
      reading,
      resolution,
      grant: system.grantOf(run.action.agent),
      policy,
      agentState: system.agentState(run.action.agent),
      host: run.host,
      credentialState: run.credential,
      hostDecisions: [],
      nowMs: clock.wallMs(),
    });
    // Invariant 4: no audit, no service - but for what needs no journal.
    if (!storage.writable && !(verdict.kind === 'allow' && reading.plain))
      return { kind: 'deny', reasons: [unwritable] };
    if (verdict.kind === 'hold' && run.bulk !== null) return { kind: 'deny', reasons: [tooLargeToHold] };
    return verdict;
  }

  async function decideNow(run: Run, reading: Reading, resolution: Resolution | null): Promise<LifecycleEvent> {
    const verdict = judge(run, reading, resolution);
    const next: Continuation | null =
      verdict.kind === 'hold' ? await deps.holds.continuation(run, reading, resolution, verdict) : null;
    return { kind: 'decided', atMs: clock.wallMs(), verdict, next };
  }

  /** The first command of a step is the one that the pipeline carries out; holds carry out the rest themselves. */
  async function proceed(run: Run): Promise<HttpAnswer> {
    let state: CaseState = newCase;
    let event: LifecycleEvent = { kind: 'requested', atMs: run.action.atMs, action: run.action };
    for (;;) {
      const step = advance(state, event);
      run.trail.push(event);
      state = step.state;
      const [command] = step.commands;
      if (command === undefined) throw new Error(`the fold stood still at ${state.at}`);
      switch (command.kind) {
        case 'classify':
          event = await classify(run);
          break;
        case 'resolve': {
          // What destroys is judged, and shown to a human, on what is there now; the rest on what was there 30 s ago.
          const freshness = readingOf(state).effect === 'destructive' ? 'fresh' : 'cached';
          const resolution: Resolution = await deps.resolve(readingOf(state), freshness, run.client);
          event = { kind: 'resolved', atMs: clock.wallMs(), resolution };
          break;
        }
        case 'decide':
          event = await decideNow(run, readingOf(state), state.at === 'resolved' ? state.resolution : null);
          break;
        case 'execute-allowed':
          return deps.execute(run, readingOf(state));
        case 'answer-denied':
          return await answerDenied(run, event);
        case 'open-hold':
          return await deps.holds.open(run, command.hold);
        case 'follow-hold':
          return await deps.holds.follow(run, command.next);
        default:
          throw new Error(`the pipeline has no way to ${command.kind}`);
      }
    }
  }

  async function classify(run: Run): Promise<LifecycleEvent> {
    const reading = deps.reader.read(run.action.content);
    const credential = inspectCredential(run);
    run.credential = credential instanceof Promise ? await credential : credential;
    const question = { reading, grant: system.grantOf(run.action.agent), host: run.host };
    const needs = deps.rules.needsResolution(question, run.credential);
    return { kind: 'classified', atMs: clock.wallMs(), reading, needsResolution: needs };
  }

  async function answerDenied(run: Run, event: LifecycleEvent): Promise<HttpAnswer> {
    // A refusal needs no journal to be safe: written if it can be, answered in any case.
    await storage
      .commit({ events: draftsOf(run, null) })
      .catch((error: unknown) => deps.fault('journal of a refusal', error));
    return deniedAnswer(event.kind === 'decided' ? event.verdict.reasons : [broken]);
  }

  return async function submit(
    session: HttpSession,
    request: OutgoingRequest,
    bulk: Readable | null,
    client: AbortSignal,
  ): Promise<HttpAnswer> {
    const run = begin(session, request, bulk, client);
    try {
      return await proceed(run);
    } catch (error) {
      deps.holds.abandon(run);
      deps.fault('pipeline', error);
      return deniedAnswer([storage.writable ? broken : unwritable]);
    }
  };
}

function readingOf(state: CaseState): Reading {
  if (state.at === 'classified' || state.at === 'resolved' || state.at === 'allowed') return state.reading;
  throw new Error(`no reading at ${state.at}`);
}

const broken = reason(
  'internal',
  'Nothing was done.',
  'Holdpoint met an error of its own while judging this request.',
  'Ask your human to look at the gateway; do not try another route.',
);
const noPolicy = reason(
  'no-policy',
  'Nothing was done.',
  'This gateway has no policy yet.',
  'A human applies one: holdpoint policy apply.',
);
const unwritable = reason(
  'journal-unwritable',
  'Nothing was done.',
  'The journal cannot be written, so nothing but plain reads may pass.',
  'A human frees the disk or mends the store; then repeat the request.',
);
const tooLargeToHold = reason(
  'too-large-to-hold',
  'Nothing was done.',
  'This needs a human, and a streamed body cannot be held and shown.',
  'Ask your human to do it, or send at most 1 MiB.',
);
