import {expect, test} from 'vitest';
import {faultScriptSchema} from '../../src/lab/fault/script.ts';
import {parseScript} from '../../src/lab/fault/script-file.ts';

test('a script gives its faults as the keeper takes them', () => {
  const parsed = parseScript(
    `# what happened on that night
seed: 7
faults:
  - {fault: eject, every: 30s..5min}
  - fault: throttle
    rate: 167kB
  - {fault: loss, percent: 0.5, on: host, at-time: 90s, for: 10s}
  - {fault: power-loss, at-event: 'step.saved:install#10'}
  - {fault: disk-errors, disk: system, at-byte: 4096}
  - {fault: bmc-401, count: 2}
`,
    'night.yaml',
  );
  const now = {at: 'now'};
  expect(parsed).toEqual({
    ok: true,
    script: {
      seed: 7,
      faults: [
        {fault: 'eject', when: now, every: {fromSeconds: 30, toSeconds: 300}},
        {fault: 'throttle', on: 'medium', when: now, bytesPerSecond: 167_000},
        {fault: 'loss', on: 'host', percent: 0.5, forSeconds: 10, when: {at: 'now', afterSeconds: 90}},
        {fault: 'power-loss', when: {at: 'event', event: 'step.saved', step: 'install', nth: 10}},
        {fault: 'disk-errors', disk: 'system', atByte: 4096, when: now},
        {fault: 'bmc-401', count: 2, when: now},
      ],
    },
  });
  if (parsed.ok) expect(faultScriptSchema.parse(parsed.script)).toEqual(parsed.script);
});

test('every mistake is told with its place', () => {
  const parsed = parseScript(
    `seed: many
fault: []
`,
    'a.yaml',
  );
  expect(parsed.ok ? [] : parsed.diagnostics.map(({line, column, says}) => `${line}:${column} ${says}`)).toEqual([
    '1:7 script seed: expected a number, found text',
    '2:1 unknown key "fault" in script',
  ]);
});

test('and in the faults too', () => {
  const parsed = parseScript(
    `seed: 7
faults:
  - {fault: ejct, every: 30s}
  - {fault: eject, evry: 30s}
  - {fault: throttle, rate: fast}
  - {every: 3s}
  - fault: power-loss
    at-event: wipe
  - {fault: eject, seed: 3}
  - {fault: cut, on: moon, for: 3s}
  - {fault: throttle}
`,
    'b.yaml',
  );
  const told = parsed.ok
    ? []
    : parsed.diagnostics.map(({line, column, says, hint}) => `${line}:${column} ${says}${hint ? ` (${hint})` : ''}`);
  expect(told).toEqual([
    '3:13 there is no fault "ejct"; did you mean "eject"?',
    '4:20 unknown key "evry" (did you mean "every"?)',
    '5:29 rate wants bytes per second: 1MB',
    '6:5 a fault needs its name: fault: eject',
    '8:15 at-event wants an event of the run: step.started:wipe, step.saved:install#10',
    '9:20 the seed is the whole script’s',
    '10:22 on wants medium or host',
    '11:5 throttle wants rate: bytes per second: 1MB',
  ]);
});

test.each(['', '- a', 'seed: [', 'seed: 7\nfaults: {}', 'seed: 7\nfaults: [3]', 'seed: &a 7\nfaults: []'])(
  'what is no script is refused: %j',
  (text) => {
    const parsed = parseScript(text, 'c.yaml');
    expect(parsed.ok ? 0 : parsed.diagnostics.length).toBeGreaterThan(0);
  },
);
