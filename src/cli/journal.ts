// `holdpoint journal`: reads the journal as it is, event by event, and verifies it. For the story in words there is
// `log`. Everything works on the store's file alone, also while the gateway runs and when it cannot.

import { Command } from 'commander';
import { changeLogCheck } from './journal-changelog.ts';
import { exportJsonl, newestNote } from './journal-export.ts';
import { reportLines, reportOf } from './journal-report.ts';
import { eventDetail, eventLine, eventsOf, followEvents } from './journal-show.ts';
import { verificationLines, verifyStore } from './journal-verify.ts';
import { countOf, notYours, type StoreOptions, storeCommand, withStore } from './store-command.ts';
import { type ExitCode, exitCodes, type Io, type Verb } from './verb.ts';

type Done = (code: ExitCode) => void;

export const verb: Verb = {
  build(io, done) {
    const journal = new Command('journal').description('what happened, event by event, and whether it still holds');
    for (const make of [tail, show, verify, exportJournal, report]) journal.addCommand(make(io, done));
    return journal;
  },
};

function tail(io: Io, done: Done): Command {
  return storeCommand({
    name: 'tail',
    summary: 'print the newest events',
    example: 'holdpoint journal tail -f --limit 50',
    exits: notYours,
  })
    .option('-f, --follow', 'go on with each new event until interrupted')
    .option('--limit <count>', 'how many', '20')
    .action((options: StoreOptions & { readonly follow?: boolean; readonly limit: string }) =>
      withStore(io, done, options, async (reader) => {
        const events = reader.events({ from: 'newest', limit: countOf(options.limit, '--limit') });
        const line = (event: (typeof events)[number]) =>
          options.json === true ? `${JSON.stringify(event)}\n` : `${eventLine(event)}\n`;
        if (options.json === true && options.follow !== true) io.out(`${JSON.stringify(events)}\n`);
        else for (const event of events) io.out(line(event));
        if (options.follow === true)
          await followEvents(reader, events.at(-1)?.seq ?? 0, (event) => io.out(line(event)));
        return exitCodes.ok;
      }),
    );
}

function show(io: Io, done: Done): Command {
  const example = 'holdpoint journal show 412      # or the id of a hold or an action';
  return storeCommand({
    name: 'show',
    summary: 'print the events of a hold or an action, or one event',
    example,
    exits: `${notYours}, or unknown id`,
  })
    .argument('<id>', 'hold, action or number of an event')
    .action((id: string, options: StoreOptions) =>
      withStore(io, done, options, (reader) => {
        const events = eventsOf(reader, id);
        if (options.json === true) io.out(`${JSON.stringify(events)}\n`);
        else if (events.length > 0) io.out(events.map((event) => `${eventDetail(event)}\n`).join(''));
        else
          io.err('The journal has nothing under this id.\n  next: holdpoint journal tail shows the newest events.\n');
        return events.length === 0 ? exitCodes.refused : exitCodes.ok;
      }),
    );
}

interface VerifyOptions extends StoreOptions {
  readonly key?: string;
  readonly against?: string;
  readonly changelog?: string;
}

function verify(io: Io, done: Done): Command {
  const example = 'holdpoint journal verify --against checkpoint-kept-elsewhere.txt';
  const exits = `${notYours}, or not intact: the first break is named`;
  return storeCommand({ name: 'verify', summary: 'check every event, checkpoint and signature', example, exits })
    .option('--key <line>', 'verifier key that you kept elsewhere, or a file with it')
    .option('--against <file>', 'a checkpoint that was kept elsewhere')
    .option('--changelog <file>', "a project's change log to compare with the journal")
    .action((options: VerifyOptions) =>
      withStore(io, done, options, async (reader) => {
        const verified = reader.snapshot(() => verifyStore(reader, io.cwd, options));
        const intact = verified.verification.kind === 'intact';
        const file = options.changelog;
        const changelog = intact && file !== undefined ? await changeLogCheck(reader, io.cwd, file) : null;
        const lines = [...verificationLines(verified), ...(changelog?.lines ?? [])];
        if (options.json === true) io.out(`${JSON.stringify({ ...verified, changelog: changelog?.check ?? null })}\n`);
        else io.out(`${lines.join('\n')}\n`);
        return intact && (changelog === null || changelog.check.kind === 'matches') ? exitCodes.ok : exitCodes.refused;
      }),
    );
}

function exportJournal(io: Io, done: Done): Command {
  const example = 'holdpoint journal export --checkpoint > checkpoint.txt    # then keep it on another machine';
  return storeCommand({
    name: 'export',
    summary: 'print the journal for other tools',
    example,
    exits: `${notYours}, or no checkpoint yet`,
  })
    .option('--jsonl', 'every event and checkpoint, one JSON value a line (the default)')
    .option('--checkpoint', 'the newest signed checkpoint alone')
    .action((options: StoreOptions & { readonly checkpoint?: boolean }) =>
      withStore(io, done, options, (reader) => {
        if (options.checkpoint !== true) {
          reader.snapshot(() => exportJsonl(reader, (line) => io.out(line)));
          return exitCodes.ok;
        }
        const note = newestNote(reader);
        if (note === null) {
          io.err(
            'There is no checkpoint yet.\n  why:  One is signed ten seconds after an event, and when the gateway ends.\n  next: Run this again in a moment.\n',
          );
          return exitCodes.refused;
        }
        io.out(options.json === true ? `${JSON.stringify({ checkpoint: note })}\n` : note);
        return exitCodes.ok;
      }),
    );
}

function report(io: Io, done: Done): Command {
  return storeCommand({
    name: 'report',
    summary: 'count what each agent did and how it ended',
    example: 'holdpoint journal report --json',
    exits: notYours,
  }).action((options: StoreOptions) =>
    withStore(io, done, options, (reader) => {
      const counted = reader.snapshot(() => reportOf(reader));
      io.out(options.json === true ? `${JSON.stringify(counted)}\n` : `${reportLines(counted).join('\n')}\n`);
      return exitCodes.ok;
    }),
  );
}
