import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {parseRunbook} from '../../src/runbook/parse.ts';
import {kinds} from '../../src/step/registry.ts';

const example = readFileSync(new URL('../../runbooks/marruuk.yaml', import.meta.url), 'utf8');
const line = /^# gate: .*$/m;
const parsed = (gate: string) => parseRunbook(example.replace(line, gate), 'marruuk.yaml', kinds);
const mistakes = (gate: string): readonly string[] => {
  const result = parsed(gate);
  return result.ok ? [] : result.diagnostics.map(({says, hint}) => (hint === undefined ? says : `${says}: ${hint}`));
};

test('the example has no gate, and the one it shows is valid', () => {
  const without = parseRunbook(example, 'marruuk.yaml', kinds);
  expect(without.ok && without.runbook.gate).toBeUndefined();
  const shown = line.exec(example)?.[0].slice(2) ?? '';
  const withIt = parsed(shown);
  expect(withIt.ok && withIt.runbook.gate).toEqual({
    approvers: 2,
    withinSeconds: 7200,
    steps: ['wipe'],
    signers: 'allowed_signers',
  });
  expect(without.ok && withIt.ok && without.digest !== withIt.digest).toBe(true);
});

test.each([
  ['{approvers: 2, within: 2h, for: [wpie]}', 'gate.for: no step is called "wpie": did you mean "wipe"?'],
  ['{approvers: 2, within: 2h, for: [restore]}', 'gate.for: no step is called "restore": there is: isolate, evidence'],
  ['{approvers: 2, within: 2h, for: [wipe, wipe]}', 'gate.for names "wipe" twice'],
  ['{approvers: 2, within: 2h, for: []}', 'gate.for: needs at least 1 entry'],
  ['{approvers: 0, within: 2h, for: [wipe]}', 'gate.approvers: must be at least 1'],
  ['{approvers: 2, within: soon, for: [wipe]}', 'gate.within: expected a duration'],
  ['{approvers: 2, within: 2h, four: [wipe]}', 'unknown key "four" in gate: did you mean "for"?'],
  ['{approvers: 2, within: 2h}', 'missing key "for" in gate'],
  ['{approvers: 2, within: 2h, for: wipe}', 'gate.for: expected a list'],
])('gate: %s', (gate, says) => {
  expect(mistakes(`gate: ${gate}`)[0]).toContain(says);
});

test('each mistake is shown at its place', () => {
  const result = parsed('gate: {approvers: 2, within: 2h, for: [wipe, intall]}');
  const [diagnostic] = result.ok ? [] : result.diagnostics;
  const text = example.split('\n');
  expect(diagnostic).toMatchObject({
    line: text.findIndex((each) => line.test(each)) + 1,
    column: 'gate: {approvers: 2, within: 2h, for: [wipe, '.length + 1,
    explain: 'gate',
  });
});
