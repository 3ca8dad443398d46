import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {HostName, RunId, Serial, Sha256, StepId} from '../../src/brand.ts';
import type {StepRecord} from '../../src/engine/state.ts';
import {onlySeen} from '../../src/step/only-seen.ts';
import {isGated, isOpen, objection, tally} from '../../src/gate/judge.ts';
import {asked, minutes, now, signed, terms} from './sample.ts';

const refused = (approval: ReturnType<typeof signed>, at = now) => objection(approval, asked, at)?.code;

describe('an approval counts', () => {
  test('for the run it names, until it expires', () => {
    expect(refused(signed('omar'))).toBeUndefined();
    expect(refused(signed('omar'), minutes(109))).toBeUndefined();
    expect(refused(signed('omar'), minutes(110))).toBe('gate.approval-expired');
  });

  test('for a run of the saved plan it names', () => {
    expect(refused(signed('omar', {seen: {planFile: 'c'.repeat(64) as Sha256}}))).toBeUndefined();
  });

  test('no longer than the runbook allows, whatever its signer wrote', () => {
    const generous = signed('omar', {expires: minutes(60 * 24 * 365)});
    expect(refused(generous, minutes(109))).toBeUndefined();
    expect(refused(generous, minutes(111))).toBe('gate.approval-expired');
  });

  test('not from a clock that is far ahead', () => {
    expect(refused(signed('omar', {at: minutes(4), expires: minutes(60)}))).toBeUndefined();
    expect(refused(signed('omar', {at: minutes(6), expires: minutes(60)}))).toBe('gate.approval-expired');
  });
});

describe('an approval is refused', () => {
  test.each([
    ['of another host', {host: 'mpex' as HostName}, 'gate.approval-elsewhere'],
    ['of another run', {seen: {run: 'marruuk-2' as RunId}}, 'gate.approval-elsewhere'],
    ['of another plan', {plan: 'd'.repeat(64) as Sha256}, 'gate.approval-elsewhere'],
    ['for fewer steps', {steps: ['wipe'] as StepId[]}, 'gate.approval-elsewhere'],
    ['for other steps', {steps: ['wipe', 'boot'] as StepId[]}, 'gate.approval-elsewhere'],
    ['on another machine', {machine: 'MRK-2017-0930'}, 'gate.target-differs'],
    ['on one disk less', {disks: ['S3Z8NB0K412345'] as Serial[]}, 'gate.target-differs'],
    ['on another disk', {disks: ['S3Z8NB0K412345', 'S3Z8NB0K498765'] as Serial[]}, 'gate.target-differs'],
  ])('%s', (_, more, code) => {
    expect(refused(signed('omar', more))).toBe(code);
  });

  test('by whoever began the run: by name, and by key under another name', () => {
    expect(refused(signed('lena'))).toBe('gate.own-approval');
    expect(refused({...signed('vera'), key: terms.requester.key})).toBe('gate.own-approval');
  });
});

describe('counting', () => {
  test('people, not approvals: the same name or the same key counts once', () => {
    const twice = [signed('omar'), signed('omar', {at: minutes(-5)})];
    expect(tally(twice, asked, now).hold).toEqual([twice[1]]);
    const oneKey = [signed('omar'), {...signed('vera'), key: 'SHA256:omar'}];
    expect(isOpen(tally(oneKey, asked, now))).toBe(false);
    expect(isOpen(tally([signed('omar'), signed('vera')], asked, now))).toBe(true);
  });

  test('those that do not count are told, with the reason', () => {
    const counted = tally([signed('lena'), signed('omar', {at: minutes(-130)}), signed('vera')], asked, now);
    expect(counted.hold.map(({principal}) => principal)).toEqual(['vera@example.org']);
    expect(counted.void.map(({because}) => because.code).toSorted()).toEqual([
      'gate.approval-expired',
      'gate.own-approval',
    ]);
  });

  test('opens for enough different people and for nothing else, in whatever order they come', () => {
    const person = fc.constantFrom('lena', 'omar', 'vera', 'nils');
    const one = fc.record({
      person,
      age: fc.integer({min: -10, max: 200}),
      run: fc.constantFrom('marruuk-3', 'marruuk-2'),
    });
    fc.assert(
      fc.property(fc.array(one, {maxLength: 8}), fc.integer({min: 1, max: 3}), (all, approvers) => {
        const approvals = all.map(({person: who, age, run}) =>
          signed(who, {at: minutes(-age), expires: minutes(120 - age), seen: {run: run as RunId}}),
        );
        const people = new Set(
          all
            .filter(({person: who, age, run}) => who !== 'lena' && run === 'marruuk-3' && age < 120 && age >= -5)
            .map(({person: who}) => who),
        );
        const counted = tally(approvals, {...asked, terms: {...terms, approvers}}, now);
        expect(isOpen(counted)).toBe(people.size >= approvers);
        expect(counted.hold).toHaveLength(people.size);
      }),
      {numRuns: 2000},
    );
  });
});

describe('the gate is before', () => {
  test('the steps it names, and no other', () => {
    expect(isGated(record('wipe'), terms)).toBe(true);
    expect(isGated(record('boot'), terms)).toBe(false);
  });

  test('each new attempt, unless what was approved has begun to be done', () => {
    expect(isGated(record('wipe', {attempts: 1, gate: 'opened'}), terms)).toBe(true);
    expect(isGated(record('wipe', {attempts: 1, effects: {'wipe:S3': 'absent'}}), terms)).toBe(true);
    expect(isGated(record('wipe', {attempts: 1, effects: {'wipe:S3': 'sent'}}), terms)).toBe(false);
    expect(isGated(record('install', {attempts: 1, checkpoint: {phase: 'writing'}}), terms)).toBe(false);
    expect(isGated(record('install', {attempts: 1, checkpoint: onlySeen({phase: 'writing'})}), terms)).toBe(true);
  });
});

const record = (id: string, more: Partial<StepRecord> = {}): StepRecord => ({
  heading: {
    id: id as StepId,
    kind: 'disk.wipe',
    irreversible: true,
    heldUntil: [],
    place: {file: 'x', line: 1, column: 1},
  },
  status: {is: 'waiting'},
  attempts: 0,
  checkpoint: undefined,
  effects: {},
  ...more,
});
