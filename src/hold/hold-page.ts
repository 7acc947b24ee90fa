// What a human reads before saying yes or no: three lines first, then everything that is known and what is "not known".
// Pure text from evidence; no colours, no HTML, no terminal: CLI, console and the 423 answer each dress the same sections.
// Every foreign string goes through inert-text.ts; the agent's own words stand alone under "claimed by the agent".

import { type Environment, type ResolvedResource, resourceName } from '../action/action.ts';
import { canonicalJson } from '../action/canonical.ts';
import { isIrreversible } from '../action/effect.ts';
import type { Factor } from '../authorize/grant.ts';
import type { Hold } from './hold.ts';
import { inertLine, inertLines } from './inert-text.ts';
import { environmentName } from './material.ts';
import type { Requirement } from './proof.ts';
import { typedNameOf } from './typed-name.ts';

export interface PageSection {
  readonly title: string;
  /** alarm: shown in red. claim: the agent's words, set apart from evidence. */
  readonly tone: 'plain' | 'alarm' | 'claim';
  /** Inert single lines. */
  readonly lines: readonly string[];
}

const notKnown = 'not known';

/** `2026-11-22 14:51 UTC`. */
export function shownTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function shownDuration(durationMs: number): string {
  if (durationMs < 60_000) return `${Math.ceil(durationMs / 1000)} s`;
  return durationMs < 7_200_000 ? `${Math.round(durationMs / 60_000)} min` : `${Math.round(durationMs / 3_600_000)} h`;
}

function shownBytes(bytes: number | null): string {
  if (bytes === null) return notKnown;
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function shownCount(count: number | null): string {
  return count === null ? notKnown : count.toLocaleString('en-US');
}

function nameOf(resource: ResolvedResource): string {
  const label = resource.label === null ? '' : ` (${inertLine(resource.label)})`;
  return inertLine(resourceName(resource.ref)) + label;
}

const uuidTail = /\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Evidence at the length of a head line: ids by their first eight digits, the provider's name only where it differs. */
function shortEvidence(by: string, name: string): string {
  return by.replace(`, which the provider calls ${name}`, '').replace(uuidTail, '$1…');
}

function environmentPart(each: Environment, evidence: (by: string, name: string) => string): string {
  switch (each.kind) {
    case 'verified':
      return inertLine(`${each.name} (verified by ${evidence(each.by, each.name)})`);
    case 'account':
      return 'account (verified by the operation: it reaches the whole account)';
    case 'unknown':
      return `unknown, treated as production (not verified: ${inertLine(each.because)})`;
  }
}

function environmentLine(environments: readonly Environment[]): string {
  if (environments.length === 0) return 'unknown, treated as production (not verified: nothing was resolved)';
  const verifiers = new Set(environments.map((each) => (each.kind === 'verified' ? each.by : null)));
  const [only] = verifiers;
  // One evidence for all is said once; an unknown among them never lends or borrows it.
  if (verifiers.size === 1 && typeof only === 'string') {
    const names = environments.map(environmentName).join(' + ');
    return inertLine(`${names} (verified by ${shortEvidence(only, names)})`);
  }
  return environments.map((each) => environmentPart(each, shortEvidence)).join(' + ');
}

/** "can be undone until <time>, by <how>"; what the provider does not say is "not known". */
function undoLine(hold: Hold): string {
  const words = [...new Set(hold.resolution.resources.flatMap((each) => (each.undo === null ? [] : [each.undo])))];
  const how = words.length === 0 ? notKnown : inertLine(words.join('; '));
  switch (hold.reading.recovery) {
    case 'window':
      return `can be undone until the provider's window ends, by ${how}`;
    case 'recreate':
      return `can be undone until ${notKnown}, by creating it again (${how})`;
    default:
      return `can be undone until ${notKnown}, by ${how}`;
  }
}

/** The three lines with which a hold begins wherever it is shown. */
export function holdHead(hold: Hold): readonly [action: string, environment: string, warning: string] {
  const { reading, resolution } = hold;
  const what = resolution.resources.map(nameOf).join(', ');
  const way = isIrreversible(reading.recovery) ? 'IRREVERSIBLE' : undoLine(hold);
  return [
    inertLine(`ACTION ${inertLine(reading.operation)}${what === '' ? '' : ` ${what}`}`),
    inertLine(`ENVIRONMENT ${environmentLine(resolution.environments)}`),
    `WARNING ${reading.effect.toUpperCase()} — ${way}`,
  ];
}

function sentence(hold: Hold): string {
  const { reading, resolution, channel } = hold;
  const things = resolution.resources.map(nameOf).join(', ') || `something that is ${notKnown}`;
  const where = inertLine(resolution.environments.map(environmentName).join(' and ')) || notKnown;
  const who = channel === 'shell' || channel === 'mcp' || channel === 'sdk' ? 'the agent runs' : 'the gateway sends';
  return `After a yes ${who} exactly this once: ${inertLine(reading.operation)} on ${things}, reaching ${where}.`;
}

function reached(hold: Hold): readonly string[] {
  const lines = hold.resolution.resources.flatMap((resource) =>
    resource.environments.map((environment) => {
      const guard = environment.kind === 'verified' && environment.protected ? ', protected' : '';
      return `${nameOf(resource)} -> ${environmentPart(environment, (by) => by)}${guard}`;
    }),
  );
  return lines.length > 0 ? lines : [environmentLine(hold.resolution.environments)];
}

function lostIn(resource: ResolvedResource): readonly string[] {
  const { blast } = resource;
  const dependents = blast === null ? notKnown : blast.dependents.map(inertLine).join(', ') || 'none found';
  return [
    `${nameOf(resource)}: ${blast === null ? notKnown : inertLine(blast.what)}`,
    `  rows ${shownCount(blast?.rows ?? null)}, oldest ${inertLine(blast?.oldest ?? notKnown)}, newest ${inertLine(blast?.newest ?? notKnown)}`,
    `  size ${shownBytes(blast?.bytes ?? null)}`,
    `  goes with it: ${dependents}`,
    `  backups inside that die with it: ${shownCount(blast?.backupsInside ?? null)}`,
  ];
}

function wayBack(hold: Hold): readonly string[] {
  const { recovery } = hold.reading;
  const own = isIrreversible(recovery)
    ? `Nothing that is known brings it back (recovery: ${recovery}).`
    : `It ${undoLine(hold)}.`;
  const words = hold.resolution.resources.map(
    (each) => `The provider's word for ${nameOf(each)}: ${each.undo === null ? notKnown : inertLine(each.undo)}`,
  );
  return [own, ...words];
}

function requirementLine(requirement: Requirement): string {
  return requirement.kind === 'delay'
    ? `delay of ${shownDuration(requirement.delayMs)} after the last yes, with cancel`
    : `backup ${inertLine(requirement.backup)} of ${inertLine(requirement.resource)}, at most ${shownDuration(requirement.maxAgeMs)} old`;
}

function safeguards(hold: Hold): PageSection {
  const lines = hold.needs.safeguards.map((requirement) => {
    const key = canonicalJson(requirement);
    const proof = hold.proofs.findLast((each) => each.requirement === key);
    const state = proof === undefined ? 'not proven yet' : `proven ${shownTime(proof.atMs)}: ${inertLine(proof.says)}`;
    return `${requirementLine(requirement)} — ${state}`;
  });
  const copied = hold.needs.safeguards.some((requirement) => requirement.kind === 'backup');
  const lossy = hold.reading.effect === 'destructive' && !copied;
  return {
    title: 'Safeguards',
    tone: lossy ? 'alarm' : 'plain',
    lines: [...(lossy ? ['no copy exists: no backup that Holdpoint proved covers this'] : []), ...lines],
  };
}

function request(hold: Hold): readonly string[] {
  const { method, url, headers, body } = hold.shown;
  return [
    `${inertLine(method)} ${inertLine(url)}`,
    ...headers.map(([name, value]) => `${inertLine(name)}: ${inertLine(value)}`),
    '',
    ...inertLines(body),
    `digest ${hold.digest}`,
  ];
}

/** A passkey and the approval key stand in for each other: the one is the browser's way, the other the terminal's. */
function factorWords(factors: readonly Factor[]): string {
  const signs = (factor: Factor) => factor === 'passkey' || factor === 'approval-key';
  const others = factors.filter((factor) => !signs(factor));
  return [...others, ...(factors.some(signs) ? ['passkey or approval-key'] : [])].join(' + ');
}

function needed(hold: Hold): readonly string[] {
  const { factors, people, delayMs } = hold.needs;
  const typed = factors.includes('typed-name') ? ` The name to type is ${typedNameOf(hold)}.` : '';
  const given = hold.approvals.map((each) => `yes from ${inertLine(each.human)} at ${shownTime(each.atMs)}`);
  const who = people === 1 ? '1 human' : `${people} different humans`;
  return [`${who}, each with ${factorWords(factors)}; then ${shownDuration(delayMs)} delay.${typed}`, ...given];
}

/** Where a hold stands, as one sentence. */
export function stateLine(hold: Hold): string {
  const { state } = hold;
  switch (state.kind) {
    case 'held':
      return `held since ${shownTime(hold.atMs)}, waiting for a human`;
    case 'approved':
      return 'approved; release waits for the safeguards';
    case 'delayed':
      return `approved; goes out at ${shownTime(state.untilMs)} unless it is cancelled`;
    case 'released':
      return `released at ${shownTime(state.atMs)}; its outcome is ${notKnown} yet`;
    case 'executed':
      return `executed at ${shownTime(state.atMs)}, outcome ${state.outcome}`;
    case 'settled':
      return `settled by ${inertLine(state.by)} at ${shownTime(state.atMs)}: ${state.happened}`;
    case 'denied':
    case 'cancelled':
      return `${state.kind} by ${inertLine(state.by)} at ${shownTime(state.atMs)}`;
    case 'lapsed':
      return `lapsed at ${shownTime(state.atMs)}: approved, but not released in time`;
  }
}

function posture(hold: Hold): PageSection {
  const advised = hold.posture === 'advised';
  const isolation = advised
    ? ['approvals are not isolated from this agent: it can reach what the gateway and you use to decide']
    : [];
  return { title: 'Posture', tone: advised ? 'alarm' : 'plain', lines: [hold.posture, ...isolation] };
}

function plain(title: string, lines: readonly string[]): PageSection {
  return { title, tone: 'plain', lines };
}

/** The whole page in reading order; the head is holdHead's, shown above it. */
export function holdPage(hold: Hold): readonly PageSection[] {
  const lost = hold.resolution.resources.flatMap(lostIn);
  const again = hold.before;
  return [
    plain('What will happen', [sentence(hold)]),
    ...(again === null
      ? []
      : [
          plain('Before', [
            `this same request ran at ${shownTime(again.atMs)}, outcome ${inertLine(again.outcome)} (${inertLine(again.hold)})`,
          ]),
        ]),
    plain('Where it reaches', reached(hold)),
    plain('What is lost', lost.length > 0 ? lost : [notKnown]),
    plain('What can bring it back', wayBack(hold)),
    safeguards(hold),
    plain(
      'Why it is held',
      hold.reasons.map((each) => `${inertLine(each.what)} ${inertLine(each.why)} ${inertLine(each.next)}`),
    ),
    plain('The exact request', request(hold)),
    plain('What the human had asked', [hold.asked === null ? notKnown : inertLine(hold.asked)]),
    {
      title: 'Claimed by the agent',
      tone: 'claim',
      lines: [hold.claimed === null ? 'nothing' : inertLine(hold.claimed)],
    },
    posture(hold),
    plain('Evidence', [inertLine(hold.resolution.line), `read at ${shownTime(hold.resolution.atMs)}`]),
    plain('What a yes needs', needed(hold)),
    plain('State', [stateLine(hold), `hold ${hold.id}, agent ${inertLine(hold.agent)}, channel ${hold.channel}`]),
  ];
}

/** The same request as a human could make it with their own login: break-glass when this gateway is down. */
export function breakGlass(hold: Hold): readonly string[] {
  return [
    'By hand, with your own login at the provider (Holdpoint neither sees nor records it):',
    ...request(hold),
    'Check the environments above at the provider first; nothing else will.',
  ];
}
