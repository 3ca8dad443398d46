import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {stringify} from 'yaml';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {kinds as registry} from '../../src/step/registry.ts';
import {parseRunbook} from '../../src/runbook/parse.ts';
import {kinds, minimal, parse} from './example.ts';

/** Whatever the text is: no throw, a verdict, and every mistake inside the file with something to show. */
function holds(text: string): void {
  const parsed = parseRunbook(text, 'f.yaml', kinds);
  if (parsed.ok) return;
  expect(parsed.diagnostics.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  for (const diagnostic of parsed.diagnostics) {
    expect(diagnostic.line).toBeGreaterThanOrEqual(1);
    expect(diagnostic.line).toBeLessThanOrEqual(lines);
    expect(diagnostic.column).toBeGreaterThanOrEqual(1);
    expect(diagnostic.endColumn).toBeGreaterThan(diagnostic.column);
    // oxlint-disable-next-line no-control-regex
    expect(renderDiagnostic(diagnostic)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
}

const runs = {numRuns: 500};

test('any text', () => {
  fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), holds), runs);
});

test('any text of YAML’s own characters', () => {
  const unit = fc.constantFrom(
    ...'{}[],:-?&*!|>\'"%@#~<= \n\tab01'.split(''),
    'env:',
    '---\n',
    '<<: ',
    '__proto__: ',
    '\u{1f600}',
  );
  fc.assert(
    fc.property(
      fc.array(unit, {maxLength: 80}).map((parts) => parts.join('')),
      holds,
    ),
    runs,
  );
});

test('a valid runbook with any stretch replaced by any text', () => {
  const at = fc.nat(minimal.length);
  const piece = fc.oneof(
    fc.string({unit: 'binary', maxLength: 12}),
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '- ',
      ': ',
      '[',
      '{',
      '"',
      "'",
      '|\n',
      '*a',
      '&a ',
      '!!int ',
      'null',
      '\t',
      '#',
      '...\n',
    ),
  );
  fc.assert(
    fc.property(at, fc.nat(40), piece, (start, length, text) =>
      holds(minimal.slice(0, start) + text + minimal.slice(start + length)),
    ),
    runs,
  );
});

test('a valid runbook with any line moved, doubled or gone', () => {
  const lines = minimal.split('\n');
  const index = fc.nat(lines.length - 1);
  fc.assert(
    fc.property(index, index, fc.constantFrom('move', 'double', 'drop'), (from, to, how) => {
      const changed = [...lines];
      const [line = ''] = how === 'double' ? [lines[from]] : changed.splice(from, 1);
      if (how !== 'drop') changed.splice(to, 0, line);
      holds(changed.join('\n'));
    }),
    runs,
  );
});

test('any value where a runbook’s part belongs', () => {
  const keys = ['version', 'host', 'controller', 'bmc', 'edge', 'vantages', 'disks', 'network', 'access', 'steps'];
  const part = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({maxDepth: 3}));
  fc.assert(
    fc.property(part, (value) => holds(stringify(value))),
    runs,
  );
});

test('any params where a step’s belong, for every kind there is', () => {
  const names = ['disks', 'disk', 'level', 'image', 'open', 'block', 'expect', 'refused', 'attempts', 'allow'];
  const value = fc.oneof(
    fc.jsonValue({maxDepth: 2}),
    fc.constantFrom('system', 'worlds', ['system'], 'tcp/22', ['tcp/1']),
  );
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    do: fc.constantFrom(...registry.keys()),
    params: fc.dictionary(fc.constantFrom(...names), value, {maxKeys: 3}),
  });
  const head = minimal.slice(0, minimal.indexOf('steps:'));
  fc.assert(
    fc.property(fc.array(step, {minLength: 1, maxLength: 4}), (steps) => {
      const text = head + stringify({steps: steps.map(({params, ...rest}) => ({...rest, ...params}))});
      const parsed = parseRunbook(text, 'f.yaml', registry);
      expect(parsed.ok || parsed.diagnostics.length > 0).toBe(true);
    }),
    runs,
  );
});

test('a valid runbook written out again is the same runbook', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
  const serial = fc.stringMatching(/^[A-Z0-9][A-Z0-9_.:-]{0,20}$/);
  const size = fc
    .tuple(fc.integer({min: 1, max: 999}), fc.constantFrom('GB', 'TB', 'GiB', 'MB'))
    .map((parts) => parts.join(''));
  const disk = fc.record({serial, size, keep: fc.boolean()}, {requiredKeys: ['serial', 'size']});
  const runbook = fc
    .record({
      name,
      machine: fc.stringMatching(/^[!-~]{1,20}$/),
      firmware: fc.constantFrom('uefi', 'bios'),
      promise: fc.constantFrom('12h', '1d', '90m', '1h30m'),
      disks: fc.dictionary(name, disk, {maxKeys: 5}),
      passes: fc.integer({min: 1, max: 3}),
    })
    .filter(
      ({disks}) =>
        new Set(Object.values(disks).map(({serial}) => serial.toUpperCase())).size === Object.keys(disks).length,
    )
    .filter(({disks}) => Object.values(disks).some(({keep}) => keep !== true));
  const head = minimal.slice(minimal.indexOf('bmc:'), minimal.indexOf('disks:'));
  const tail = minimal.slice(minimal.indexOf('network:'), minimal.indexOf('steps:'));
  fc.assert(
    fc.property(runbook, ({name, machine, firmware, promise, disks, passes}) => {
      const erased = Object.entries(disks).flatMap(([name, {keep}]) => (keep === true ? [] : [name]));
      const steps = [{id: 'erase', do: 'disk.erase', disks: erased, passes}];
      const host = {name, serial: machine, firmware, promise};
      const write = (form: (value: unknown) => string): string =>
        `version: 1\nhost: ${form(host)}\n${head}disks: ${form(disks)}\n${tail}steps: ${form(steps)}\n`;
      const block = parse(
        write((value) => `\n  ${stringify(value, {lineWidth: 0}).trimEnd().replaceAll('\n', '\n  ')}`),
      );
      const flow = {collectionStyle: 'flow', defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0} as const;
      const quoted = parse(write((value) => stringify(value, flow).trimEnd().replaceAll('\n', ' ')));
      if (!block.ok || !quoted.ok) throw new Error(JSON.stringify([block, quoted]));
      expect(quoted.digest).toBe(block.digest);
      expect({...quoted.runbook, steps: []}).toEqual({...block.runbook, steps: []});
    }),
    {numRuns: 200},
  );
});
