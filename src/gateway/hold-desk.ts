// The desk where holds lie: carries out what follows from a hold's events (safeguards, delay, recheck, execution,
// waking those who wait) and returns approved holds to their humans when time itself cannot be trusted.
// Which event may come when is advance(); whether it may go is mayRelease(), asked in release.ts.

import type { Hold } from '../hold/hold.ts';
import { releaseWindowMs } from '../hold/may-release.ts';
import type { Command, LifecycleEvent } from '../lifecycle/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { Safeguard } from '../safeguard/safeguard.ts';
import type { BodyWrite, Storage } from '../storage/storage.ts';
import { type Applied, createHoldCases, type HoldCases } from './hold-cases.ts';
import type { Notifier } from './ports.ts';

export interface HoldDeskDeps {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly safeguards: readonly Safeguard[];
  readonly notifier: Notifier;
  /** Resolves afresh and asks mayRelease. */
  readonly recheck: (hold: Hold) => Promise<LifecycleEvent>;
  /** Sends the stored bytes once. Resolves with the outcome event and the sealed result. Never rejects. */
  readonly execute: (hold: Hold) => Promise<{ readonly event: LifecycleEvent; readonly bodies: readonly BodyWrite[] }>;
  /** Faults of background work: journal unwritable, resolver bug. */
  readonly fault: (where: string, error: unknown) => void;
}

export interface HoldDesk {
  readonly cases: HoldCases;
  apply(holdId: string, event: LifecycleEvent): Promise<Applied>;
  /** Calls back at every move of the hold until it returns 'done'; the returned function stops. */
  watch(holdId: string, moved: (hold: Hold) => void): () => void;
  /** Returns approved and delayed holds to their humans: all, or those of agents that `concerns` names. */
  returnApproved(because: string, concerns: (agent: string) => boolean): Promise<void>;
  /** After a start: what was approved goes back to its humans, what was released is unknown. */
  recover(): Promise<void>;
  close(): void;
}

/** How far wall clock and monotonic clock may part before delays are void. */
export const driftMaxMs = 30_000;
const driftCheckMs = 5_000;
const journalRetryMs = 1_000;
const everyAgent = () => true;

export function createHoldDesk(deps: HoldDeskDeps): HoldDesk {
  const { clock, storage, fault } = deps;
  /** Cancels of running safeguards and timers by hold. */
  const running = new Map<string, (() => void)[]>();
  const watchers = new Map<string, Set<(hold: Hold) => void>>();
  const cases = createHoldCases({ storage, run: (commands, hold) => runAll(commands, hold) });
  let closed = false;

  function keep(holdId: string, cancel: () => void): void {
    const cancels = running.get(holdId) ?? [];
    cancels.push(cancel);
    running.set(holdId, cancels);
  }

  function stop(holdId: string): void {
    for (const cancel of running.get(holdId) ?? []) cancel();
    running.delete(holdId);
  }

  function background(where: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => fault(where, error));
  }

  async function apply(holdId: string, event: LifecycleEvent, bodies: readonly BodyWrite[] = []): Promise<Applied> {
    const applied = await cases.apply(holdId, event, bodies);
    if (applied.changed === 'changed' && applied.hold !== null) {
      for (const watcher of watchers.get(holdId) ?? []) watcher(applied.hold);
      deps.notifier.moved(holdId, event.kind);
    }
    return applied;
  }

  /** An outcome must reach the journal even if it was full for a moment; until then the hold reads `released`. */
  async function applyOutcome(holdId: string, event: LifecycleEvent, bodies: readonly BodyWrite[]): Promise<void> {
    try {
      await apply(holdId, event, bodies);
    } catch (error) {
      fault('journal of an outcome', error);
      if (!closed)
        clock.after(journalRetryMs, () => background('journal of an outcome', applyOutcome(holdId, event, bodies)));
    }
  }

  function startSafeguards(hold: Hold): void {
    for (const requirement of hold.needs.safeguards) {
      if (requirement.kind === 'delay') continue;
      const safeguard = deps.safeguards.find((each) => each.kind === requirement.kind);
      // No worker for a requirement: no proof ever comes, so the hold is never released (invariant 2).
      if (safeguard === undefined) continue;
      keep(
        hold.id,
        safeguard.start(hold.id, requirement, (proof) =>
          background('proof', apply(hold.id, { kind: 'proven', atMs: clock.wallMs(), proof })),
        ),
      );
    }
  }

  async function startDelay(hold: Hold, delayMs: number): Promise<void> {
    const atMs = clock.wallMs();
    const applied = await apply(hold.id, { kind: 'delayed', atMs, untilMs: atMs + delayMs });
    if (applied.changed === 'unchanged') return;
    const safeguard = deps.safeguards.find((each) => each.kind === 'delay');
    const cancel = safeguard?.start(hold.id, { kind: 'delay', delayMs }, (proof) =>
      background('delay', apply(hold.id, { kind: 'proven', atMs: clock.wallMs(), proof })),
    );
    if (cancel !== undefined) keep(hold.id, cancel);
  }

  async function recheck(hold: Hold): Promise<void> {
    const answer = await deps.recheck(hold);
    // The look took time: it speaks for these approvals, not for others that came after a rehold in between.
    const nonces = hold.approvals.map((approval) => approval.nonce);
    await apply(hold.id, answer.kind === 'released' ? { ...answer, nonces } : answer);
  }

  async function execute(hold: Hold): Promise<void> {
    const { event, bodies } = await deps.execute(hold);
    await applyOutcome(hold.id, event, bodies);
  }

  function run(command: Command, hold: Hold): void {
    switch (command.kind) {
      case 'start-safeguards':
        startSafeguards(hold);
        break;
      case 'stop-safeguards':
        stop(hold.id);
        break;
      case 'start-delay':
        background('delay', startDelay(hold, command.delayMs));
        break;
      case 'recheck':
        background('recheck', recheck(hold));
        break;
      case 'execute-held':
        background('execution', execute(hold));
        break;
      case 'notify':
        deps.notifier.held(hold.id);
        break;
      default:
        // Waiting clients follow every move by watch(); the other commands belong to cases without a hold.
        break;
    }
  }

  function runAll(commands: readonly Command[], hold: Hold): void {
    if (closed) return;
    for (const command of commands) run(command, hold);
    if (hold.state.kind === 'approved') armLapse(hold);
  }

  function armLapse(hold: Hold): void {
    const lapseMs = hold.needs.delayMs + releaseWindowMs;
    keep(
      hold.id,
      clock.after(lapseMs, () => background('lapse', apply(hold.id, { kind: 'lapsed', atMs: clock.wallMs() }))),
    );
  }

  async function returnApproved(because: string, concerns: (agent: string) => boolean): Promise<void> {
    for (const text of await storage.holds({ states: ['approved', 'delayed'], limit: 100_000 })) {
      const hold = JSON.parse(text) as Hold;
      if (!concerns(hold.agent)) continue;
      await apply(hold.id, { kind: 'reheld', atMs: clock.wallMs(), because: [because], hold: null });
    }
  }

  /** Sleep and clock changes show as wall and monotonic time parting. */
  function watchDrift(): () => void {
    let offsetMs = clock.wallMs() - clock.monotonicMs();
    let cancel: () => void = () => undefined;
    const check = () => {
      const nowMs = clock.wallMs() - clock.monotonicMs();
      if (Math.abs(nowMs - offsetMs) > driftMaxMs) {
        offsetMs = nowMs;
        background(
          'clock drift',
          returnApproved('the clock jumped or the machine slept, so the delay cannot be counted', everyAgent),
        );
      }
      cancel = clock.after(driftCheckMs, check);
    };
    cancel = clock.after(driftCheckMs, check);
    return () => cancel();
  }

  const stopDrift = watchDrift();
  return {
    cases,
    apply,
    watch(holdId, moved) {
      const set = watchers.get(holdId) ?? new Set();
      set.add(moved);
      watchers.set(holdId, set);
      return () => {
        set.delete(moved);
        if (set.size === 0) watchers.delete(holdId);
      };
    },
    returnApproved,
    async recover() {
      // Released without an outcome: perhaps sent, perhaps not. Only a human can find out (DESIGN section 6).
      for (const text of await storage.holds({ states: ['released'], limit: 100_000 })) {
        const hold = JSON.parse(text) as Hold;
        await apply(hold.id, { kind: 'executed', atMs: clock.wallMs(), outcome: 'unknown', status: null, after: null });
      }
      await returnApproved('the gateway was restarted, so the delay cannot be counted', everyAgent);
    },
    close() {
      closed = true;
      stopDrift();
      for (const holdId of [...running.keys()]) stop(holdId);
    },
  };
}
