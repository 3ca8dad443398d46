import {expect, test} from 'vitest';
import {parseLab} from '../../src/command/lab/request.ts';

test.each([
  ['up marruuk', {verb: 'up', host: 'marruuk'}],
  ['up marruuk --firmware bios', {verb: 'up', host: 'marruuk', firmware: 'bios'}],
  ['up marruuk --secure-boot', {verb: 'up', host: 'marruuk', secureBoot: true}],
  ['down', {verb: 'down', host: undefined}],
  ['status marruuk', {verb: 'status', host: 'marruuk'}],
  ['suspect', {verb: 'suspect', host: undefined}],
  ['console --follow', {verb: 'console', host: undefined, follow: true}],
  ['screenshot marruuk -o screen.png', {verb: 'screenshot', host: 'marruuk', output: 'screen.png'}],
  ['fault eject', {verb: 'fault', host: undefined, fault: {fault: 'eject', when: {at: 'now'}}}],
  [
    'fault eject --host marruuk --at-bytes 12MB',
    {verb: 'fault', host: 'marruuk', fault: {fault: 'eject', when: {at: 'bytes', bytes: 12_000_000}}},
  ],
  ['fault throttle 1MB', {verb: 'fault', host: undefined, fault: {fault: 'throttle', bytesPerSecond: 1_000_000}}],
])('rebuild lab %s', (words, expected) => {
  expect(parseLab(words.split(' '))).toMatchObject({ok: true, value: expected});
});

test.each([
  ['', 'wants a verb'],
  ['halt', 'no `lab halt`'],
  ['toString', 'no `lab toString`'],
  ['up Marruuk', 'not a host name'],
  ['up marruuk mpex', 'one host'],
  ['up --firmware coreboot', 'uefi or bios'],
  ['down --secure-boot', 'takes no --secure-boot'],
  ['down --follow', 'takes no --follow'],
  ['screenshot', '-o FILE.png'],
  ['console --folow', '--folow'],
  ['fault', 'there is no fault ""'],
  ['fault eject 3', 'takes no amount'],
])('refuses rebuild lab %s', (words, says) => {
  expect(parseLab(words.split(' ').filter(Boolean))).toMatchObject({
    ok: false,
    fault: {code: 'lab.usage', says: expect.stringContaining(says) as string},
  });
});
