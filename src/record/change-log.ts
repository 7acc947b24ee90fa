// The change log: from the journal's events to the entries that people read. An entry belongs to the event that closed
// or stopped something, carries its seq and the beginning of its leaf, and is the same whoever derives it whenever: that
// is how a copy of it in a project's folder can be checked. Plain reads have no entries, only one line per session.

import type { SealedEvent } from './event.ts';
import { emptyStory, member, names, notKnown, type Story, tell, word } from './story.ts';

export interface LogEntry {
  readonly seq: number;
  /** First 16 hex digits of the event's leaf. */
  readonly leaf: string;
  readonly atMs: number;
  readonly agent: string | null;
  readonly holdId: string | null;
  /** One short phrase: `refused`, `on hold`, `done`, `failed`, `policy changed` … */
  readonly outcome: string;
  /** What the entry says, in order. Labels are ours, texts are inert. */
  readonly lines: readonly (readonly [label: string, text: string])[];
}

export interface SessionReads {
  readonly session: string;
  readonly agent: string | null;
  readonly reads: number;
  readonly hosts: readonly string[];
  /** For tallies that name no hosts. */
  readonly hostCount: number;
  readonly lastAtMs: number;
}

export interface ChangeLog {
  /** The entry that this event makes, if it makes one. Events in order of seq. */
  take(event: SealedEvent): LogEntry | null;
  /** True if the beginning of this event's story was not taken: give its earlier events first. */
  lacks(event: SealedEvent): boolean;
  sessions(): readonly SessionReads[];
}

/** Stories kept at once; the oldest is dropped, and what it still brings says "not known". */
const storiesMax = 20_000;

export function changeLogOf(): ChangeLog {
  const stories = new Map<string, Story>();
  const sessions = new Map<string, SessionReads>();

  const storyOf = (event: SealedEvent): Story => stories.get(keyOf(event, stories)) ?? emptyStory;
  const keep = (event: SealedEvent, story: Story) => {
    for (const id of [event.holdId, event.actionId]) if (id !== null) stories.set(id, story);
    for (const oldest of stories.keys()) {
      if (stories.size <= storiesMax) break;
      stories.delete(oldest);
    }
  };
  return {
    take(event) {
      if (event.kind === 'tallied') {
        addTally(sessions, event);
        return null;
      }
      if (event.actionId === null && event.holdId === null) return systemEntry(event);
      const story = tell(storyOf(event), event);
      keep(event, story);
      return actionEntry(event, story);
    },
    lacks: (event) =>
      (event.actionId !== null || event.holdId !== null) &&
      event.kind !== 'requested' &&
      !stories.has(keyOf(event, stories)),
    sessions: () => [...sessions.values()],
  };
}

/** A hold's story outlives the action that opened it: later events name the hold alone, retries another action. */
function keyOf(event: SealedEvent, stories: ReadonlyMap<string, Story>): string {
  if (event.holdId !== null && stories.has(event.holdId)) return event.holdId;
  return event.actionId ?? event.holdId ?? '';
}

function entryOf(
  event: SealedEvent,
  outcome: string,
  lines: readonly (readonly [label: string, text: string | null])[],
): LogEntry {
  return {
    seq: event.seq,
    leaf: event.leaf.slice(0, 16),
    atMs: event.atMs,
    agent: event.agent,
    holdId: event.holdId,
    outcome,
    lines: lines.flatMap(([label, text]) => (text === null ? [] : [[label, text] as const])),
  };
}

interface Ending {
  readonly outcome: string;
  readonly by: string;
  readonly note?: string | null;
}

function actionEntry(event: SealedEvent, story: Story): LogEntry | null {
  const ending = endingOf(event, story);
  if (ending === null) return null;
  const irreversible = story.recovery === 'none' || story.recovery === 'unknown';
  const effect = story.effect === 'destructive' && irreversible ? 'destructive, irreversible' : story.effect;
  const entry = entryOf(event, ending.outcome, [
    ['asked', story.asked],
    ['action', story.action],
    ['target', story.target],
    ['environment', story.environment],
    ['effect', effect ?? notKnown],
    ['decided by', ending.by],
    ['why', event.kind === 'decided' || event.kind === 'held' ? story.why : null],
    ['note', ending.note ?? null],
  ]);
  return { ...entry, agent: story.agent, holdId: story.holdId };
}

function endingOf(event: SealedEvent, story: Story): Ending | null {
  const { data } = event;
  const people = story.approvals.length === 0 ? 'policy' : story.approvals.join(', ');
  const by = word(data.by) ?? notKnown;
  switch (event.kind) {
    case 'decided':
      return story.verdict === 'deny' ? { outcome: 'refused', by: 'policy' } : null;
    case 'held':
      return { outcome: 'on hold', by: 'policy', note: waitsFor(event) };
    case 'reheld':
      return { outcome: 'on hold again', by: 'policy', note: names(data.because) ?? notKnown };
    case 'executed':
      if (story.effect === 'read' && !story.held) return null;
      return { outcome: executedAs(story), by: people, note: names(data.after) };
    case 'denied':
      return { outcome: 'denied', by };
    case 'cancelled':
      return { outcome: 'cancelled', by };
    case 'lapsed':
      return { outcome: 'lapsed', by: people, note: 'the time to run it passed; nothing was executed' };
    case 'settled':
      return { outcome: 'settled', by, note: `a human found out: ${word(data.happened) ?? notKnown}` };
    default:
      return null;
  }
}

function executedAs(story: Story): string {
  if (story.outcome === 'ok') return 'done';
  return story.outcome === 'failed' ? 'failed' : 'outcome unknown';
}

function waitsFor(event: SealedEvent): string {
  const needs = member(event.data.needs);
  const people = typeof needs.people === 'number' ? `${needs.people} human(s)` : 'a human';
  const factors = names(needs.factors);
  return `waits for ${people}${factors === null ? '' : ` with ${factors}`}; nothing was executed`;
}

/** People, agents' tokens and credentials' secrets are enrolled; each by what it has in its data. */
function enrolledEntry(event: SealedEvent): LogEntry {
  const { data } = event;
  const text = (key: string) => word(data[key]) ?? notKnown;
  if (typeof data.credential === 'string') {
    return entryOf(event, 'secret given', [
      ['credential', text('credential')],
      ['fingerprint', text('fingerprint')],
      ['by', text('by')],
    ]);
  }
  if (typeof data.human !== 'string') return entryOf(event, 'agent token made', [['agent', text('agent')]]);
  return entryOf(event, 'human enrolled', [
    ['human', text('human')],
    ['role', text('role')],
    ['by', text('by')],
  ]);
}

function systemEntry(event: SealedEvent): LogEntry | null {
  const { data } = event;
  const text = (key: string) => word(data[key]) ?? notKnown;
  const whom = event.agent ?? word(data.agent) ?? 'all agents';
  switch (event.kind) {
    case 'started':
      return entryOf(event, 'gateway started', [['version', text('version')]]);
    case 'policy-loaded':
      return entryOf(event, 'policy loaded', [
        ['changes', names(data.changes) ?? 'none'],
        ['by', word(data.by)],
      ]);
    case 'enrolled':
      return enrolledEntry(event);
    case 'frozen':
    case 'thawed':
    case 'revoked':
      if (typeof data.credential === 'string') {
        return entryOf(event, 'secret removed', [
          ['credential', text('credential')],
          ['by', text('by')],
        ]);
      }
      return entryOf(event, `agent ${event.kind}`, [
        ['agent', whom],
        ['by', text('by')],
      ]);
    case 'stray-found':
      return entryOf(event, 'stray credential found', [
        ['kind', text('kind')],
        ['where', text('where')],
      ]);
    case 'refused':
      return entryOf(event, 'refused', [
        ['request', word(data.route) ?? word(member(data.reason).what) ?? notKnown],
        ['why', word(data.why) ?? names(data.reason) ?? word(member(data.reason).why) ?? notKnown],
      ]);
    case 'probed':
      if (data.succeeded !== true) return null;
      return entryOf(event, 'isolation broken', [['attempt', text('attempt')]]);
    default:
      return null;
  }
}

function addTally(sessions: Map<string, SessionReads>, event: SealedEvent): void {
  const { data } = event;
  const session = event.session ?? 'no session';
  const before = sessions.get(session);
  const reads = typeof data.reads === 'number' ? data.reads : 0;
  const found = data.hosts;
  const listed = Array.isArray(found) ? (found as readonly unknown[]).map(String) : Object.keys(member(found));
  const count = typeof found === 'number' ? found : 0;
  sessions.set(session, {
    session,
    agent: event.agent,
    reads: (before?.reads ?? 0) + reads,
    hosts: [...new Set([...(before?.hosts ?? []), ...listed])],
    hostCount: Math.max(before?.hostCount ?? 0, count),
    lastAtMs: event.atMs,
  });
}
