import {execa} from 'execa';
import {expect, test} from 'vitest';
import {commandTree} from '../../src/cli.ts';
import {names as explained} from '../../src/command/help/explain.ts';
import {helpText} from '../../src/command/help/text.ts';
import {topics} from '../../src/command/help/topic.ts';
import {labUsage} from '../../src/command/lab/usage.ts';
import {manPage} from '../../src/command/help/man.ts';
import {exit} from '../../src/exit.ts';
import {catalogue} from '../../src/fault-catalogue.ts';
import {kinds} from '../../src/step/registry.ts';
import {width} from '../../src/view/escape.ts';

const {program} = commandTree();
const page = manPage(program, {version: '0.1.0', date: '2026-11-21'});

test('the three uses have a topic each, and each topic fits in 80 columns', () => {
  expect(topics.map(({name}) => name)).toEqual(expect.arrayContaining(['run', 'review', 'resume']));
  for (const name of [undefined, ...topics.map((topic) => topic.name), ...program.commands.map((one) => one.name())]) {
    const text = helpText(program, name) ?? '';
    expect(text).not.toBe('');
    for (const line of text.split('\n')) expect(width(line), `${name}: ${line}`).toBeLessThanOrEqual(80);
  }
});

test.each(topics.map(({name}) => name))('help %s reads as agreed', async (name) => {
  const text = (helpText(program, name) ?? '').split('\nUsage:')[0];
  await expect(text).toMatchFileSnapshot(`golden/help-${name}.txt`);
});

test('a topic that is also a command shows the command’s options too', () => {
  expect(helpText(program, 'resume')).toMatch(/^Go on after a failure\n[^]*\nUsage: rebuild resume [^]*--until <step>/);
});

test('--help names every topic', () => {
  let shown = '';
  program.configureOutput({writeOut: (text) => (shown += text)});
  program.outputHelp();
  expect(shown).toContain(`Topics: rebuild help ${topics.map(({name}) => name).join(' | ')}`);
});

/** A command as it is quoted, tried against the table of commands: what would be said if it were typed. */
function typed(words: readonly string[]): string {
  const tree = commandTree().program;
  let said = '';
  for (const command of [tree, ...tree.commands]) {
    command.configureOutput({writeErr: (text) => (said += text)}).exitOverride();
    if (command !== tree) command.action(() => {});
  }
  try {
    tree.parse(words, {from: 'user'});
  } catch (error) {
    said ||= String(error);
  }
  return said;
}

const quoted = (text: string): readonly (readonly string[])[] =>
  [
    ...text.matchAll(/\brebuild ((?:[a-z]+|HOST)(?: (?:--?[a-z][a-z-]*|[A-Z]+|[A-Z]+\.[a-z]+|[a-z]+\.[a-z-]+))*)/g),
  ].flatMap(([, command = '']) => {
    const words = command.split(' ');
    const [name = ''] = words;
    return name === 'HOST' || program.commands.some((one) => one.name() === name) ? [words] : [];
  });

test('every command that a topic tells to type can be typed', () => {
  const commands = topics.flatMap(({body}) =>
    body.flatMap((block) => (typeof block === 'string' ? [] : block.terms.map(([term]) => term))),
  );
  const told = commands.filter((term) => term.startsWith('rebuild '));
  expect(told.length).toBeGreaterThan(15);
  for (const command of told) expect(typed(command.split(' ').slice(1)), command).toBe('');
});

test('every command that a fault’s advice tells to type can be typed', () => {
  const told = Object.values(catalogue).flatMap(({means, next}) => [...quoted(means), ...quoted(next)]);
  expect(told.length).toBeGreaterThan(50);
  for (const words of told) {
    expect(typed(words), words.join(' ')).toBe('');
    if (words[0] === 'explain') expect(explained({kinds}), words.join(' ')).toContain(words[1]);
  }
});

test('the advice that is checked is not only what happens to be right', () => {
  expect(typed(['resume', 'HOST', '--yes'])).toContain('unknown option');
  expect(typed(['abandon', 'HOST'])).toContain('required option');
  expect(typed(['report'])).toContain('missing required argument');
  expect(quoted('x, then: rebuild resume HOST --again; or rebuild lab console, y')).toEqual([
    ['resume', 'HOST', '--again'],
    ['lab'],
  ]);
});

test('the manual page has every command, option, topic and exit code', async () => {
  const {stdout} = await execa('mandoc', ['-Tutf8', '-O', 'width=200'], {input: page});
  // As it is read: without what overstrikes to bold, and without the line breaks of columns.
  const text = stdout.replaceAll(/.\u0008/gu, '').replaceAll(/\s+/g, ' ');
  for (const command of program.createHelp().visibleCommands(program)) {
    expect(text).toContain(command.description().slice(1, 40));
    for (const option of command.options) expect(text).toContain(option.flags);
  }
  for (const option of program.options) expect(text).toContain(option.flags);
  for (const {title} of topics) expect(text).toContain(title.toUpperCase());
  for (const code of Object.values(exit)) expect(text).toMatch(new RegExp(` ${code} [A-Z]`));
  for (const line of labUsage.split('\n')) expect(text).toContain(line.trim().replaceAll(/\s+/g, ' '));
});

test.each([
  ['mandoc', ['-Tlint', '-W', 'warning']],
  ['groff', ['-man', '-Tutf8', '-ww', '-z']],
])('the manual page is clean to %s', async (linter, argv) => {
  const {stdout, stderr} = await execa(linter, argv, {input: page, reject: false});
  expect(`${stdout}${stderr}`).toBe('');
});

test('text that is roff is shown as it stands', async () => {
  const tree = commandTree().program;
  tree.command('odd').description(String.raw`.so /etc/passwd \fB 'quoted' -- "x" ~^${'`'} it’s`);
  const odd = manPage(tree, {version: '1', date: '2026-11-21'});
  const {stdout} = await execa('mandoc', ['-Tutf8', '-O', 'width=200'], {input: odd});
  expect(stdout).toContain(String.raw`.so /etc/passwd \fB 'quoted' -- "x" ~^${'`'} it’s`);
});
