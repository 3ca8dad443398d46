import {Argument, Command, CommanderError, Option} from 'commander';
import type {Shell} from './command/completion/script.ts';
import type {ApproveArguments} from './command/entry/gate.ts';
import type {SchemaOf} from './command/entry/runbook.ts';
import type {PlanOptions} from './command/plan.ts';
import type {RunOptions} from './command/run.ts';
import {version} from './command/help/version.ts';
import {exit, type ExitCode} from './exit.ts';

/** What every command may be given. */
export interface Globals {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly lab?: boolean;
  readonly firmware?: 'uefi' | 'bios';
  readonly secureBoot?: boolean;
  readonly runbook?: string;
}

/** A script of the lab's faults. */
interface FaultsOption {
  readonly faults?: string;
}

/** argv, without the program, to an exit code. Commands are loaded when they are chosen: `--help` loads none. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const {program, code} = commandTree();
  // The lab's verbs have options of their own, which the table would take for its own; a shell's words are half typed.
  if (argv[0] === 'lab') return (await import('./command/entry/lab.ts')).lab(argv.slice(1));
  if (argv[0] === completeWord) return (await import('./command/entry/shell.ts')).complete(program, argv.slice(1));
  try {
    await program.parseAsync(argv, {from: 'user'});
    return code();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exit.done : exit.usage;
  }
}

/** What the scripts of `rebuild completion` call; of no use to a person, so it is in no help. */
export const completeWord = '__complete';

/**
 * Every command with its arguments and options. Help, the man page and completion are made from it. `code` is the exit
 * code of the command that was carried out.
 */
export function commandTree(): {readonly program: Command; readonly code: () => ExitCode} {
  let code: ExitCode = exit.done;
  const program = new Command('rebuild')
    .description('Rebuilds a compromised server through its BMC, step by step, and goes on where it was interrupted.')
    .version(version, '-V, --version')
    .option('--lab', "the lab's devices in place of the runbook's: a virtual machine that is safe to break")
    .addOption(new Option('--firmware <kind>', "how the lab's machine starts").choices(['uefi', 'bios']))
    .option('--secure-boot', "the lab's machine starts only what is signed")
    .option('--runbook <file>', 'the runbook, where it is not runbooks/HOST.yaml')
    .option('--json', 'one document, or one line per event for run, resume and log')
    .option('--no-color', 'no colour, as NO_COLOR=1 does')
    .option('-q, --quiet', 'only the result')
    .configureHelp({helpWidth: 80, showGlobalOptions: true})
    .helpCommand(false)
    .addHelpText('after', (at) => (at.command.parent === null ? `\nTopics: rebuild help ${topics.join(' | ')}` : ''))
    .exitOverride()
    .showSuggestionAfterError();
  const globals = (): Globals => program.opts<Globals>();
  const does =
    <A extends readonly unknown[]>(action: (...args: A) => Promise<ExitCode>) =>
    async (...args: A): Promise<void> => {
      if (globals().color === false) process.env['NO_COLOR'] = '1';
      code = await action(...args);
    };

  program
    .command('run <host>', {isDefault: true})
    .description('plan, show, ask for the host name, and carry the runbook out')
    .option('--confirm <host>', "the host's name, where no person is asked for it")
    .option('--plan <file>', 'a saved plan: refused when what it relies on has changed')
    .option('--until <step>', 'stop after this step')
    .option('--again', 'although its last run reached the end: erase and rebuild it once more')
    .option('--key <file>', 'with a gate: the SSH key that says who asks')
    .option('--faults <file>', 'with --lab: what goes wrong, and when (see rebuild lab --help)')
    .action(
      does(async (host: string, options: RunOptions & FaultsOption) =>
        (await import('./command/entry/run.ts')).run(host, options, globals()),
      ),
    );
  program
    .command('plan <host>')
    .description('read only: show every change that a run would make')
    .option('-o, --output <file>', 'save the plan')
    .option('--against <file>', 'what has changed since a saved plan: 0 where it still fits, 3 where it is stale')
    .option('--until <step>', 'as run --until STEP would stop')
    .action(
      does(async (host: string, options: PlanOptions) =>
        (await import('./command/entry/run.ts')).plan(host, options, globals()),
      ),
    );
  program
    .command('resume <host>')
    .description('check what is done and go on with the unfinished run')
    .option('--until <step>', 'stop after this step')
    .option('--faults <file>', 'with --lab: what goes wrong, and when (see rebuild lab --help)')
    .action(
      does(async (host: string, options: {until?: string} & FaultsOption) =>
        (await import('./command/entry/run.ts')).resume(host, options, globals()),
      ),
    );
  program
    .command('undo <host> <step>')
    .description('take a done step of the unfinished run back, such as the isolation')
    .option('--confirm <host>', "the host's name, where there is no terminal to type it at")
    .action(
      does(async (host: string, step: string, options: {confirm?: string}) =>
        (await import('./command/entry/run.ts')).undo(host, {...options, step}, globals()),
      ),
    );
  program
    .command('approve [host]')
    .description('agree to the step that a run waits before: sign, or bring what was signed elsewhere')
    .option('-m, --message <reason>', 'why')
    .option('--key <file>', 'the SSH key to sign with (for one in an agent, its .pub); by default your own')
    .option('--plan <file>', 'sign for a saved plan, with neither its runbook nor its run at hand')
    .option('-o, --output <file>', 'with --plan: where the approval goes')
    .option('--add <file>', 'add an approval that was signed elsewhere')
    .option('--ask <file>', "save the run's plan for an approver elsewhere")
    .action(
      does(async (host: string | undefined, options: ApproveArguments) =>
        (await import('./command/entry/gate.ts')).approve(host, options, globals()),
      ),
    );
  program
    .command('stop <host>')
    .description('from another terminal: let the run stop after its present step')
    .option('--now', 'inside the step, which becomes unsure; as Ctrl-C twice does')
    .action(
      does(async (host: string, options: {now?: boolean}) =>
        (await import('./command/entry/journal.ts')).stop(host, options, globals()),
      ),
    );
  program
    .command('release <host>')
    .description('end the hold that a run stands in (evidence.hold) before its time')
    .requiredOption('-m, --message <reason>', 'why')
    .action(
      does(async (host: string, {message}: {message: string}) =>
        (await import('./command/entry/journal.ts')).release(host, message, globals()),
      ),
    );
  program
    .command('abandon <host>')
    .description('end an unfinished run for good; everything stays as it is')
    .requiredOption('-m, --message <reason>', 'why')
    .action(
      does(async (host: string, {message}: {message: string}) =>
        (await import('./command/entry/journal.ts')).abandon(host, message, globals()),
      ),
    );
  program
    .command('forgo <host> <serial>')
    .description('let an unfinished run go on without a disk that it was to erase; it stays as it is')
    .requiredOption('-m, --message <reason>', 'why')
    .action(
      does(async (host: string, disk: string, {message}: {message: string}) =>
        (await import('./command/entry/journal.ts')).forgo(host, disk, message, globals()),
      ),
    );
  program
    .command('export <run>')
    .description('hand an unfinished run over to another machine, or copy the record of one that has ended')
    .requiredOption('-o, --output <file>', 'where it goes')
    .option('--passphrase <reference>', 'env:NAME, file:/PATH or command:PROGRAM; else one is made and shown')
    .action(
      does(async (name: string, options: {output: string; passphrase?: string}) =>
        (await import('./command/entry/handover.ts')).handOver(name, options, globals()),
      ),
    );
  program
    .command('import <file>')
    .description('take a run up that another machine has handed over')
    .option('--passphrase <reference>', 'env:NAME, file:/PATH or command:PROGRAM; else it is asked for')
    .action(
      does(async (file: string, options: {passphrase?: string}) =>
        (await import('./command/entry/handover.ts')).takeUp(file, options, globals()),
      ),
    );
  program
    .command('status [host]')
    .description('what runs, waits or failed, and the next command')
    .option('-w, --watch', 'go on showing it; of one host until nobody works on its run')
    .action(
      does(async (host: string | undefined, options: {watch?: boolean}) =>
        (await import('./command/entry/journal.ts')).status(host, options, globals()),
      ),
    );
  program
    .command('log <run>')
    .description('the events of a run, or of the newest run of a host')
    .option('--step <step>', 'of this step only')
    .option('-f, --follow', 'go on until the run ends')
    .action(
      does(async (name: string, options: {step?: string; follow?: boolean}) =>
        (await import('./command/entry/journal.ts')).log(name, options, globals()),
      ),
    );
  program
    .command('report <run>')
    .description('the post-mortem: timeline, proofs, deviations; checks the hash chain')
    .option('-o, --output <file>', 'write it there; FILE.html is a page, FILE.json is JSON, any other Markdown')
    .option('--html', 'one page that stands alone: to send, to open, to print')
    .action(
      does(async (name: string, options: {output?: string; html?: boolean}) =>
        (await import('./command/entry/journal.ts')).report(name, options, globals()),
      ),
    );
  program
    .command('certificate <run>')
    .description('what was done to each disk, by serial number, as Markdown or JSON')
    .option('-o, --output <folder>', 'write it there, two files a disk')
    .action(
      does(async (name: string, options: {output?: string}) =>
        (await import('./command/entry/journal.ts')).certificate(name, options, globals()),
      ),
    );
  program
    .command('check [names...]')
    .description('validate runbooks, by host or file')
    .action(does(async (names: string[]) => (await import('./command/entry/runbook.ts')).check(names, globals())));
  program
    .command('explain <name>')
    .description('a step kind, a runbook key, a fault code or an exit code')
    .action(does(async (name: string) => (await import('./command/entry/runbook.ts')).explain(name, globals())));
  program
    .command('schema')
    .description('the JSON Schema of runbooks, for editors; of plans, reports or certificates, for programs')
    .addArgument(
      new Argument('[what]', 'of what; compared is that of plan --against, report that of status, too')
        .choices(['runbook', 'plan', 'compared', 'report', 'certificate'])
        .default('runbook'),
    )
    .action(does(async (what: SchemaOf) => (await import('./command/entry/runbook.ts')).schema(what)));
  program
    .command('iso [host]')
    .description('build the light ISO; print its parts and sizes')
    .option('-o, --output <file>', "where a host's ISO goes")
    .action(
      does(async (host: string | undefined, options: {output?: string}) =>
        (await import('./command/entry/image.ts')).iso(host, options, globals()),
      ),
    );
  program
    .command('image')
    .description('build the OS image, or cut an ISO into chunks; print its digest and sizes')
    .option('--refresh', 'look for newer packages')
    .option('--export <folder>', 'also lay it out there for a static HTTP server, for a step’s `from`')
    .option('--iso <file>', 'an ISO of your own in its place, as media.stage brings it')
    .option('--sha256 <digest>', 'of that ISO, as its vendor publishes it')
    .action(
      does(async (options: {refresh?: boolean; export?: string; iso?: string; sha256?: string}) =>
        (await import('./command/entry/image.ts')).image(options, globals()),
      ),
    );
  program
    .command('lab [words...]')
    .description('the machine that is safe to break: up, down, status, suspect, console, screenshot, fault')
    .allowUnknownOption()
    .helpOption(false);
  program
    .command('help [name]')
    .description('a command, or a topic: what to do in each of the three uses, files, exit codes')
    .action(does(async (name?: string) => (await import('./command/entry/shell.ts')).help(program, name)));
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']))
    .description('a script that lets the shell complete commands, hosts, runs and steps; it says how to install it')
    .action(does(async (shell: Shell) => (await import('./command/entry/shell.ts')).completion(shell)));
  program
    .command('man')
    .description('the manual page: rebuild man | man -l -')
    .action(does(async () => (await import('./command/entry/shell.ts')).man(program)));
  return {program, code: () => code};
}

// Named here too, so that --help loads nothing; a test compares.
const topics = ['run', 'review', 'resume', 'gates', 'files', 'environment', 'exit'] as const;
