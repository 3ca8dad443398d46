import {readFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {comparedSchemaText} from '../../src/command/help/schema.ts';
import {fault} from '../../src/fault.ts';
import {differencesOf} from '../../src/plan/difference.ts';
import {documentOf} from '../../src/plan/document.ts';
import type {Plan} from '../../src/plan/plan.ts';
import {comparedJson} from '../../src/view/plan-json.ts';
import {forecastPlan, hopelessPlan, knownPlan, plan, refusedPlan} from '../view/sample-plan.ts';
import {randomPlan} from './random-plan.ts';

const file = new URL('../../runbooks/compared.schema.json', import.meta.url);
const validate = new Ajv({strict: true, strictTypes: false, strictRequired: false, allErrors: true}).compile(
  JSON.parse(comparedSchemaText()) as object,
);
const complaints = (document: unknown): readonly string[] => {
  validate(document);
  return (validate.errors ?? []).map(({instancePath, keyword, message}) => `${instancePath} ${keyword} ${message}`);
};

function printed(then: Plan, later: Plan): Record<string, unknown> {
  const [before, now] = [documentOf(then), documentOf(later)];
  const text = comparedJson({file: 'marruuk.plan', before, now, differences: differencesOf(before, now)});
  return JSON.parse(text) as Record<string, unknown>;
}

test('runbooks/compared.schema.json is what is generated; else: npx rebuild schema compared > runbooks/compared.schema.json', () => {
  expect(readFileSync(file, 'utf8')).toBe(comparedSchemaText());
});

const waits: Plan = {...plan, gate: {approvers: 2, withinSeconds: 60, steps: ['wipe' as StepId]}};
const broken: Plan = {...plan, errors: [{step: 'wipe' as StepId, fault: fault('disk.not-found', 'no such disk')}]};

describe('what is printed is by the schema', () => {
  test.each(Object.entries({plan, knownPlan, forecastPlan, hopelessPlan, refusedPlan, waits, broken}))(
    'of a plan, and of it against others: %s',
    (_, each) => {
      for (const other of [plan, knownPlan, forecastPlan, refusedPlan, waits, broken]) {
        expect(complaints(printed(each, other))).toEqual([]);
        expect(complaints(printed(other, each))).toEqual([]);
      }
    },
  );

  test('whatever a device says', () => {
    fc.assert(
      fc.property(randomPlan, randomPlan, (one, other) => {
        const document = printed(one, other);
        expect(complaints(document)).toEqual([]);
        expect(document['fits']).toBe((document['stale'] as unknown[]).length === 0);
      }),
      {numRuns: 100},
    );
  });
});

describe('the schema refuses', () => {
  const good = printed(plan, waits);
  test('nothing that is printed, and it has differences to look at', () => {
    expect(complaints(good)).toEqual([]);
    expect(good).toMatchObject({fits: false, stale: [{about: 'gate'}, {about: 'gate'}, {about: 'gate'}]});
  });

  test.each([
    ['another kind of document', {type: 'plan'}, '/type'],
    ['a key it does not know', {yes: true}, ''],
    ['an answer that is none', {fits: 'yes'}, '/fits'],
    ['a digest that is none', {before: {digest: 'x', readAt: '2026-11-21T09:14:07.000Z'}}, '/before/digest'],
    ['a difference about nothing', {stale: [{about: 'mood', name: 'x', before: null, now: 1}]}, '/stale/0/about'],
    ['a difference without its other side', {moved: [{about: 'fact', name: 'x', before: null}]}, '/moved/0'],
  ])('%s', (_, change, path) => {
    const [first] = complaints({...good, ...change});
    expect(first).toMatch(new RegExp(`^${path}\\W`));
  });
});
