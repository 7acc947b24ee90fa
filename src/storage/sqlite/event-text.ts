// From the stored text of an event back to the event. The text is what the chain covers, so nothing is added or fixed.
// Whether the text is what it should be is record/verify.ts's question, not this file's.

import type { SealedEvent } from '../../record/event.ts';
import type { EventText } from './message.ts';

export function sealedFromText({ text, leaf, chain }: EventText): SealedEvent {
  return { ...(JSON.parse(text) as Omit<SealedEvent, 'leaf' | 'chain'>), leaf, chain };
}
