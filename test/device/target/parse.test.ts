import {assert, constantFrom, integer, property, string} from 'fast-check';
import {expect, test} from 'vitest';
import {parseAnswers, type Answer} from '../../../src/device/target/answer.ts';
import {
  parseDisks,
  parseFiles,
  parseHello,
  parseLatch,
  parseSamples,
  parseWritable,
} from '../../../src/device/target/parse.ts';
import {parseWipe} from '../../../src/device/target/parse-wipe.ts';

const good = {
  hello: 'run\tmarruuk-3\nboot-id\t0c3d2a7e-1111-4222-8333-444455556666\nuptime\t7\nmemory\t1024\nmedium-needed\tno\n',
  disks: 'disk\tS1\tnvme0n1\t480103981056\tnvme\t0\t1\tFast Disk\n',
  writable: 'writable\tS1\tsda\t480103981056\tusb\tnaa.5000c500a1b2c3d4\tFast Disk\n',
  latch: 'latch\tmarruuk-3\twiped\t2026-11-21T12:00:00.000Z\n',
  'wipe-state': 'wipe\trunning\toverwrite\t512\t1024\n',
};
const parsers = {
  hello: parseHello,
  disks: parseDisks,
  writable: parseWritable,
  latch: parseLatch,
  'wipe-state': parseWipe,
};

const answers = (stdout: string, code = 0): ReturnType<typeof parseAnswers> =>
  parseAnswers('test', {code, stderr: 'noise\nthe reason', stdout});
const whole = (body: string): string => `rebuild-target\t1\n${body}end\n`;
const read = (verb: keyof typeof good, body: string): {readonly ok: boolean} => {
  const parsed = answers(whole(body));
  return parsed.ok ? parsers[verb](parsed.value) : parsed;
};

test.each(Object.entries(good))('%s is read', (verb, body) => {
  expect(read(verb as keyof typeof good, body)).toMatchObject({ok: true});
});

test('one byte that does not belong, anywhere, and nothing is guessed at', () => {
  const verbs = constantFrom(...(Object.keys(good) as (keyof typeof good)[]));
  assert(
    property(
      verbs,
      integer({min: 0, max: 200}),
      constantFrom('\t', '\n', '\u001b', 'é', '\0', '\r'),
      (verb, at, byte) => {
        const body = good[verb];
        const place = at % body.length;
        expect(read(verb, body.slice(0, place) + byte + body.slice(place)).ok).toBe(false);
      },
    ),
    {numRuns: 1000},
  );
});

test('random text is no answer', () => {
  assert(
    property(string({unit: 'binary', maxLength: 200}), (text) => {
      expect(answers(text).ok).toBe(false);
    }),
  );
});

test.each([
  ['another version', 'rebuild-target\t2\nend\n'],
  ['no end', 'rebuild-target\t1\n'],
  ['something after the end', 'rebuild-target\t1\nend\nmore\n'],
  ['no line feed at the end', 'rebuild-target\t1\nend'],
  ['a key that is none', whole('Disk\tS1\n')],
])('%s is refused', (_, stdout) => {
  expect(answers(stdout)).toMatchObject({ok: false, fault: {code: 'answer.garbled'}});
});

test.each([
  [64, 'target.refused'],
  [65, 'target.failed'],
  [66, 'disk.not-found'],
  [67, 'disk.ambiguous'],
  [74, 'disk.write-failed'],
  [75, 'target.failed'],
  [127, 'target.failed'],
])('exit code %d is %s, and the last line of its error output says why', (code, fault) => {
  expect(answers(whole(''), code)).toMatchObject({ok: false, fault: {code: fault, says: 'test: the reason'}});
});

test('what a medium does not tell is no text of its own', () => {
  expect(parseWritable([{key: 'writable', values: ['-', 'sda', '512', 'usb', '-', 'Stick']}])).toEqual({
    ok: true,
    value: [{serial: undefined, name: 'sda', sizeBytes: 512, transport: 'usb', wwn: undefined, model: 'Stick'}],
  });
});

test('a place that is not filled is one that was asked about, in the words of the question', () => {
  const place = {offset: 0, length: 512};
  const told = [{key: 'not-ones', values: ['0', '512']}];
  expect(parseSamples('not-ones', told, [place])).toEqual({ok: true, value: [place]});
  expect(parseSamples('not-zero', told, [place]).ok).toBe(false);
  expect(parseSamples('not-ones', told, [{...place, length: 1024}]).ok).toBe(false);
});

const file = (path: string, text: string): Answer => ({
  key: 'file',
  values: [path, Buffer.from(text).toString('base64')],
});

test('files come back in the order asked, or not at all', () => {
  const missing: Answer = {key: 'missing', values: ['/b']};
  expect(parseFiles([file('/a', 'grüße\n'), missing], ['/a', '/b'])).toEqual({ok: true, value: ['grüße\n', undefined]});
  expect(parseFiles([missing, file('/a', 'x')], ['/a', '/b']).ok).toBe(false);
  expect(parseFiles([file('/a', 'x')], ['/a', '/b']).ok).toBe(false);
});
