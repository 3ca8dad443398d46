import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {exit} from '../../src/exit.ts';
import {frameBytes} from '../../src/evidence/frame.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Machine} from '../simulator/machine.ts';
import {openStage, says} from './stage.ts';

// What a run does where its evidence is not whole, by the exit codes of the program as it is shipped.

/** Many commands, each a process that starts. */
const slow = {timeout: 300_000};
const system = 'S3Z8NB0K412345';
const suspect = 'suspect: {hostkey: "SHA256:0v6lq1sHJ2zVb3sB4pGq3xk0JtqCw1yZJv5dKq9sJbE", key: "file:/nowhere"}';
const waived = / {4}profile: none\n {4}waiver:\n {6}by: lena\n {6}reason: .*\n/;
const run = ['run', 'marruuk', '--confirm', 'marruuk'];

/** The example, with evidence taken from the old system in the waiver's place. */
const capturing = (text: string): string => {
  const changed = text.replace(/^# suspect: .*$/m, suspect).replace(waived, '    profile: triage\n');
  expect(changed).toContain('profile: triage');
  return changed;
};

/** More lies in its temporary files than is taken. */
const cutShort: Machine['collected'] = ([, first]) =>
  first === 'tmp' ? ok({complete: false, cut: 'bytes', reason: 'cut off after 9 bytes'}) : ok({complete: true});

test('a host whose evidence is cut short keeps its power, and what came is sealed', slow, async () => {
  const stage = await openStage({edit: capturing});
  const {machine, rebuild} = stage;
  machine.collected = cutShort;
  const missing = 'triage: 1 of 28 not whole: temporary (cut off after 9 bytes)';
  const told = await rebuild('home', run);
  says(told, exit.refused, 'evidence.failed', missing, 'the old system runs on as it was', 'accept: {by, reason}');
  says(await rebuild('home', ['resume', 'marruuk']), exit.refused, 'evidence.failed', missing);
  expect(machine.system).toBe('suspect');
  expect(machine.counts).toMatchObject({wipes: 0, starts: 0, inserts: 0});
  // What came is sealed all the same.
  const [data, seal] = ['evidence', 'seals'].map((kind) => join(stage.path('home'), kind, 'marruuk-1/triage'));
  execFileSync('sha256sum', ['-c', '--quiet', join(seal ?? '', 'SHA256SUMS')], {cwd: data});
});

test(
  'what is missing of it is on the name of whoever accepts that: in plan, report and certificate',
  slow,
  async () => {
    const accept = '    accept: {by: omar, reason: the rest is enough}\n';
    const edit = (text: string) => capturing(text).replace('    profile: triage\n', (line) => line + accept);
    const {machine, rebuild} = await openStage({edit});
    machine.collected = cutShort;
    says(await rebuild('home', ['plan', 'marruuk']), exit.done, 'if not whole, accepted by omar: the rest is enough');
    says(await rebuild('home', run), exit.done, 'accepted by omar: the rest is enough');
    expect(machine.counts.wipes).toBe(1);
    const part = '1 of 28 not whole: temporary (cut off after 9 bytes)';
    const report = await rebuild('home', ['report', 'marruuk-1'], {bare: true});
    says(report, exit.done, 'evidence accepted', `of the host, ${part}, by omar: the rest is enough`);
    const certificate = await rebuild('home', ['certificate', 'marruuk-1'], {bare: true});
    says(certificate, exit.done, `${part}; accepted by omar: the rest is enough`);
  },
);

test('a host that ends the connection at one question is refused after three attempts', slow, async () => {
  const {machine, rebuild} = await openStage({edit: capturing});
  const asked: string[] = [];
  machine.collected = ([verb = '']) => {
    asked.push(verb);
    return verb === 'kernel' ? failed(fault('ssh.lost', 'the line broke')) : ok({complete: true});
  };
  const missing = '1 of 28 not whole: kernel (the host did not answer: ssh.lost)';
  says(await rebuild('home', run), exit.failed, 'evidence.incomplete', missing, 'rebuild resume marruuk');
  says(await rebuild('home', ['resume', 'marruuk']), exit.failed, 'evidence.incomplete', missing);
  says(await rebuild('home', ['resume', 'marruuk']), exit.refused, 'evidence.failed', missing);
  says(await rebuild('home', ['resume', 'marruuk']), exit.refused, 'evidence.failed', missing);
  expect(asked.filter((verb) => verb === 'kernel')).toHaveLength(3);
  expect(asked.filter((verb) => verb === 'network')).toHaveLength(1);
  expect(machine.system).toBe('suspect');
});

test('a disk that could not be imaged everywhere is not erased, although its line was cut since', slow, async () => {
  const image = '  - id: image\n    do: evidence.capture\n    profile: image\n\n';
  const {machine, rebuild} = await openStage({
    edit: (text) => text.replace('size: 480GB', 'size: 200MB').replace(/^ {2}# From here on/m, (line) => image + line),
  });
  machine.unreadable.set(system, [[frameBytes, 65_536]]);
  machine.cutImageAt = 3;
  machine.imageCuts = Infinity;
  says(await rebuild('home', run), exit.failed, 'ssh.lost');
  machine.imageCuts = 0;
  machine.unreadable.clear();
  const before = machine.end();
  const reason = '65536 bytes could not be read and are zero';
  says(
    await rebuild('home', ['resume', 'marruuk']),
    exit.refused,
    'evidence.failed',
    `the evidence of ${system}`,
    reason,
  );
  says(await rebuild('home', ['resume', 'marruuk']), exit.refused, 'evidence.failed', reason);
  expect(machine.counts.wipes).toBe(0);
  expect(machine.end()).toEqual(before);
});
