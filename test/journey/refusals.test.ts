import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {onPty} from '../view/pty.ts';
import {openStage, says, trace} from './stage.ts';

/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};

test('a wrong host name, given or typed, or none at all: nothing is touched', slow, async () => {
  const stage = await openStage();
  const before = await trace(stage, 'home');
  const other = await stage.rebuild('home', ['run', 'marruuk', '--confirm', 'vega']);
  says(other, exit.refused, 'confirm.differs: the name given is not marruuk', 'Nothing was touched');
  says(
    await stage.rebuild('home', ['run', 'marruuk']),
    exit.waits,
    'confirm.missing',
    `rebuild run marruuk --runbook ${stage.runbook} --confirm marruuk`,
  );
  for (const typed of ['marruk', 'yes']) {
    const {line, env} = stage.onTerminal('home', ['run', 'marruuk']);
    const terminal = onPty(line, {env, cwd: stage.folder, rows: 60});
    await terminal.shows('Type the host name to begin');
    terminal.type(`${typed}\n`);
    expect(await terminal.end, typed).toBe(exit.refused);
    await terminal.shows('confirm.differs');
  }
  expect(await trace(stage, 'home')).toEqual(before);
});

test('a runbook that was changed since the run began is refused on resume, and nothing is touched', slow, async () => {
  const stage = await openStage();
  says(await stage.rebuild('home', ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'isolate']), exit.done);
  const before = await trace(stage, 'home');
  const text = readFileSync(stage.runbook, 'utf8');
  writeFileSync(stage.runbook, text.replace('promise: 12h', 'promise: 13h'));
  says(await stage.rebuild('home', ['resume', 'marruuk']), exit.refused, 'runbook.changed');
  writeFileSync(stage.runbook, text);
  says(await stage.rebuild('home', ['resume', 'marruuk', '--until', 'nowhere']), exit.usage, 'step.missing');
  expect(await trace(stage, 'home')).toEqual(before);
});

test('no disk but the one in the plan is erased: another serial number, swapped ones, the kept one', slow, async () => {
  const stage = await openStage();
  const text = readFileSync(stage.runbook, 'utf8');
  const [system, worlds] = ['S3Z8NB0K412345', 'S3Z8NB0K498765'];
  const before = await trace(stage, 'home');
  const swapped = text.replace(/S3Z8NB0K4(12345|98765)/g, (serial) => (serial === system ? worlds : system));
  writeFileSync(stage.runbook, swapped);
  const run = ['run', 'marruuk', '--confirm', 'marruuk'];
  says(await stage.rebuild('home', run), exit.refused, 'disk.size-differs', worlds);
  writeFileSync(stage.runbook, text.replace('disks: [system]', 'disks: [worlds]'));
  says(await stage.rebuild('home', run), exit.usage, 'marked keep: true, so no step may write to it');
  expect(await trace(stage, 'home')).toEqual(before);

  // Behind the backplane, between the start of the light system and the wipe.
  writeFileSync(stage.runbook, text);
  says(await stage.rebuild('home', [...run, '--until', 'boot']), exit.done);
  const disk = stage.machine.disks.find(({serial}) => serial === system)!;
  const held = stage.machine.end();
  Object.assign(disk, {serial: 'S3Z8NB0K499999'});
  says(await stage.rebuild('home', ['resume', 'marruuk']), exit.refused, 'disk.not-found', system, 'S3Z8NB0K499999');
  Object.assign(disk, {serial: system});
  expect(stage.machine.counts.wipes).toBe(0);
  expect(stage.machine.end()).toEqual(held);
});

test(
  'nothing is erased while the machine shows a disk that its runbook does not name; pulled, the run goes on',
  slow,
  async () => {
    const stage = await openStage();
    const {machine} = stage;
    says(await stage.rebuild('home', ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'boot']), exit.done);
    const held = machine.end();
    const stick = {serial: 'X-9', name: 'sdq', model: 'Stick', sizeBytes: 64e9, transport: 'usb', wwn: undefined};
    machine.strangers.push(stick);
    says(
      await stage.rebuild('home', ['resume', 'marruuk']),
      exit.refused,
      'disk.undeclared',
      'X-9 (Stick, 64GB, usb, sdq)',
      'pull it, then: rebuild resume marruuk',
      'declare it under disks, {serial: X-9, size: 64GB, keep: true}',
    );
    machine.strangers[0] = {...stick, serial: undefined};
    says(
      await stage.rebuild('home', ['resume', 'marruuk']),
      exit.refused,
      'disk.undeclared',
      'without a serial number it cannot be declared',
    );
    expect(machine.counts.wipes).toBe(0);
    expect(machine.end()).toEqual(held);
    machine.strangers.length = 0;
    says(await stage.rebuild('home', ['resume', 'marruuk', '--until', 'wipe']), exit.done);
    expect(machine.counts.wipes).toBe(1);
  },
);

test('a disk that nobody names is left alone once it is declared as kept', slow, async () => {
  const stage = await openStage();
  const {machine} = stage;
  const text = readFileSync(stage.runbook, 'utf8');
  writeFileSync(stage.runbook, text.replace(/^disks:$/m, 'disks:\n  stick: {serial: X-9, size: 64GB, keep: true}'));
  machine.strangers.push({serial: 'X-9', name: 'sdq', model: '', sizeBytes: 64e9, transport: 'usb', wwn: undefined});
  says(await stage.rebuild('home', ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'wipe']), exit.done);
  expect(machine.counts.wipes).toBe(1);
});

test('a disk that is kept since its erasure was planned, or begun: it is not erased, by neither', slow, async () => {
  const worlds = 'S3Z8NB0K498765';
  const stage = await openStage({
    edit: (text) => text.replace(/^ {4}keep: true\n/m, '').replace('disks: [system]', 'disks: [system, worlds]'),
  });
  const erasing = readFileSync(stage.runbook, 'utf8');
  expect(erasing).not.toMatch(/^ {4}keep: true/m);
  const kept = erasing.replace(/^ {4}size: 2TB\n/m, (line) => `${line}    keep: true\n`);
  const keeping = kept.replace('disks: [system, worlds]', 'disks: [system]');
  const plan = stage.path('plan.json');
  says(await stage.rebuild('home', ['plan', 'marruuk', '-o', plan]), exit.done, worlds);
  const before = await trace(stage, 'home');

  const run = ['run', 'marruuk', '--confirm', 'marruuk'];
  const reviewed = [...run, '--plan', plan];
  writeFileSync(stage.runbook, keeping);
  says(await stage.rebuild('home', reviewed), exit.refused, 'plan.stale', `effect wipe.wipe:${worlds}`);
  writeFileSync(stage.runbook, kept);
  says(await stage.rebuild('home', reviewed), exit.usage, 'marked keep: true, so no step may write to it');
  expect(await trace(stage, 'home')).toEqual(before);

  writeFileSync(stage.runbook, erasing);
  says(await stage.rebuild('home', [...reviewed, '--until', 'boot']), exit.done);
  const held = await trace(stage, 'home');
  for (const text of [keeping, kept]) {
    writeFileSync(stage.runbook, text);
    const code = text === kept ? exit.usage : exit.refused;
    says(await stage.rebuild('home', ['resume', 'marruuk']), code, text === kept ? 'keep: true' : 'runbook.changed');
  }
  expect(stage.machine.counts.wipes).toBe(0);
  expect(await trace(stage, 'home')).toEqual(held);
});
