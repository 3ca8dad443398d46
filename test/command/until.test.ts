import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {isBeyond} from '../../src/command/sitting/sitting.ts';

const steps = ['isolate', 'mount', 'wipe', 'install'].map((id) => ({id: id as StepId}));
const begun = (until: string | undefined): readonly string[] =>
  steps.map(({id}) => id).filter((next) => !isBeyond(next, until as StepId | undefined, steps));

test('with a step to stop at, none after it begins, whichever sitting reached it', () => {
  expect(begun('isolate')).toEqual(['isolate']);
  expect(begun('mount')).toEqual(['isolate', 'mount']);
  expect(begun('install')).toEqual(['isolate', 'mount', 'wipe', 'install']);
  expect(begun(undefined)).toEqual(['isolate', 'mount', 'wipe', 'install']);
});
