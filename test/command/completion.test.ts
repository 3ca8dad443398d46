import {expect, test} from 'vitest';
import {commandTree} from '../../src/cli.ts';
import {completionOf, completionText, type Names} from '../../src/command/completion/completion.ts';
import {placeholders, placeOf} from '../../src/command/completion/wants.ts';

const {program} = commandTree();

const names: Names = {
  hosts: async () => ['marruuk', 'vega'],
  runs: async (lab) => (lab ? ['marruuk-9'] : ['orion-2', 'vega-1']),
  stepsOfRun: async (name) => (name.startsWith('orion') ? ['isolate', 'wipe'] : []),
  stepsOfRunbook: async (name) => (name === 'other.yaml' ? ['only'] : ['isolate', 'mount']),
  explained: async () => [{text: 'disk.wipe', says: ''}],
  helped: async () => [{text: 'review', says: 'Review'}],
  lab: async (words) => (words[0] === 'fault' ? ['eject'] : ['up', 'fault']),
};

const offered = async (...words: string[]) => {
  const {candidates, files} = await completionOf(placeOf(program, words), names);
  const texts = candidates.map(({text}) => text);
  return files === 'none' ? texts : [...texts, `:${files}`];
};

test.each([
  [['ve'], ['vega']],
  [['m'], ['man', 'marruuk']],
  [
    ['resume', ''],
    ['orion', 'vega'],
  ],
  [['resume', '--lab', ''], ['marruuk']],
  [['--lab', 'resume', ''], ['marruuk']],
  [
    ['plan', ''],
    ['marruuk', 'vega'],
  ],
  [['plan', 'vega', ''], []],
  [
    ['log', ''],
    ['orion', 'vega', 'orion-2', 'vega-1'],
  ],
  [['log', '-f', 'orion', '--step', 'w'], ['wipe']],
  [['log', 'vega', '--step', ''], []],
  [
    ['resume', 'orion', '--until', ''],
    ['isolate', 'wipe'],
  ],
  [
    ['resume', 'vega', '--until', ''],
    ['isolate', 'mount'],
  ],
  [['marruuk', '--until=m'], ['--until=mount']],
  [['--runbook', 'other.yaml', 'marruuk', '--until', ''], ['only']],
  [['--runbook=other.yaml', 'marruuk', '--until', ''], ['only']],
  [['marruuk', '--conf'], ['--confirm']],
  [['marruuk', '--confirm', ''], ['marruuk']],
  [['--', '--conf'], []],
  [['plan', 'vega', '-o', ''], [':files']],
  [['image', '--export', ''], [':folders']],
  [['abandon', 'vega', '-m', ''], []],
  [
    ['check', 'vega', ''],
    ['marruuk', ':files'],
  ],
  [['import', ''], [':files']],
  [['export', 'orion-2', '--passphrase', 'f'], ['file:']],
  [
    ['--firmware', ''],
    ['uefi', 'bios'],
  ],
  [['explain', 'disk'], ['disk.wipe']],
  [['help', ''], ['review']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [
    ['lab', ''],
    ['up', 'fault'],
  ],
  [['lab', 'fault', ''], ['eject']],
  [['status', 'vega', '--json=', ''], []],
])('%j', async (words, candidates) => {
  expect(await offered(...words)).toEqual(candidates);
});

test('at the beginning: every command that help shows, and the hosts', async () => {
  const found = await offered('');
  const shown = program.createHelp().visibleCommands(program);
  expect(found).toEqual([...shown.map((command) => command.name()), 'marruuk', 'vega']);
  expect(found).not.toContain('__complete');
});

test('every argument and option value in the table of commands goes by a name that is known', () => {
  const wanted = [program, ...program.commands].flatMap((command) => [
    ...command.registeredArguments.filter(({argChoices}) => !argChoices).map((argument) => argument.name()),
    ...command.options
      .filter(({argChoices}) => !argChoices)
      .flatMap(({flags}) => /[<[]([a-z]+)/.exec(flags)?.[1] ?? []),
  ]);
  expect(wanted.length).toBeGreaterThan(20);
  for (const name of wanted) expect(placeholders).toContain(name);
});

test('a name that a shell would read as more than a word is not offered, and none can forge the last line', async () => {
  const hostile = [
    '$(x)-1',
    'a b-1',
    'a;b-1',
    'a\tb-1',
    'a\n:files-1',
    '`a`-1',
    'é-1',
    "a'b-1",
    '~a-1',
    '*-1',
    'a=b-1',
  ];
  const place = placeOf(program, ['log', '']);
  const completion = await completionOf(place, {...names, runs: async () => [...hostile, 'fine-1']});
  expect(completion.candidates.map(({text}) => text)).toEqual(['fine', 'fine-1']);
  expect(completionText(completion)).toBe('fine\nfine-1\n:none\n');
});
