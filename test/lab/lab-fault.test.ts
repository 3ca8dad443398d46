import {describe, expect, test} from 'vitest';
import {parseLab} from '../../src/command/lab/request.ts';
import {faultNames, labFaultSchema} from '../../src/lab/fault/lab-fault.ts';
import {showsStage} from '../../src/lab/fault/stage.ts';
import {shapes} from '../../src/lab/fault/words.ts';

const typed = (words: string) => parseLab(['fault', ...words.split(' ').filter(Boolean)]);
const now = {at: 'now'};

describe('what a person types is what the keeper understands', () => {
  test.each([
    ['eject', {fault: 'eject', when: now}],
    ['eject --at-bytes 12MB', {fault: 'eject', when: {at: 'bytes', bytes: 12_000_000}}],
    ['eject --at-bytes 4096', {fault: 'eject', when: {at: 'bytes', bytes: 4096}}],
    ['eject --at-time 90s', {fault: 'eject', when: {at: 'now', afterSeconds: 90}}],
    [
      'eject --every 30s..5min --seed 7',
      {fault: 'eject', when: now, every: {fromSeconds: 30, toSeconds: 300}, seed: 7},
    ],
    ['cut --at-stage ready', {fault: 'cut', on: 'medium', when: {at: 'stage', stage: 'ready'}}],
    ['cut --on host --for 500ms', {fault: 'cut', on: 'host', forSeconds: 0.5, when: now}],
    ['throttle 1MB', {fault: 'throttle', on: 'medium', when: now, bytesPerSecond: 1_000_000}],
    ['delay 200ms --jitter 20ms', {fault: 'delay', on: 'medium', when: now, delaySeconds: 0.2, jitterSeconds: 0.02}],
    ['loss 0.1% --on host', {fault: 'loss', on: 'host', when: now, percent: 0.1}],
    ['drop 10s', {fault: 'drop', on: 'medium', when: now, forSeconds: 10}],
    ['mend', {fault: 'mend'}],
    ['mend --waiting kept', {fault: 'mend', waiting: 'kept'}],
    ['bmc-500 3', {fault: 'bmc-500', when: now, count: 3}],
    ['bmc-500', {fault: 'bmc-500', when: now, count: 1}],
    ['bmc-503 --for 5s', {fault: 'bmc-503', when: now, forSeconds: 5}],
    ['bmc-401', {fault: 'bmc-401', when: now, count: 1}],
    ['bmc-reboot --clock back', {fault: 'bmc-reboot', when: now, forSeconds: 20, clock: 'back'}],
    [
      'power-loss --at-event step.started:wipe --at-time 2s',
      {fault: 'power-loss', when: {at: 'event', event: 'step.started', step: 'wipe', nth: 1, afterSeconds: 2}},
    ],
    [
      'controller-kill --at-event step.saved:install#10',
      {fault: 'controller-kill', when: {at: 'event', event: 'step.saved', step: 'install', nth: 10}},
    ],
    ['controller-stop --at-event run.begun', {forSeconds: 60, when: {at: 'event', event: 'run.begun', nth: 1}}],
    ['disk-slow 1MB --disk system', {fault: 'disk-slow', when: now, disk: 'system', bytesPerSecond: 1_000_000}],
    ['disk-errors --disk system --at-byte 0', {fault: 'disk-errors', when: now, disk: 'system', atByte: 0}],
    ['clock-jump -2h', {fault: 'clock-jump', when: now, bySeconds: -7200}],
    ['clock-jump --by -1d', {fault: 'clock-jump', when: now, bySeconds: -86_400}],
    ['clock-jump 30min', {fault: 'clock-jump', when: now, bySeconds: 1800}],
    ['controller-address 10.9.0.7', {fault: 'controller-address', when: now, address: '10.9.0.7'}],
  ])('%s', (words, expected) => {
    const read = typed(words);
    expect(read).toMatchObject({ok: true, value: {verb: 'fault', fault: expected}});
    if (!read.ok || read.value.verb !== 'fault') throw new Error('no fault');
    expect(labFaultSchema.parse(JSON.parse(JSON.stringify(read.value.fault)))).toEqual(read.value.fault);
  });
});

test.each([
  ['', 'there is no fault ""'],
  ['ejct', 'did you mean "eject"?'],
  ['toString', 'there is no fault "toString"'],
  ['eject 3', 'takes no amount'],
  ['eject --at-bytes much', '--at-bytes wants a size'],
  ['eject --at-bytes 0', '--at-bytes wants a size'],
  ['eject --at-stage Ready', '--at-stage wants the name'],
  ['eject --at-event wipe', '--at-event wants an event'],
  ['eject --at-bytes 1 --at-stage ready', 'give one of them'],
  ['eject --every 5min..30s', '--every wants a duration'],
  ['eject --for 3s', 'eject takes no --for'],
  ['throttle', 'throttle wants rate: bytes per second'],
  ['throttle fast', 'rate wants bytes per second'],
  ['loss 101', 'percent wants a percentage'],
  ['bmc-500 none', 'count wants a whole number'],
  ['bmc-500 3 --for 3s', 'not both'],
  ['throttle 1MB --rate 2MB', '1MB and --rate say the same'],
  ['disk-slow 1MB', 'disk-slow wants disk'],
  ['mend --at-stage ready', 'mend takes no --at-stage'],
  ['eject now please', 'what is "please"?'],
  ['throttle 1MB please', 'what is "please"?'],
  ['--script faults.yaml eject', '--script stands alone'],
])('refuses %s', (words, says) => {
  expect(typed(words)).toMatchObject({
    ok: false,
    fault: {code: 'lab.usage', says: expect.stringContaining(says) as string},
  });
});

test('every fault can be typed', () => {
  const amounts: Readonly<Record<string, string>> = {
    throttle: '1MB',
    delay: '1s',
    loss: '1',
    'disk-slow': '1MB --disk system',
    'disk-errors': '--disk system',
    'clock-jump': '1h',
    'controller-address': '10.9.0.7',
    'controller-clock': '-2h',
    'disk-swap': 'OTHER-1 --disk system',
  };
  expect(Object.keys(shapes).toSorted()).toEqual([...faultNames].toSorted());
  for (const name of faultNames)
    expect(typed(`${name} ${amounts[name] ?? ''}`)).toMatchObject({ok: true, value: {fault: {fault: name}}});
});

test.each([
  ['rebuild 12.3 stage=ready\r\n', 'ready', true],
  ['stage=ready', 'ready', true],
  ['stage=ready-soon', 'ready', false],
  ['backstage=ready', 'ready', false],
  ['stage=boot', 'ready', false],
])('%j shows %s: %s', (text, stage, expected) => {
  expect(showsStage(text, stage)).toBe(expected);
});
