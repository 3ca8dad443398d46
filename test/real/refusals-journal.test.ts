import {closeSync, openSync, writeSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {runProgram} from '../../src/lab/program.ts';
import {atDesk, begin, openDesk, openStage, record, says, untouched, type Desk, type Stage} from './refusals-stage.ts';

let stage: Stage;
const mounted: string[] = [];
beforeAll(async () => {
  stage = await openStage();
}, 1_000_000);
afterEach(async () => {
  for (const home of mounted.splice(0)) await system('umount', home);
});
afterAll(() => stage?.end());

async function system(...argv: readonly string[]): Promise<void> {
  const done = await runProgram(argv);
  if (!done.ok) throw new Error(done.fault.says);
}

/** An operator whose state is on a small disk of its own: room for a run's light ISO, and little more. */
async function smallDisk(): Promise<Desk> {
  const desk = await openDesk(stage);
  await system('mount', '-t', 'tmpfs', '-o', 'size=48m,mode=0700', 'none', desk.home);
  mounted.push(desk.home);
  return desk;
}

/** Fills the disk to its last byte; the file to remove. */
function fill({home}: Desk): string {
  const path = join(home, 'somebody-elses');
  const file = openSync(path, 'w');
  try {
    for (let written = 1; written > 0;) written = writeSync(file, Buffer.alloc(4096, 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

const start = ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'isolate', '--json'];

test('a disk that is full before the run: no device is asked; with room the same command does it', async () => {
  const desk = await smallDisk();
  const filler = fill(desk);
  const {told, requests} = await untouched(stage, () => atDesk(stage, desk, start));
  says(told, exit.refused, 'journal.unwritable', 'the disk is full', 'next make room', 'rebuild run marruuk');
  expect(requests).toEqual([]);
  await rm(filler);
  expect((await atDesk(stage, desk, start)).code).toBe(exit.done);
});

test('a disk that fills up in a run: it stops before the next effect, and goes on once there is room', async () => {
  const desk = await smallDisk();
  const argv = ['run', 'marruuk', '--confirm', 'marruuk', '--json', '--runbook', desk.runbook];
  const {told} = await untouched(stage, async () => {
    const running = begin(stage, argv, desk);
    await running.heard('"step.started"', 'stdout');
    const filler = fill(desk);
    const ended = await running.end;
    await rm(filler);
    return ended;
  });
  says(told, exit.failed, 'journal.unwritable', 'the disk is full', 'next make room', 'rebuild resume marruuk');
  const before = await record(desk, stage);
  expect(before.events.map(({type}) => type)).toEqual(['run.begun', 'step.started']);
  expect(before.holder).toBeUndefined();

  const resumed = await atDesk(stage, desk, ['resume', 'marruuk', '--until', 'isolate', '--json']);
  expect(resumed.code).toBe(exit.done);
  const {events} = await record(desk, stage);
  expect(events.map(({type}) => type)).toEqual([
    'run.begun',
    'step.started',
    'run.resumed',
    'step.started',
    'step.saved',
    'step.done',
    'run.stopped',
  ]);
});

test('a journal that has become read-only, and a place where none can be made', async () => {
  const desk = await smallDisk();
  expect((await atDesk(stage, desk, start)).code).toBe(exit.done);
  await system('mount', '-o', 'remount,ro', desk.home);
  const {told, requests} = await untouched(stage, () => atDesk(stage, desk, ['resume', 'marruuk']));
  says(told, exit.refused, 'journal.unwritable', 'it is read-only', 'rebuild resume marruuk');
  expect(requests).toEqual([]);
  const nowhere = {...desk, home: join(desk.home, 'new')};
  const {told: made} = await untouched(stage, () => atDesk(stage, nowhere, start));
  says(made, exit.refused, 'journal.unwritable', 'its directory cannot be made', 'rebuild run marruuk');
});
