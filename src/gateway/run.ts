// One run of one request through the pipeline: what every step needs at hand, and the trail of events that the journal
// gets when the verdict is known. Plain reads drop the trail.

import type { Readable } from 'node:stream';
import type { Action, HostClass } from '../action/action.ts';
import type { OutgoingRequest } from '../action/request.ts';
import type { HttpSession } from '../channels/http/port.ts';
import type { ProviderPage } from '../classify/provider-page.ts';
import type { CredentialState } from '../decide/decide.ts';
import { draftOf } from '../lifecycle/entry.ts';
import type { LifecycleEvent } from '../lifecycle/event.ts';
import type { EventDraft } from '../record/event.ts';

/** Everything that one run through the pipeline needs at hand. */
export interface Run {
  readonly session: HttpSession;
  readonly action: Action;
  readonly request: OutgoingRequest;
  readonly bulk: Readable | null;
  readonly client: AbortSignal;
  readonly page: ProviderPage | null;
  readonly host: { readonly name: string; readonly class: HostClass };
  credential: CredentialState;
  readonly trail: LifecycleEvent[];
}

export function draftsOf(run: Run, holdId: string | null): readonly EventDraft[] {
  const { id: actionId, agent, session, posture } = run.action;
  return run.trail.map((event) => draftOf(event, { actionId, holdId, agent, session, posture }));
}
