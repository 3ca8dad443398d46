import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {openStage, says} from './stage.ts';

/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};

const online = (slot: number, serial: string): string =>
  `Nov 21 03:11:07 ctl0: Drive map: slot ${slot} serial ${serial} ONLINE\n`;
const [system, worlds] = ['S3Z8NB0K412345', 'S3Z8NB0K498765'] as const;

test('a controller whose saved log ends in garbage stops the rebuild before the wipe', slow, async () => {
  const stage = await openStage();
  const text = readFileSync(stage.runbook, 'utf8').replace(
    /^ {2}(?:#[^\n]*\n {2})*- id: wipe$/m,
    '  - id: health\n    do: disk.health\n    logs: [{controller: ctl0, file: ctl0.log}]\n\n$&',
  );
  writeFileSync(stage.runbook, text);
  const run = ['run', 'marruuk', '--confirm', 'marruuk'];
  says(await stage.rebuild('home', run), exit.usage, 'document.missing', 'ctl0.log');
  expect(stage.machine.counts).toMatchObject({starts: 0, inserts: 0, enforced: 0});

  const garbage = Buffer.from([0, 0, 0, 0, 0xfe, 0x13, 0, 0, 0x0a]);
  writeFileSync(stage.path('ctl0.log'), Buffer.concat([Buffer.from(online(0, system)), garbage]));
  says(
    await stage.rebuild('home', run),
    exit.refused,
    'disk.controller-distrusted',
    'ctl0 wrote a NUL byte at column 1 in line 2 of its log',
  );
  expect(stage.machine.counts.wipes).toBe(0);
  says(
    await stage.rebuild('home', ['log', 'marruuk-1'], {bare: true}),
    exit.done,
    'the log of ctl0 is quarantined from line 2',
  );

  // Another drive is in the slot than this machine has.
  writeFileSync(stage.path('ctl0.log'), online(0, system) + online(1, 'WD-WCC4N0999999'));
  says(
    await stage.rebuild('home', ['resume', 'marruuk']),
    exit.refused,
    'disk.map-disputed',
    'WD-WCC4N0999999 in slot 1',
  );
  expect(stage.machine.counts.wipes).toBe(0);

  writeFileSync(stage.path('ctl0.log'), online(0, system) + online(1, worlds));
  says(await stage.rebuild('home', ['resume', 'marruuk']), exit.done);
  expect(stage.machine.counts.wipes).toBe(1);
});

test('a runbook whose logs have one name twice is refused with its place', slow, async () => {
  const stage = await openStage();
  const text = readFileSync(stage.runbook, 'utf8').replace(
    /^ {2}- id: eject$/m,
    '  - id: health\n    do: disk.health\n    logs: [{controller: ctl0, file: a.log}, {controller: ctl0, file: b.log}]\n\n$&',
  );
  writeFileSync(stage.runbook, text);
  says(await stage.rebuild('home', ['check', stage.runbook], {bare: true}), exit.usage, 'ctl0 has two logs');
});
