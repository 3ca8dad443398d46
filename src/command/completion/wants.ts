import type {Argument, Command, Option} from 'commander';

/** What stands where the cursor is. Each but `these` is looked up outside the table of commands. */
export type Wants =
  /** These and no others; with `also`, names of that kind beside them. */
  | {readonly want: 'these'; readonly these: readonly Candidate[]; readonly also?: Placeholder}
  | {readonly want: Placeholder};

export interface Candidate {
  readonly text: string;
  readonly says: string;
}

/** A place in the command line: what `rebuild COMMAND -- PART` is given there, and what is already known. */
export interface Place {
  readonly wants: Wants;
  /** Of the last word, what stands before the part that is completed: `--until=`. */
  readonly before: string;
  /** That part. */
  readonly part: string;
  readonly command: string;
  /** Arguments that are complete. */
  readonly given: readonly string[];
  readonly lab: boolean;
  readonly runbook: string | undefined;
}

/** The names that arguments and option values go by in the table of commands. */
export type Placeholder = (typeof placeholders)[number];
export const placeholders = [
  'host',
  'run',
  'step',
  'file',
  'folder',
  'name',
  'names',
  'words',
  'reason',
  'serial',
  'reference',
  'digest',
] as const;

/** `words` are those typed after `rebuild`, the one under the cursor last, empty where none is begun. */
export function placeOf(program: Command, words: readonly string[]): Place {
  const last = words.at(-1) ?? '';
  const {command, given, pending, options, plain} = walk(program, words.slice(0, -1));
  const runbook = options.get('runbook');
  const place = {command: command.name(), given, lab: options.has('lab'), runbook};
  if (pending) return {...place, before: '', part: last, wants: valueOf(pending)};
  const [, name, part] = plain ? [] : (/^(--[a-z-]+)=([^]*)$/.exec(last) ?? []);
  const valued = name === undefined ? undefined : optionCalled(name, command, program);
  if (valued && part !== undefined)
    return {...place, before: `${name}=`, part, wants: takesValue(valued) ? valueOf(valued) : nothing};
  if (!plain && last.startsWith('-')) return {...place, before: '', part: last, wants: optionsOf(command, program)};
  return {...place, before: '', part: last, wants: argumentOf(command, program, given.length)};
}

interface Walked {
  readonly command: Command;
  readonly given: readonly string[];
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** Long names, with the value where there is one. */
  readonly options: ReadonlyMap<string, string | undefined>;
  /** Behind `--`: no word is an option. */
  readonly plain: boolean;
}

function walk(program: Command, words: readonly string[]): Walked {
  let command = program;
  let pending: Option | undefined;
  let plain = false;
  const given: string[] = [];
  const options = new Map<string, string | undefined>();
  for (const word of words) {
    if (pending) {
      options.set(pending.name(), word);
      pending = undefined;
    } else if (plain || !word.startsWith('-') || word === '-') {
      const chosen = command === program ? program.commands.find((one) => one.name() === word) : undefined;
      if (chosen) command = chosen;
      else {
        // Whatever is no command is what the default one is about.
        if (command === program) command = program.commands.find((one) => one.name() === 'run') ?? program;
        given.push(word);
      }
    } else if (word === '--') {
      plain = true;
    } else {
      const [name = '', value] = word.split('=', 2);
      const option = optionCalled(name, command, program);
      if (option && value === undefined && takesValue(option)) pending = option;
      else if (option) options.set(option.name(), value);
    }
  }
  return {command, given, pending, options, plain};
}

const takesValue = ({required, optional}: Option): boolean => required || optional;

const optionCalled = (name: string, ...commands: readonly Command[]): Option | undefined =>
  commands.flatMap(({options}) => options).find(({short, long}) => short === name || long === name);

const nothing: Wants = {want: 'these', these: []};

function valueOf({argChoices, flags}: Option): Wants {
  if (argChoices) return {want: 'these', these: argChoices.map((text) => ({text, says: ''}))};
  return named(/[<[]([a-z]+)/.exec(flags)?.[1]);
}

function argumentOf(command: Command, program: Command, index: number): Wants {
  if (command === program) {
    const these = shown(program).map((one) => ({text: one.name(), says: one.description()}));
    return {want: 'these', these, also: 'host'};
  }
  const args = command.registeredArguments;
  const last = args.at(-1);
  const argument: Argument | undefined = args[index] ?? (last?.variadic ? last : undefined);
  if (!argument) return nothing;
  if (argument.argChoices) return {want: 'these', these: argument.argChoices.map((text) => ({text, says: ''}))};
  return named(argument.name());
}

const named = (name: string | undefined): Wants => {
  const known = placeholders.find((placeholder) => placeholder === name);
  return known ? {want: known} : nothing;
};

function optionsOf(command: Command, program: Command): Wants {
  const all = command === program ? program.options : [...command.options, ...program.options];
  const these = all
    .filter(({hidden}) => !hidden)
    .map(({long, short, description}) => ({text: long ?? short ?? '', says: description}));
  return {want: 'these', these: [...these, {text: '--help', says: 'what it does, and its options'}]};
}

/** As help shows them: without those that are hidden. */
const shown = (program: Command): readonly Command[] => program.createHelp().visibleCommands(program);
