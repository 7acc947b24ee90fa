// A moment as people type it: `yesterday`, `today`, `now`, `90s`, `30m`, `2h`, `3d`, `1w`, or an ISO time.
// Days begin at local midnight; everything printed is UTC.

import { inertShort } from '../hold/inert-text.ts';
import { wrongUsage } from './store-command.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds since the epoch; throws wrong-usage for what is no moment. */
export function momentOf(text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  if (text === 'today' || text === 'yesterday') {
    const day = new Date(nowMs);
    day.setHours(0, 0, 0, 0);
    if (text === 'yesterday') day.setDate(day.getDate() - 1);
    return day.getTime();
  }
  const [, count, unit] = /^([0-9]{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (unitMs[unit] ?? 0);
  const iso = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isFinite(iso)) return iso;
  throw wrongUsage(
    `${inertShort(text)} is no time.`,
    'It is neither a word, a span nor an ISO time.',
    'Try yesterday, 2h, or 2026-04-24T14:00:00Z.',
  );
}
