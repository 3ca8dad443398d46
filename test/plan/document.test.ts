import {readFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {planSchemaText} from '../../src/command/help/schema.ts';
import {digestOf} from '../../src/plan/assemble.ts';
import {documentOf, parsePlan, planOf} from '../../src/plan/document.ts';
import type {PlanDocument} from '../../src/plan/document-schema.ts';
import type {Plan} from '../../src/plan/plan.ts';
import {width} from '../../src/view/escape.ts';
import {plainPaint} from '../../src/view/paint.ts';
import {planJson} from '../../src/view/plan-json.ts';
import {planText} from '../../src/view/plan.ts';
import {hopelessPlan, knownPlan, plan, refusedPlan} from '../view/sample-plan.ts';
import {randomPlan} from './random-plan.ts';

const file = new URL('../../runbooks/plan.schema.json', import.meta.url);
const validate = new Ajv({strict: true, strictTypes: false, strictRequired: false, allErrors: true}).compile(
  JSON.parse(planSchemaText()) as object,
);
const complaints = (text: string): readonly string[] => {
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({instancePath, keyword, message}) => `${instancePath} ${keyword} ${message}`);
};
const settled = (document: PlanDocument): PlanDocument => {
  const {digest: _, readAt: __, ...content} = planOf(document);
  return {...document, digest: digestOf(content)};
};
const textOf = (document: PlanDocument): string => JSON.stringify(settled(document));

test('runbooks/plan.schema.json is what is generated; else: npx rebuild schema plan > runbooks/plan.schema.json', () => {
  expect(readFileSync(file, 'utf8')).toBe(planSchemaText());
});

describe('what is printed', () => {
  test.each(Object.entries({plan, knownPlan, hopelessPlan, refusedPlan}))('is by the schema: %s', (_, each) => {
    expect(complaints(planJson(each))).toEqual([]);
  });

  test('is by the schema whatever a device says, is read back as the same plan, and fits its screen', () => {
    fc.assert(
      fc.property(randomPlan, (each) => {
        const text = planJson(each);
        expect(complaints(text)).toEqual([]);
        const parsed = parsePlan(text);
        if ('wrong' in parsed) throw new Error(parsed.wrong);
        const {moving: _, ...agreed} = each;
        expect(planOf(parsed.document)).toEqual(agreed);
        for (const line of planText(each, {}, plainPaint)) expect(width(line), line).toBeLessThan(80);
      }),
      {numRuns: 200},
    );
  });

  test('keeps a key that JavaScript would take for the prototype: a device may send one', () => {
    const facts = JSON.parse('{"wipe": {"models": {"__proto__": "R640"}}}') as Plan['facts'];
    const {digest: _, readAt, moving: __, ...rest} = plan;
    const agreed = {...rest, facts};
    const parsed = parsePlan(planJson({...agreed, readAt, digest: digestOf(agreed)}));
    if ('wrong' in parsed) throw new Error(parsed.wrong);
    expect(JSON.stringify(parsed.document.facts)).toBe(JSON.stringify(facts));
  });

  test('has no character that a terminal would act on', () => {
    const hostile = {...plan, system: {...plan.system, model: '\u001b]52;c;AAAA\u0007\u202eR640'}};
    expect(planJson(hostile)).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

describe('the schema refuses', () => {
  const good = documentOf(plan);
  test.each([
    ['another format', {...good, version: 1}, '/version'],
    ['a key it does not know', {...good, yes: true}, ''],
    ['a digest that is none', {...good, digest: 'sha256:1'}, '/digest'],
    ['a step without effects', {...good, steps: [{id: 'wipe'}]}, '/steps/0'],
    [
      'a certainty that is none',
      {...good, steps: [{...good.steps[0], effects: [{certainty: {is: 'maybe'}}]}]},
      '/steps/0',
    ],
  ])('%s', (_, document, path) => {
    const [first] = complaints(JSON.stringify(document));
    expect(first).toMatch(new RegExp(`^${path}\\W`));
  });
});

describe('a saved plan', () => {
  test('is read back, without what moves', () => {
    const parsed = parsePlan(textOf(documentOf(plan)));
    if ('wrong' in parsed) throw new Error(parsed.wrong);
    expect(planOf(parsed.document)).not.toHaveProperty('moving');
    expect(planOf(parsed.document).steps).toEqual(plan.steps);
  });

  test('of another format is refused by its number', () => {
    expect(parsePlan(JSON.stringify({type: 'plan', version: 1}))).toEqual({
      wrong: 'it has format 1; this rebuild reads format 2',
    });
  });

  test.each(['', '{', 'null', '[]', '{"type": "plan"}', '"plan"', `{"a": "${'x'.repeat(5_000_000)}"}`])(
    'that is none is refused: %.20s',
    (text) => {
      expect(parsePlan(text)).toHaveProperty('wrong');
    },
  );

  test('is refused where anything in it was changed, to the last byte of what was agreed to', () => {
    const whole = settled(documentOf(plan));
    const changes: Record<string, Partial<PlanDocument>> = {
      disk: {
        steps: whole.steps.map((step) => ({
          ...step,
          effects: step.effects.map((each) =>
            each.disk ? {...each, disk: {...each.disk, serial: 'S3Z8NB0K498765'}} : each,
          ),
        })),
      },
      'kept disk': {keptDisks: []},
      fact: {facts: {...whole.facts, isolate: {policy: 'serving'}}},
      promise: {promiseSeconds: 1},
      gate: {gate: {approvers: 1, withinSeconds: 1, steps: []}},
      error: {errors: refusedPlan.errors},
      machine: {system: {...whole.system, serial: 'OTHER'}},
      runbook: {runbook: whole.digest},
    };
    for (const [name, change] of Object.entries(changes))
      expect(parsePlan(JSON.stringify({...whole, ...change})), name).toEqual({
        wrong: 'it was changed after it was saved',
      });
  });

  test('keeps its digest while what moves does, and wherever its runbook lies', () => {
    const whole = settled(documentOf(plan));
    const elsewhere = whole.steps.map((step) => ({...step, place: {file: '/tmp/x.yaml', line: 1, column: 1}}));
    for (const change of [
      {moving: documentOf(knownPlan).moving!},
      {readAt: '2027-01-01T00:00:00.000Z' as PlanDocument['readAt']},
      {steps: elsewhere},
    ])
      expect(parsePlan(JSON.stringify({...whole, ...change}))).toHaveProperty('document');
  });
});
