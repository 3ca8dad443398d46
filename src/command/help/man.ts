import type {Argument, Command} from 'commander';
import {wrap} from '../../view/escape.ts';
import {topics, type Block} from './topic.ts';
import {labUsage} from '../lab/usage.ts';

export interface ManOptions {
  readonly version: string;
  /** `2026-11-21` */
  readonly date: string;
}

/** The manual page, in the macros of man(7): from the table of commands and the topics of `rebuild help`. */
export function manPage(program: Command, {version, date}: ManOptions): string {
  const help = program.createHelp();
  const page = [
    `.TH REBUILD 1 ${date} ${argument(`rebuild ${version}`)}`,
    // Paths and commands are copied: they are not hyphenated.
    '.nh',
    '.SH NAME',
    'rebuild \\- rebuild a compromised server through its BMC',
    '.SH SYNOPSIS',
    ...synopsis('rebuild', '[OPTION]... HOST'),
    '.br',
    ...synopsis('rebuild', '[OPTION]... COMMAND [ARGUMENT]...'),
    '.SH DESCRIPTION',
    ...paragraph(program.description()),
    '.SH COMMANDS',
    ...help
      .visibleCommands(program)
      .flatMap((command) => [
        '.SS ' + argument(usageOf(command)),
        ...paragraph(sentence(command.description())),
        ...options(command),
      ]),
    '.SH OPTIONS',
    'Each command takes these.',
    ...options(program),
    ...topics.flatMap(({title, body}) => [`.SH ${argument(title.toUpperCase())}`, ...body.flatMap(block)]),
    '.SH THE LAB',
    '.nf',
    ...labUsage.trimEnd().split('\n').map(text),
    '.fi',
    '.SH SEE ALSO',
    ...paragraph('ssh-keygen(1), nft(8)'),
  ];
  // A heading begins a paragraph of its own.
  const needed = page.filter((line, at) => line !== '.PP' || !/^\.S[HS] /.test(page[at - 1] ?? ''));
  return `${needed.join('\n')}\n`;
}

const synopsis = (name: string, rest: string): readonly string[] => [`.B ${text(name)}`, text(rest)];

const usageOf = (command: Command): string => [command.name(), ...command.registeredArguments.map(wordOf)].join(' ');

function wordOf(argument: Argument): string {
  const word = `${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`;
  return argument.required ? word : `[${word}]`;
}

function options(command: Command): readonly string[] {
  const own = command.createHelp().visibleOptions(command);
  return own
    .filter(({long}) => long !== '--help' || command.parent === null)
    .flatMap((option) => [
      '.TP',
      `.B ${text(option.flags)}`,
      ...lines(sentence(command.createHelp().optionDescription(option))),
    ]);
}

function block(part: Block): readonly string[] {
  if (typeof part === 'string') return paragraph(part);
  return part.terms.flatMap(([term, says]) => ['.TP', `.B ${text(term)}`, ...lines(sentence(says))]);
}

const paragraph = (words: string): readonly string[] => ['.PP', ...lines(words)];

const lines = (words: string): readonly string[] => wrap(words, 72).map(text);

const sentence = (words: string): string =>
  words === '' || /[.!?)]$/.test(words) ? capital(words) : `${capital(words)}.`;
/** Unless it begins with something that is typed as it stands. */
const capital = (words: string): string =>
  /^[a-z]+[ ,]/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;

const argument = (words: string): string => `"${text(words).replaceAll('"', '\\(dq')}"`;

const glyphs: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** Text that roff prints as it stands: no escape, no macro, hyphens that can be copied, and ASCII alone. */
const text = (words: string): string =>
  words
    .replaceAll(/[\\'`^~-]/g, (letter) => glyphs[letter] ?? letter)
    .replaceAll(
      /[^\x20-\x7e]/gu,
      (letter) => `\\[u${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^\./, '\\&.');
