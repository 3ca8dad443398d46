import {expect, it} from 'vitest';
import {pathOf, withSeen} from '../../src/plan/path.ts';
import type {MediumWatch} from '../../src/step/interruption.ts';

const mount = (more: Partial<MediumWatch> = {}): MediumWatch => ({
  mountedSeconds: 200,
  readSeconds: 150,
  bytes: 25_000_000,
  lost: false,
  ...more,
});

it('nothing said and nothing seen: nothing is known', () => {
  expect(pathOf(undefined, [])).toEqual({rateFrom: 'nothing', losses: {known: 'nothing'}});
});

it('the rate of the last mounts, and every loss that was seen', () => {
  const lost = mount({lost: true, readSeconds: 50, bytes: 10_000_000, mountedSeconds: 100});
  expect(pathOf(undefined, [mount(), lost])).toEqual({
    bytesPerSecond: 175_000,
    rateFrom: 'earlier runs',
    losses: {known: 'seen', losses: 1, seconds: 300},
  });
});

it('only the newest mounts say how fast the path is', () => {
  const old = Array.from({length: 20}, () => mount({bytes: 150_000_000}));
  const recent = Array.from({length: 5}, () => mount({bytes: 1_500_000}));
  expect(pathOf(undefined, [...old, ...recent]).bytesPerSecond).toBe(10_000);
});

it('a moment, or a few bytes, is no measurement', () => {
  const few = [mount({bytes: 4096}), mount({readSeconds: 0.2})];
  expect(pathOf(undefined, few)).toMatchObject({rateFrom: 'nothing', losses: {known: 'seen', losses: 0}});
});

it('the operator’s word comes first, each part by itself', () => {
  expect(pathOf({bytesPerSecond: 170_000}, [mount()])).toMatchObject({
    bytesPerSecond: 170_000,
    rateFrom: 'runbook',
    losses: {known: 'seen'},
  });
  expect(pathOf({unmountSeconds: 1800}, [mount()])).toMatchObject({
    rateFrom: 'earlier runs',
    losses: {known: 'mean', seconds: 1800},
  });
  expect(pathOf({unmountSeconds: 1800, sessionSeconds: 900}, []).losses).toEqual({known: 'session', seconds: 900});
});

it('losses of this boot are added to those seen before, and overrule nobody’s word', () => {
  const lost = mount({lost: true});
  expect(withSeen({known: 'seen', losses: 2, seconds: 1000}, [lost])).toEqual({
    known: 'seen',
    losses: 3,
    seconds: 1200,
  });
  expect(withSeen({known: 'mean', seconds: 60}, [lost])).toEqual({known: 'mean', seconds: 60});
});
