// Every scenario that `lab run` knows, in the order in which `lab list` shows them. A new one is a file of data in
// scenarios/, a line here, and a golden transcript beside the others (scenarios/golden.test.ts writes it).

import type { Scenario } from './scenario.ts';
import { articleRest } from './scenarios/article-rest.ts';
import { backupsFirst } from './scenarios/backups-first.ts';
import { cliStaging } from './scenarios/cli-staging.ts';
import { goesAround } from './scenarios/goes-around.ts';
import { pocketos } from './scenarios/pocketos.ts';
import { stagedCommit } from './scenarios/staged-commit.ts';

export const scenarios: readonly Scenario[] = [
  pocketos,
  articleRest,
  cliStaging,
  stagedCommit,
  backupsFirst,
  goesAround,
];

export function scenarioNamed(name: string): Scenario | null {
  return scenarios.find((scenario) => scenario.name === name) ?? null;
}
