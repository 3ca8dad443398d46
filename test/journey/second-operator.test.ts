import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {HostName, RunId} from '../../src/brand.ts';
import {exit} from '../../src/exit.ts';
import {openStage, says, trace} from './stage.ts';

const start = ['run', 'marruuk', '--confirm', 'marruuk'];
const host = 'marruuk' as HostName;
const run = 'marruuk-1' as RunId;
/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};
const passphrase = {env: {HANDOVER: 'correct horse battery staple'}};

test(
  'while one works, a second is refused and told who; asked from outside, the first stops after the step',
  slow,
  async () => {
    const stage = await openStage();
    stage.machine.wipeReadings = 1_000_000;
    const first = stage.begin('home', start);
    await first.heard('wipe accepted');
    const before = structuredClone(stage.machine.counts);
    for (const again of [
      ['resume', 'marruuk'],
      start,
      ['export', 'marruuk', '-o', 'x', '--passphrase', 'env:HANDOVER'],
    ])
      says(await stage.rebuild('home', again, passphrase), exit.refused, 'lease.held', `pid ${first.pid}`);
    says(await stage.rebuild('home', ['abandon', 'marruuk', '-m', 'mine'], {bare: true}), exit.refused, 'lease.held');
    expect(stage.machine.counts).toEqual(before);

    says(await stage.rebuild('home', ['stop', 'marruuk']), exit.done, `(pid ${first.pid}) to stop marruuk-1 at 5 wipe`);
    stage.machine.finishWipe();
    const ended = await first.end;
    says(ended, exit.interrupted, 'asks to stop after this step', 'wipe done', 'stopped before 6 install, as asked');
    expect(ended.words).not.toContain('install started');
    says(
      await stage.rebuild('home', ['stop', 'marruuk']),
      exit.done,
      'Nobody works on marruuk-1',
      'rebuild resume marruuk',
    );
    says(await stage.rebuild('home', ['resume', 'marruuk']), exit.done, 'marruuk-1 done');
  },
);

test('asked to stop now, the first stops inside the step, which is unsure until it is resumed', slow, async () => {
  const stage = await openStage();
  stage.machine.wipeReadings = 1_000_000;
  const first = stage.begin('home', start);
  await first.heard('wipe accepted');
  says(await stage.rebuild('home', ['stop', 'marruuk', '--now']), exit.done, 'the step becomes unsure');
  says(await first.end, exit.interrupted, 'asks to stop now', 'its outcome is unsure');
  says(await stage.rebuild('home', ['status']), exit.done, '5/9 wipe');
  stage.machine.finishWipe();
  says(await stage.rebuild('home', ['resume', 'marruuk']), exit.done, 'marruuk-1 done');
  expect(stage.machine.counts.wipes).toBe(1);
});

test(
  'after a controller died, resume says in whose place it goes on, since when, and where they were',
  slow,
  async () => {
    const stage = await openStage();
    stage.machine.wipeReadings = 1_000_000;
    const first = stage.begin('home', start);
    await first.heard('wipe accepted');
    process.kill(first.pid, 'SIGKILL');
    await first.end;
    stage.machine.finishWipe();
    const told = await stage.rebuild('home', ['resume', 'marruuk']);
    says(told, exit.done, 'Takes over from', `(pid ${first.pid}, run marruuk-1), who had it since`, 'last at wipe');
    expect(told.words).toContain('its process is dead');
    const stored = await stage.journal('home').read(run);
    expect(
      stored.ok && stored.value.flatMap(({event}) => (event.type === 'run.resumed' ? [event.over?.because] : [])),
    ).toEqual(['dead']);
    says(await stage.rebuild('home', ['report', 'marruuk'], {bare: true}), exit.done, 'whose lease had lapsed');
  },
);

test(
  'abandoned, it says what stays as it is: the quarantine, the medium, the power, the erased disk and its latch',
  slow,
  async () => {
    const stage = await openStage();
    says(await stage.rebuild('home', [...start, '--until', 'wipe']), exit.done, 'as --until asked');
    says(
      await stage.rebuild('home', ['abandon', 'marruuk', '-m', 'the host is scrapped']),
      exit.done,
      'Edge: marruuk stays in quarantine',
      'Medium: the virtual CD stays mounted',
      'Power: on, with the light system in RAM',
      'Disks: S3Z8NB0K412345 erased.',
      'Latch: S3Z8NB0K412345 carries',
      'Kept disks: S3Z8NB0K498765',
    );
  },
);

test('a run that was handed over goes on in one place, and its epochs only grow', slow, async () => {
  const stage = await openStage();
  const {rebuild, path} = stage;
  says(await rebuild('first', [...start, '--until', 'boot']), exit.done);
  const given = ['export', 'marruuk', '-o', 'a.handover', '--passphrase', 'env:HANDOVER'];
  says(await rebuild('first', ['export', 'marruuk', '-o', 'a.handover']), exit.refused, 'handover.secret-missing');
  says(await rebuild('first', given, {env: {HANDOVER: 'short'}}), exit.refused, 'fewer than 16 characters');
  says(await rebuild('first', given, passphrase), exit.done);
  says(await rebuild('first', given, passphrase), exit.usage, 'exists already');

  const before = await trace(stage, 'first');
  for (const refused of [['resume', 'marruuk'], start, ['abandon', 'marruuk', '-m', 'x']])
    says(await rebuild('first', refused), exit.refused, 'run.handed-over', 'rebuild import FILE');
  says(await rebuild('first', ['status']), exit.done, 'away');
  expect(await trace(stage, 'first')).toEqual(before);

  const take = (home: string, file = 'a.handover', env = passphrase.env) =>
    rebuild(home, ['import', file, '--passphrase', 'env:HANDOVER'], {env, bare: true});
  const text = readFileSync(path('a.handover'), 'utf8');
  writeFileSync(path('changed'), text.replace('port.isolate', 'port.isolatf'));
  writeFileSync(path('runbook-changed'), text.replace('tcp/445', 'tcp/446'));
  writeFileSync(path('cut'), text.slice(0, 2000));
  says(await take('second', 'changed'), exit.refused, 'handover.secret-wrong');
  says(await take('second', 'runbook-changed'), exit.refused, 'handover.secret-wrong');
  says(await take('second', 'cut'), exit.refused, 'handover.unreadable');
  says(await take('second', 'a.handover', {HANDOVER: 'correct horse battery stable'}), exit.refused, 'secret-wrong');
  expect(await stage.journal('second').runs()).toMatchObject({value: []});

  says(await take('second'), exit.done, 'marruuk-1 is here');
  const epochs = async (home: string): Promise<number> => {
    const carried = await stage.journal(home).carry(run);
    return carried.ok ? carried.value.epoch : 0;
  };
  expect(await epochs('second')).toBeGreaterThan((await epochs('first')) + 1);
  // Imported twice by mistake: the two machines do not share an epoch, so the host can turn one of them away.
  says(await take('third'), exit.done);
  expect(await epochs('third')).not.toBe(await epochs('second'));

  says(await rebuild('second', ['resume', 'marruuk', '--until', 'wipe']), exit.done, 'resumed');
  const back = ['export', 'marruuk', '-o', 'b.handover', '--passphrase', 'env:HANDOVER'];
  says(await rebuild('second', back, passphrase), exit.done);
  says(await take('first', 'b.handover'), exit.done, 'of them new');
  says(await rebuild('first', ['resume', 'marruuk']), exit.done, 'marruuk-1 done');
  expect(stage.machine.counts.wipes).toBe(1);
  const chain = await stage.journal('first').verify(run);
  expect(chain).toMatchObject({value: {holds: true}});
  says(await take('third', 'b.handover'), exit.refused, 'handover.diverged');
  expect(await stage.journal('first').unfinished(host)).toEqual({ok: true, value: undefined});
});

test('a host that was rebuilt is not erased again unless it is said: --again', slow, async () => {
  const stage = await openStage();
  says(await stage.rebuild('home', start), exit.done);
  const before = await trace(stage, 'home');
  says(await stage.rebuild('home', start), exit.refused, 'run.already-done', 'marruuk-1 was done at', '--again');
  expect(await trace(stage, 'home')).toEqual(before);
  const again = await stage.rebuild('home', [...start, '--again', '--until', 'isolate']);
  says(again, exit.done, 'marruuk-1 was done at', 'again, as asked', 'marruuk-2 stopped before 2 evidence');
});
