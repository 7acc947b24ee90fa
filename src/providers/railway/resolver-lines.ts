// The words of Railway's evidence: sizes, short ids, the line that a human reads. Names come from the provider's data,
// and whoever can rename a thing can write into it; so they are shown without control or direction characters, and cut.

const nameMax = 60;

/** A provider's name as inert text. */
export function plainName(text: string): string {
  const inert = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return inert.length > nameMax ? `${inert.slice(0, nameMax - 1)}…` : inert;
}

/** `3d2c42fb` of a UUID. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Decimal, as the provider bills: 41,000 MB are 41 GB. */
export function sizeOf(megabytes: number): string {
  if (megabytes < 1_000) return `${Math.round(megabytes)} MB`;
  const gigabytes = megabytes / 1_000;
  return `${gigabytes < 10 ? Math.round(gigabytes * 10) / 10 : Math.round(gigabytes)} GB`;
}

export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export interface LineParts {
  readonly project: string;
  /** `staging /var/lib/postgresql/data`, in the order shown. */
  readonly places: readonly string[];
  readonly megabytes: number | null;
  readonly backups: number | null;
  readonly takesNoEnvironment: 'takes-no-environment' | 'names-it';
}

/** `project pocketos -> staging /data, production /data (41 GB, 6 backups inside) - the API takes no environment`. */
export function placesLine(parts: LineParts): string {
  const inside = [
    ...(parts.megabytes === null ? [] : [sizeOf(parts.megabytes)]),
    ...(parts.backups === null ? [] : [`${countOf(parts.backups, 'backup')} inside`]),
  ];
  const where = parts.places.length === 0 ? 'no place found' : parts.places.join(', ');
  const size = inside.length === 0 ? '' : ` (${inside.join(', ')})`;
  const blind = parts.takesNoEnvironment === 'takes-no-environment' ? ' - the API takes no environment' : '';
  return `project ${parts.project} -> ${where}${size}${blind}`;
}
