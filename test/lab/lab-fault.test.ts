import {expect, test} from 'vitest';
import {faultNames, labFaultSchema, parseFault} from '../../src/lab/fault/lab-fault.ts';
import {showsStage} from '../../src/lab/fault/stage.ts';

test.each([
  ['eject', {}, {fault: 'eject', when: {at: 'now'}}],
  ['eject', {atBytes: '12MB'}, {fault: 'eject', when: {at: 'bytes', bytes: 12_000_000}}],
  ['eject', {atBytes: '4096'}, {fault: 'eject', when: {at: 'bytes', bytes: 4096}}],
  ['cut', {atStage: 'ready'}, {fault: 'cut', when: {at: 'stage', stage: 'ready'}}],
  ['throttle 1MB', {}, {fault: 'throttle', when: {at: 'now'}, bytesPerSecond: 1_000_000}],
  ['mend', {}, {fault: 'mend'}],
  ['bmc-500 3', {}, {fault: 'bmc-500', requests: 3}],
  ['bmc-401', {}, {fault: 'bmc-401', requests: 1}],
  ['power-loss', {}, {fault: 'power-loss', when: {at: 'now'}}],
])('%s %j', (words, options, expected) => {
  const parsed = parseFault(words.split(' '), options);
  expect(parsed).toEqual({ok: true, value: expected});
  // What a person typed is what the keeper understands.
  expect(labFaultSchema.parse(expected)).toEqual(expected);
});

test.each([
  ['', {}, 'there is no fault ""'],
  ['ejct', {}, 'there is no fault "ejct"'],
  ['eject 3', {}, 'takes no amount'],
  ['eject', {atBytes: 'much'}, '--at-bytes wants a size'],
  ['eject', {atBytes: '0'}, '--at-bytes wants a size'],
  ['eject', {atStage: 'a b'}, '--at-stage wants the name'],
  ['eject', {atBytes: '1', atStage: 'ready'}, 'not both'],
  ['throttle', {}, 'bytes per second'],
  ['bmc-500 none', {}, 'a number of requests'],
  ['bmc-500', {atBytes: '1MB'}, 'strikes the next requests'],
  ['mend', {atStage: 'ready'}, 'for now'],
  ['eject now please', {}, 'what is "please"?'],
])('refuses %s %j', (words, options, says) => {
  const parsed = parseFault(words.split(' '), options);
  expect(parsed).toMatchObject({ok: false, fault: {code: 'lab.usage', says: expect.stringContaining(says) as string}});
});

test('every fault has a name that can be typed', () => {
  for (const name of faultNames) {
    const parsed = parseFault(name === 'throttle' ? [name, '1MB'] : [name]);
    expect(parsed).toMatchObject({ok: true, value: {fault: name}});
  }
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
