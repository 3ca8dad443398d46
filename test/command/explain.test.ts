import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {explain, names} from '../../src/command/help/explain.ts';
import {renderExplanation} from '../../src/command/help/explain-text.ts';
import {exit} from '../../src/exit.ts';
import {catalogue} from '../../src/fault-catalogue.ts';
import {kinds} from '../../src/step/registry.ts';
import {width} from '../../src/view/escape.ts';

const examples = ['marruuk', 'mpex', 'saturn', 'tessa'].map((host) =>
  readFileSync(new URL(`../../runbooks/${host}.yaml`, import.meta.url), 'utf8'),
);
const known = {kinds, examples};
const text = (name: string): string => renderExplanation(explain(name, known));

test('everything has an explanation, 80 columns wide at most', () => {
  const all = ['', ...names(known), ...Object.values(exit).map(String)];
  expect(all.length).toBeGreaterThan(80);
  for (const name of all) {
    expect(explain(name, known).topic, name).not.toBe('unknown');
    // An example is source text: it stays as it can be copied.
    for (const line of text(name).split('\n')) expect(width(line), `${name}: ${line}`).toBeLessThanOrEqual(80);
  }
});

test('no name means two things', () => {
  expect(names(known).toSorted()).toEqual([...new Set(names(known))].toSorted());
});

describe('a step kind', () => {
  test.each([...kinds.values()])('$kind has a text for each param, and an example that is valid', (kind) => {
    const found = explain(kind.kind, known);
    if (found.topic !== 'step') throw new Error(found.topic);
    expect(found.says).toBe(kind.summary);
    expect(found.irreversible).toBe(kind.irreversible);
    for (const field of found.fields) expect(field.says, field.name).not.toBe('');
    expect(found.example).toContain(`do: ${kind.kind}`);
    expect(found.example).not.toContain('#');
  });

  test('as a person reads it', () => {
    expect(text('disk.wipe')).toMatch(
      /^disk\.wipe\n[\s\S]+ {2}Cannot be undone\.\n[\s\S]+ {2}disks: list of text\n[\s\S]+ {2}level: metadata \| express \| clear \| purge, by default clear\n[\s\S]+ {4}- id: wipe\n {6}do: disk\.wipe\n {6}disks: \[system\]\n/,
    );
  });
});

test('a fault code: what it means, whether to try again, what to type, the exit code', () => {
  expect(explain('bmc.certificate-differs', known)).toEqual({
    topic: 'fault',
    name: 'bmc.certificate-differs',
    says: catalogue['bmc.certificate-differs'].means,
    again: 'never',
    next: catalogue['bmc.certificate-differs'].next,
    exit: 3,
  });
});

test('exit codes, by name, by number, or all', () => {
  expect(explain('3', known)).toEqual(explain('refused', known));
  expect(explain('exit', known)).toMatchObject({codes: Object.entries(exit).map(([name, code]) => ({name, code}))});
});

test('a runbook’s key, and the keys below it', () => {
  expect(explain('bmc.password', known)).toMatchObject({
    topic: 'key',
    value: {type: 'secret reference', required: true},
    fields: [],
  });
  expect(text('edge')).toContain('  port: whole number 1 to 65535, by default 22\n');
  expect(text('disks')).toContain('  keep: true | false, by default false\n');
});

test('a name that is none, with what was probably meant', () => {
  expect(explain('disk.wip', known)).toEqual({topic: 'unknown', name: 'disk.wip', hint: 'did you mean "disk.wipe"?'});
  expect(explain('constructor', known).topic).toBe('unknown');
  expect(explain('bmc.toString', known).topic).toBe('unknown');
  expect(text('\u001b[2J')).not.toContain('\u001b');
});
