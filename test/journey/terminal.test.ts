import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {execa} from 'execa';
import {expect, onTestFinished, test} from 'vitest';
import type {RunId} from '../../src/brand.ts';
import {exit} from '../../src/exit.ts';
import {onPty, type Pty} from '../view/pty.ts';
import {openStage, type Stage} from './stage.ts';

const start = ['run', 'marruuk', '--confirm', 'marruuk'];
/** Processes that start, on a terminal that is looked at until it shows something. */
const slow = {timeout: 300_000};
const ctrlC = '\u0003';
const ctrlS = '\u0013';
const ctrlQ = '\u0011';

interface Sitting {
  readonly stage: Stage;
  readonly terminal: Pty;
  /** Types of the events on record. */
  readonly told: () => Promise<readonly string[]>;
}

/** A run on a terminal, in the middle of an erase that goes on until `stage.machine.finishWipe()`. */
async function wiping(more: NodeJS.ProcessEnv = {}): Promise<Sitting> {
  const stage = await openStage();
  stage.machine.wipeReadings = 1_000_000;
  const {line, env} = stage.onTerminal('home', start, {env: more});
  const terminal = onPty(line, {env, cwd: stage.folder});
  await terminal.shows(/>> +5 wipe|wipe accepted/);
  // What the screen shows may be a moment ahead of the machine.
  await until(async () => stage.machine.counts.wipes === 1);
  const journal = stage.journal('home');
  const told = async (): Promise<readonly string[]> => {
    const stored = await journal.read('marruuk-1' as RunId);
    return stored.ok ? stored.value.map(({event}) => event.type) : [];
  };
  return {stage, terminal, told};
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error('it never came true');
}

test('a run on a terminal: finished lines stay, one block below, and nothing of it at the end', slow, async () => {
  const {stage, terminal} = await wiping();
  expect(terminal.screen.sent).toContain('\u001b[');
  stage.machine.finishWipe();
  expect(await terminal.end).toBe(exit.done);
  const shown = (await terminal.shows('rebuild report marruuk-1')).join('\n');
  expect(shown.match(/^ ok +\d /gm)).toHaveLength(9);
  expect(shown).not.toMatch(/>>|Ctrl-C/);
});

test('a terminal that takes nothing does not hold the run up: it ends, and says so once it is read', slow, async () => {
  const {stage, terminal, told} = await wiping();
  terminal.type(ctrlS);
  stage.machine.finishWipe();
  await until(async () => (await told()).includes('run.done'));
  expect((await terminal.screen.shows()).join('\n')).not.toContain('marruuk-1 done');
  terminal.type(ctrlQ);
  expect(await terminal.end).toBe(exit.done);
  await terminal.shows(/marruuk-1 done in [^]*rebuild report marruuk-1/);
});

test('nor does one that prints lines, for a screen reader', slow, async () => {
  const {stage, terminal, told} = await wiping({ACCESSIBLE: '1'});
  terminal.type(ctrlS);
  stage.machine.finishWipe();
  await until(async () => (await told()).includes('run.done'));
  terminal.type(ctrlQ);
  expect(await terminal.end).toBe(exit.done);
  await terminal.shows(/run done [^]*marruuk-1 done in /);
  expect(terminal.screen.sent).not.toMatch(/\u001b\[[\d;]*[A-LK]/);
});

test('Ctrl-C once: it says what happens, ends the step, and stops before the next', slow, async () => {
  const {stage, terminal} = await wiping();
  terminal.type(ctrlC);
  await terminal.shows('stops after this step');
  // Said above the block, which goes on below it.
  const shown = (await terminal.shows('Stops after this step. Ctrl-C: stop now')).join('\n');
  expect(shown).toMatch(/becomes unsure *$/m);
  expect(shown.match(/>> +5 wipe/g)).toHaveLength(1);
  stage.machine.finishWipe();
  expect(await terminal.end).toBe(exit.interrupted);
  await terminal.shows(/stopped before 6 install[^]*rebuild resume marruuk/);
});

test('a window that is closed is Ctrl-C once: the step ends and is on record', slow, async () => {
  const {stage, terminal, told} = await wiping();
  terminal.hangUp();
  stage.machine.finishWipe();
  await until(async () => (await told()).includes('run.stopped'));
  expect((await told()).slice(-2)).toEqual(['step.done', 'run.stopped']);
});

const finished = (text: string) => text.match(/^ (?:ok|\.\.|!!) +\d \w+/gm);

test('in tmux, made narrower and wider while it runs: one block, and every finished line once', slow, async () => {
  const stage = await openStage();
  stage.machine.wipeReadings = 1_000_000;
  const {line, env} = stage.onTerminal('home', start);
  const socket = stage.path('tmux');
  const tmux = async (...argv: string[]): Promise<string> =>
    (
      await execa('tmux', ['-S', socket, '-f', '/dev/null', ...argv], {
        env: {...env, TERM: 'screen-256color', LANG: 'C.UTF-8'},
        extendEnv: false,
      })
    ).stdout;
  const session = join(stage.folder, 'session');
  writeFileSync(session, `#!/bin/sh\n${line}\necho "exit $?"\nsleep 600\n`, {mode: 0o755});
  await tmux('new-session', '-d', '-x', '100', '-y', '40', '-c', stage.folder, session);
  onTestFinished(() => void tmux('kill-server').catch(() => {}));
  const shown = (): Promise<string> => tmux('capture-pane', '-p', '-S', '-');

  await until(async () => stage.machine.counts.wipes === 1 && />> +5 wipe/.test(await shown()));
  const before = finished(await shown());
  expect(before?.length).toBeGreaterThan(4);
  for (const [columns, rows] of [
    [70, 30],
    [120, 12],
    [64, 40],
    [100, 40],
  ]) {
    await tmux('resize-window', '-x', String(columns), '-y', String(rows));
    // The running step's seconds go on: once they have, the screen is one that was drawn after the resize.
    const seconds = async (): Promise<string | undefined> => />> +5 wipe .*? ((?:\d+m)?\d+s) /.exec(await shown())?.[1];
    const from = await seconds();
    await until(async () => (await seconds()) !== from && (await seconds()) !== undefined);
    const text = await shown();
    expect(text.match(/>> +5 wipe/g), `${columns}x${rows}\n${text}`).toHaveLength(1);
    expect(text.match(/Ctrl-C/g), `${columns}x${rows}\n${text}`).toHaveLength(1);
    expect(finished(text), `${columns}x${rows}\n${text}`).toEqual(before);
  }
  stage.machine.finishWipe();
  await until(async () => (await shown()).includes('exit '));
  const end = await shown();
  expect(end).toContain('exit 0');
  expect(end).not.toMatch(/>>|Ctrl-C/);
  expect(end.match(/^ ok +\d \w+/gm)).toHaveLength(9);
});
