import {open, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {atDesk, openDesk, openStage, record, says, traces, untouched, type Desk, type Stage} from './refusals-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 1_000_000);
afterAll(() => stage?.end());

const isoOf = ({home}: Desk): string => join(home, 'runs/marruuk-1/light.iso');

async function flipByte(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const {size} = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size >> 1);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, size >> 1);
}

const resume = ['resume', 'marruuk', '--until', 'mount', '--json'];

test('an ISO that is not the one on record is never offered to the BMC', async () => {
  const desk = await openDesk(stage);
  const isolated = ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'isolate', '--json'];
  expect((await atDesk(stage, desk, isolated)).code).toBe(exit.done);
  // Both the ISO and the record beside it: what the run's first entry says is out of their reach.
  const built = (JSON.parse(await readFile(join(isoOf(desk), '../light.json'), 'utf8')) as {sha256: string}).sha256;
  const facts = {sha256: 'a'.repeat(64), base: 'b'.repeat(64), bytes: 4096, bootBytes: 2048};
  await writeFile(isoOf(desk), Buffer.alloc(facts.bytes));
  await writeFile(join(isoOf(desk), '../light.json'), JSON.stringify(facts));
  const {told} = await untouched(stage, () => atDesk(stage, desk, resume));
  says(told, exit.refused, 'media.digest-differs', `remove ${isoOf(desk)}`);
  const {events, runs} = await record(desk, stage);
  expect(runs).toEqual(['marruuk-1']);
  expect(events.at(-1)).toEqual({type: 'run.stopped', why: 'failed'});
  expect(events.find(({type}) => type === 'step.failed')).toMatchObject({
    step: 'mount',
    fault: {code: 'media.digest-differs', detail: {expected: built, found: facts.sha256}},
  });
});

test('an ISO changed while it is mounted stops the run; taken away, it is made again of the same bytes', async () => {
  const desk = await openDesk(stage);
  const mounted = ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'mount', '--json'];
  expect((await atDesk(stage, desk, mounted)).code).toBe(exit.done);
  const iso = await readFile(isoOf(desk));
  const {effects} = await traces(stage);
  await flipByte(isoOf(desk));
  const {told} = await untouched(stage, () => atDesk(stage, desk, resume));
  says(told, exit.refused, 'media.digest-differs', `remove ${isoOf(desk)}`);

  await rm(isoOf(desk));
  const resumed = await atDesk(stage, desk, resume);
  says(resumed, exit.done, '"step.done","step":"mount"');
  expect((await readFile(isoOf(desk))).equals(iso)).toBe(true);
  // The BMC has held the right medium all along.
  expect((await traces(stage)).effects).toEqual(effects);
});
