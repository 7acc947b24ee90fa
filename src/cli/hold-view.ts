// A hold's page in a terminal: the three lines, then the sections of hold/hold-page.ts, indented and coloured.
// It adds no words of its own and lets none through that hold-page.ts has not made inert.

import type { Hold } from '../hold/hold.ts';
import { holdHead, holdPage, type PageSection, stateLine } from '../hold/hold-page.ts';

type Dress = (text: string) => string;

function dressing(colour: 'colour' | 'plain'): { readonly alarm: Dress; readonly dim: Dress; readonly bold: Dress } {
  const by = (codes: string): Dress =>
    colour === 'colour' ? (text) => `\x1b[${codes}m${text}\x1b[0m` : (text) => text;
  return { alarm: by('1;31'), dim: by('2'), bold: by('1') };
}

function sectionLines(section: PageSection, colour: 'colour' | 'plain'): readonly string[] {
  const { alarm, dim, bold } = dressing(colour);
  const mark = section.tone === 'claim' ? '> ' : '';
  const dress = section.tone === 'alarm' ? alarm : section.tone === 'claim' ? dim : (text: string) => text;
  // Indented, so that no foreign line can stand where one of the page's own lines would.
  return ['', bold(section.title), ...section.lines.map((line) => dress(`  ${mark}${line}`))];
}

/** The whole page, line by line. */
export function pageLines(hold: Hold, colour: 'colour' | 'plain'): readonly string[] {
  const { alarm, bold } = dressing(colour);
  const [action, environment, warning] = holdHead(hold);
  const lab = hold.lab ? [bold('LAB: nothing real is behind this hold')] : [];
  return [
    bold(action),
    bold(environment),
    alarm(warning),
    ...lab,
    ...holdPage(hold).flatMap((section) => sectionLines(section, colour)),
  ];
}

/** One hold among others: the three lines, its id and where it stands. */
export function summaryLines(hold: Hold, colour: 'colour' | 'plain'): readonly string[] {
  const { alarm, dim } = dressing(colour);
  const [action, environment, warning] = holdHead(hold);
  return [action, environment, alarm(warning), dim(`  ${hold.id}  ${stateLine(hold)}`), ''];
}
