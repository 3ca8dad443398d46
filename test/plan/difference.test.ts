import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {differencesOf} from '../../src/plan/difference.ts';
import {documentOf} from '../../src/plan/document.ts';
import type {Plan} from '../../src/plan/plan.ts';
import {knownPlan, plan, refusedPlan} from '../view/sample-plan.ts';
import {randomPlan} from './random-plan.ts';

const changes = (more: Partial<Plan>) => differencesOf(documentOf(plan), documentOf({...plan, ...more})).stale;

describe('what makes a plan stale is named, each by itself', () => {
  it('a fact, to the leaf', () => {
    const wipe = {models: {S3Z8NB0K412345: {vendor: 'Samsung', model: 'PM883'}}};
    expect(changes({facts: {...plan.facts, wipe}})).toEqual([
      {
        about: 'fact',
        name: 'wipe.models.S3Z8NB0K412345.model',
        before: 'SAMSUNG MZ7LH480HAHQ-00005',
        now: 'PM883',
      },
    ]);
  });

  it('a fact that is new, and one that is gone', () => {
    const {isolate: _, ...rest} = plan.facts;
    expect(changes({facts: {...rest, extra: {a: 1}}})).toEqual([
      {about: 'fact', name: 'isolate.policy', before: 'none', now: null},
      {about: 'fact', name: 'extra.a', before: null, now: 1},
    ]);
  });

  it('a fact whose name every object has', () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      const odd = Object.fromEntries([[name, 1]]);
      expect(changes({facts: {...plan.facts, wipe: odd}}).find((each) => each.name === `wipe.${name}`)).toEqual({
        about: 'fact',
        name: `wipe.${name}`,
        before: null,
        now: 1,
      });
    }
    const top = differencesOf(documentOf(plan), {
      ...documentOf(plan),
      system: Object.assign({...plan.system}, {valueOf: 'x'}),
    });
    expect(top.stale).toContainEqual({about: 'machine', name: 'valueOf', before: null, now: 'x'});
  });

  it('the machine', () => {
    expect(changes({system: {...plan.system, serial: 'X'}})).toMatchObject([
      {about: 'machine', name: 'serial', now: 'X'},
    ]);
  });

  it('a disk that came, or went', () => {
    const [first] = plan.keptDisks;
    expect(changes({keptDisks: first ? [first] : []})).toMatchObject([
      {about: 'disk', name: '71Q0A0BEFVGG', now: null},
    ]);
  });

  it('an effect, a step, and the order of steps', () => {
    const [one, two, ...rest] = plan.steps;
    const silent = plan.steps.map((step) => (step.id === 'boot' ? {...step, effects: []} : step));
    expect(changes({steps: silent}).map(({about, name}) => `${about} ${name}`)).toEqual([
      'effect boot.boot',
      'effect boot.again',
    ]);
    expect(changes({steps: [two!, one!, ...rest]}).every(({about}) => about === 'step')).toBe(true);
    expect(changes({steps: [one!, ...rest]}).map(({about}) => about)).toContain('step');
  });

  it('the gate, the promise and an error', () => {
    expect(changes({gate: {approvers: 2, withinSeconds: 60, steps: ['wipe' as StepId]}}).map(({name}) => name)).toEqual(
      ['approvers', 'withinSeconds', 'steps'],
    );
    expect(changes({promiseSeconds: 1})).toMatchObject([{about: 'promise', before: 43_200, now: 1}]);
    expect(changes({errors: refusedPlan.errors})).toMatchObject([{about: 'error', name: 'wipe', before: null}]);
  });

  it('and what no table knows: a digest that is another', () => {
    const digest = '0'.repeat(64) as Plan['digest'];
    expect(changes({digest})).toMatchObject([{about: 'digest', now: digest}]);
  });
});

it('what was expected to move is told apart, and makes nothing stale', () => {
  const off = knownPlan.moving && {...knownPlan.moving, power: 'off' as const};
  const {stale, moved} = differencesOf(documentOf(plan), documentOf({...knownPlan, ...(off && {moving: off})}));
  expect(stale).toEqual([]);
  expect(moved.map(({name}) => name)).toEqual(expect.arrayContaining(['power', 'path.bytesPerSecond']));
});

it('of any two plans: no difference exactly where the digests are the same', () => {
  fc.assert(
    fc.property(randomPlan, randomPlan, (one, other) => {
      const same = differencesOf(documentOf(one), documentOf({...one, readAt: other.readAt}));
      expect(same.stale).toEqual([]);
      const {stale} = differencesOf(documentOf(one), documentOf(other));
      expect(stale.length === 0).toBe(one.digest === other.digest);
    }),
  );
});

it('one change anywhere in the facts is one difference', () => {
  fc.assert(
    fc.property(randomPlan, fc.string(), (one, value) => {
      const id = one.steps[0]!.id;
      const facts = {...one.facts, [id]: {...one.facts[id], added: {deep: value}}};
      const {stale} = differencesOf(documentOf(one), documentOf({...one, facts}));
      expect(stale.filter(({name}) => name === `${id}.added.deep`)).toMatchObject([{about: 'fact', now: value}]);
    }),
  );
});
