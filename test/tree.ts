// The files of this project as text: what git tracks or would track, or, in a copy without git, what lies there.
// For tests of the tree as a whole (tidy, reference pages); no program imports it.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

export interface TreeFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

// The last one comes and goes while layers.test.ts runs beside this.
const skipped = /^(node_modules|\.git|dist|coverage|\.lab|src\/action\/planted-violation\.ts)(\/|$)/;

function paths(): readonly string[] {
  const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const listed = git.status === 0 ? git.stdout.split('\0') : [];
  const found = listed.length > 1 ? listed : readdirSync(root, { recursive: true, encoding: 'utf8' });
  return found.filter((path) => path !== '' && !skipped.test(path));
}

/** Every text file; a listed file that is gone or is no file is left out. */
export function readTree(): readonly TreeFile[] {
  return paths().flatMap((path) => {
    try {
      const text = readFileSync(join(root, path), 'utf8');
      return text.includes('\0') ? [] : [{ path, text }];
    } catch {
      return [];
    }
  });
}
