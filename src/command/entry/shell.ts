import type {Command} from 'commander';
import {exit, type ExitCode} from '../../exit.ts';
import {didYouMean} from '../../runbook/suggest.ts';
import {escape} from '../../view/escape.ts';
import {completionScript, type Shell} from '../completion/script.ts';
import {version} from '../help/version.ts';

// What a person's shell and manual know of rebuild: each loads nothing but its own.

export async function completion(shell: Shell): Promise<ExitCode> {
  process.stdout.write(completionScript(shell));
  return exit.done;
}

/** For the scripts: the words behind `rebuild`, the last one under the cursor. Says nothing but candidates. */
export async function complete(program: Command, words: readonly string[]): Promise<ExitCode> {
  const [{completionOf, completionText}, {placeOf}, {namesHere}, {runbookPlaces}] = await Promise.all([
    import('../completion/completion.ts'),
    import('../completion/wants.ts'),
    import('../completion/names.ts'),
    import('../runbook-file.ts'),
  ]);
  const names = namesHere({
    places: runbookPlaces(),
    helped: async () => {
      const {topics} = await import('../help/topic.ts');
      return [
        ...topics.map(({name, title}) => ({text: name, says: title})),
        ...program.commands.map((command) => ({text: command.name(), says: command.description()})),
      ];
    },
  });
  process.stdout.write(completionText(await completionOf(placeOf(program, words), names)));
  return exit.done;
}

export async function help(program: Command, name: string | undefined): Promise<ExitCode> {
  const [{helpText}, {topics}, {labUsage}] = await Promise.all([
    import('../help/text.ts'),
    import('../help/topic.ts'),
    import('../lab/usage.ts'),
  ]);
  const text = name === 'lab' ? labUsage : helpText(program, name);
  if (text !== undefined) {
    process.stdout.write(text);
    return exit.done;
  }
  const known = [...topics, ...program.commands.map((command) => ({name: command.name()}))].map((one) => one.name);
  const hint = didYouMean(name ?? '', known);
  process.stderr.write(`there is no help for "${escape(name ?? '')}"${hint === undefined ? '' : `; ${hint}`}\n`);
  process.stderr.write('next: rebuild help\n');
  return exit.usage;
}

export async function man(program: Command): Promise<ExitCode> {
  const {manPage} = await import('../help/man.ts');
  // As reproducible-builds.org has it: a build that is given its moment prints the same page each time.
  const epoch = Number(process.env['SOURCE_DATE_EPOCH']);
  const moment = process.env['SOURCE_DATE_EPOCH'] && Number.isSafeInteger(epoch) ? epoch * 1000 : Date.now();
  process.stdout.write(manPage(program, {version, date: new Date(moment).toISOString().slice(0, 10)}));
  return exit.done;
}
