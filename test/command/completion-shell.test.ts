import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {completionScript} from '../../src/command/completion/script.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {onPty, type Pty} from '../view/pty.ts';
import {failedRun} from '../view/story.ts';
import {keep, replayClock} from './reading.ts';

const project = join(import.meta.dirname, '../..');
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rebuild-shell-'));
  const bin = join(folder, 'bin');
  for (const name of ['bin', 'home', 'state', 'runbooks']) mkdirSync(join(folder, name));
  const program = `#!/bin/sh\nexec ${process.execPath} ${join(project, 'src/bin.ts')} "$@"\n`;
  writeFileSync(join(bin, 'rebuild'), program, {mode: 0o755});
  // What a runbook, a plan and a run may be called by someone who means harm, or by accident.
  for (const name of ['$(touch pwned)', 'a b', '`touch pwned`', "o'hara", '-rf'])
    writeFileSync(join(folder, 'runbooks', `${name}.yaml`), 'steps: []\n');
  writeFileSync(join(folder, 'runbooks/vega.yaml'), 'steps: [{id: install}, {id: verify}, {id: "$(touch pwned)"}]\n');
  writeFileSync(join(folder, 'quarterly plan (2) $HOME.plan'), '');
  const clock = replayClock();
  const opened = openJournal(join(folder, 'state/journal.sqlite'), clock);
  if (!opened.ok) throw new Error(opened.fault.says);
  await keep(opened.value, clock, failedRun('orion-7').stored);
  opened.value.close();
  forge(join(folder, 'state/journal.sqlite'), [
    'zeta$(touch pwned)-1',
    'zeta;touch pwned-1',
    'zeta\u001b[2J-1',
    'zeta\n:files-1',
  ]);
});

afterAll(() => rmSync(folder, {recursive: true}));

/** Runs with names that rebuild gives to none: what someone with the file could put there. */
function forge(file: string, runs: readonly string[]): void {
  const db = new DatabaseSync(file);
  db.exec('DROP TRIGGER heads_first');
  const add = db.prepare('INSERT INTO heads (run, seq, hash) VALUES (?, 1, ?)');
  for (const run of runs) add.run(run, '0'.repeat(64));
  db.close();
}

const shells = {
  bash: {start: 'bash --norc --noprofile -i', ready: "PS1='ready> '; source <(rebuild completion bash)"},
  zsh: {
    start: 'zsh -f -i',
    ready: "PS1='ready> '; autoload -U compinit; compinit -D -u; source <(rebuild completion zsh)",
  },
  fish: {
    start: 'fish --no-config --interactive',
    ready:
      "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo 'ready> '; end; rebuild completion fish | source",
  },
} as const;

/** What is typed before Tab, and what the line is then. */
const typed: readonly (readonly [what: string, keys: string, line: RegExp])[] = [
  ['a command', 'rebuild aband', /rebuild abandon$/],
  ['a host with a runbook, for the command that needs no name', 'rebuild veg', /rebuild vega$/],
  ['a host with a run', 'rebuild resume o', /rebuild resume orion$/],
  ['a run', 'rebuild report orion-', /rebuild report orion-7$/],
  ['an option', 'rebuild run vega --conf', /rebuild run vega --confirm$/],
  ['the host that --confirm repeats', 'rebuild run vega --confirm v', /rebuild run vega --confirm vega$/],
  ['a step of the runbook, behind =', 'rebuild run vega --until=inst', /rebuild run vega --until=install$/],
  ['a step of the run', 'rebuild log orion-7 --step ver', /rebuild log orion-7 --step verify$/],
  ['a fault code', 'rebuild explain bmc.cert', /rebuild explain bmc\.certificate/],
  ['an option whose value is one of a few', 'rebuild --firmware u', /rebuild --firmware uefi$/],
  ['what the lab does', 'rebuild lab fault power-', /rebuild lab fault power-loss$/],
  ['a shell', 'rebuild completion z', /rebuild completion zsh$/],
  [
    'a file with an odd name, quoted',
    'rebuild run vega --plan quar',
    /--plan .*quarterly\\? plan\\? \\?\(2\\?\)\\? \\?\$HOME\.plan/,
  ],
  ['no name that is more than a name', 'rebuild report zet', /rebuild report zet$/],
];

describe.each(Object.entries(shells))('%s', (name, {start, ready}) => {
  let shell: Pty;

  test('completes what is typed', async () => {
    shell = onPty(start, {
      cwd: folder,
      rows: 40,
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        HOME: join(folder, 'home'),
        REBUILD_HOME: join(folder, 'state'),
        REBUILD_CACHE: join(folder, 'cache'),
        LANG: 'C.UTF-8',
      },
    });
    shell.type(`${ready}\n`);
    await shell.shows(/ready> ?\n?$/);
    for (const [what, keys, line] of typed) {
      shell.type(`${keys}\t`);
      // A letter behind it shows that Tab was answered before it.
      shell.type('#');
      const shown = await shell.shows(/#$/);
      const last =
        shown
          .at(-1)
          ?.replace(/^.*?(?=rebuild)/, '')
          .replace(/ ?#$/, '') ?? '';

      expect.soft(last.trimEnd(), `${name}: ${what}`).toMatch(line);
      shell.type('\u0015');
      shell.type('\u000c');
      await shell.shows(/ready> ?$/);
    }
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});

test('the script for bash is clean to shellcheck', async () => {
  const checked = await execa('shellcheck', ['--shell=bash', '-'], {input: completionScript('bash'), reject: false});
  expect(checked.stdout).toBe('');
});

test.each(['zsh', 'fish'] as const)('the script for %s parses', async (shell) => {
  const file = join(folder, `script.${shell}`);
  writeFileSync(file, completionScript(shell));
  const parsed = await execa(shell, ['-n', file], {reject: false});
  expect(parsed.stderr).toBe('');
  expect(parsed.exitCode).toBe(0);
});
