import {describe, expect, it} from 'vitest';
import {outlook} from '../../src/plan/outlook.ts';
import {unknownPath, type MediumPath, type Way} from '../../src/plan/path.ts';
import {timesOf} from '../../src/plan/times.ts';
import {transferOutlook} from '../../src/plan/transfer.ts';
import {earlier, hopelessPlan, knownPlan, plan} from '../view/sample-plan.ts';

const {steps, facts} = plan;
const given = {steps, facts, outlooks: {}, runs: []};
const path: MediumPath = {bytesPerSecond: 170_000, rateFrom: 'runbook', losses: {known: 'nothing'}};
const other = 'f'.repeat(64);

describe('a step takes', () => {
  it('what earlier runs of the same host and image took, the closer the more of them there are', () => {
    const one = timesOf({...given, runs: [earlier()]}).steps['install'];
    expect(one).toEqual({is: 'range', from: 400 / 1.5, to: 600, by: 'earlier runs', runs: 1});
    const three = timesOf({...given, runs: [earlier(), earlier(), earlier(undefined, 2)]}).steps['install'];
    expect(three).toMatchObject({by: 'earlier runs', runs: 3});
    expect(three).toMatchObject({from: 400 / (1 + 0.5 / 3), to: 800 * (1 + 0.5 / 3)});
  });

  it('with another image, what it moves by the rate that was measured', () => {
    const runs = [earlier(other)];
    const link = {
      bytesPerSecond: 1e6,
      rateFrom: 'earlier runs',
      losses: {known: 'seen', losses: 0, seconds: 400},
    } as const;
    const outlooks = {install: transferOutlook({link, path}, {name: 'debian', packedBytes: 334_000_000})};
    const {steps} = timesOf({...given, runs, outlooks});
    // 334 MB at 900 kB/s are 371 s.
    expect(steps['install']).toMatchObject({is: 'range', by: 'measured rates', from: expect.closeTo(247, 0) as number});
    // A wipe brings no image: it is compared with every run.
    expect(steps['wipe']).toMatchObject({by: 'earlier runs', runs: 1});
  });

  it('as long as an image needs over the link, gone on with after each cut', () => {
    const over = (link: Way) =>
      timesOf({...given, outlooks: {install: transferOutlook({link, path}, {name: 'debian', packedBytes: 5.4e9})}})
        .steps['install'];
    const slow = over({...path, losses: {known: 'mean', seconds: 1800}});
    expect(slow).toMatchObject({is: 'range', from: expect.closeTo(31_765, 0) as number, by: 'measured rates'});
    expect(slow?.is === 'range' && slow.to).toBeCloseTo(32_880, -2);
    expect(over(path)).toMatchObject({from: 5.4e9 / 170_000, to: 5.4e9 / 170_000});
    expect(over({...path, bytesPerSecond: 0})).toMatchObject({is: 'unknown', because: 'nothing moves over its way'});
    expect(over(unknownPath)).toMatchObject({is: 'unknown'});
    // A chunk takes six seconds: losses every second let none through.
    expect(over({...path, losses: {known: 'session', seconds: 1}})).not.toHaveProperty('to');
  });

  it('what another step of that name took, never', () => {
    const renamed = steps.map((step) => (step.id === 'wipe' ? {...step, kind: 'media.stage'} : step));
    expect(timesOf({...given, steps: renamed, runs: [earlier(other)]}).steps['wipe']).toMatchObject({is: 'unknown'});
  });

  it('as long as the medium needs over the path, besides itself', () => {
    const over = (more: Partial<MediumPath>) =>
      timesOf({...given, outlooks: {mount: outlook({...path, ...more}, {name: 'light iso', bytes: 17_000_000})}}).steps;
    expect(over({})['boot']).toEqual({is: 'range', from: 110, to: 520, by: 'measured rates'});
    expect(over({})['mount']).toMatchObject({by: 'step'});
    expect(over({bytesPerSecond: 0})['boot']).toMatchObject({is: 'unknown'});
    const unmeasured = {mount: outlook({rateFrom: 'nothing', losses: {known: 'nothing'}}, {name: 'x', bytes: 1})};
    expect(timesOf({...given, outlooks: unmeasured}).steps['boot']).toMatchObject({is: 'unknown', atLeast: 10});
  });

  it('else nobody knows how long, and why is said', () => {
    const {steps} = timesOf(given);
    expect(steps['wipe']).toEqual({is: 'unknown', atLeast: 0, because: 'no earlier run has done it'});
    expect(steps['install']).toEqual({
      is: 'unknown',
      atLeast: 0,
      because: 'nobody has said or measured the rate of the link',
    });
  });

  it('no time at all of what will not be done', () => {
    expect(timesOf(given).steps['eject']).toMatchObject({is: 'range', from: 0, to: 0});
  });
});

const total = (promiseSeconds?: number, runs = [earlier()]) => timesOf({...given, runs, promiseSeconds}).total;

describe('all of it, against the promise', () => {
  it('is within, over, or open', () => {
    expect(total(12 * 3600)).toMatchObject({unknown: [], promise: 'within'});
    expect(total(60)).toMatchObject({promise: 'over'});
    expect(total(700)).toMatchObject({promise: 'open'});
    expect(total()).toMatchObject({promise: 'none'});
  });

  it('is never within while a step is unknown, and can be over all the same', () => {
    expect(total(12 * 3600, [])).toMatchObject({unknown: ['wipe', 'install', 'network', 'verify'], promise: 'open'});
    expect(total(12 * 3600, [])).not.toHaveProperty('to');
    expect(total(5, [])).toMatchObject({promise: 'over'});
  });

  it('has no end where a medium is not likely to get through', () => {
    expect(hopelessPlan.moving?.times.steps['boot']).toMatchObject({
      is: 'range',
      from: expect.closeTo(31_775, 0) as number,
    });
    expect(hopelessPlan.moving?.times.steps['boot']).not.toHaveProperty('to');
    expect(hopelessPlan.moving?.times.total).not.toHaveProperty('to');
  });

  it('is the sum of its steps', () => {
    const {steps, total} = knownPlan.moving!.times;
    const sum = Object.values(steps).reduce((sum, time) => sum + (time.is === 'range' ? time.from : 0), 0);
    expect(total.from).toBeCloseTo(sum);
  });
});
