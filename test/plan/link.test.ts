import {expect, it} from 'vitest';
import {linkOf, type Carried} from '../../src/plan/link.ts';
import {unknownPath, type MediumPath, type Way} from '../../src/plan/path.ts';
import {transferOutlook} from '../../src/plan/transfer.ts';

const once = (more: Partial<Carried> = {}): Carried => ({
  seconds: 2000,
  cuts: 1,
  moved: {bytes: 340_000_000, seconds: 1900},
  ...more,
});

it('nothing said and nothing carried: nothing is known', () => {
  expect(linkOf(undefined, [])).toEqual({rateFrom: 'nothing', losses: {known: 'nothing'}});
});

it('the rate while bytes moved, and every cut of all that was under way', () => {
  const {moved: _, ...unfinished} = once({cuts: 3, seconds: 1000});
  expect(linkOf(undefined, [once(), unfinished])).toEqual({
    bytesPerSecond: 340_000_000 / 1900,
    rateFrom: 'earlier runs',
    losses: {known: 'seen', losses: 4, seconds: 3000},
  });
});

it('a moment, or a few bytes, is no measurement', () => {
  const few = [once({moved: {bytes: 5000, seconds: 100}}), once({moved: {bytes: 5e6, seconds: 0.2}})];
  expect(linkOf(undefined, few)).toMatchObject({rateFrom: 'nothing', losses: {known: 'seen'}});
});

it('only the newest say how fast it is', () => {
  const old = Array.from({length: 20}, () => once({moved: {bytes: 1e9, seconds: 10}}));
  const recent = Array.from({length: 5}, () => once({moved: {bytes: 2e6, seconds: 20}}));
  expect(linkOf(undefined, [...old, ...recent]).bytesPerSecond).toBe(100_000);
});

it('the operator’s word comes first, each part by itself', () => {
  expect(linkOf({bytesPerSecond: 170_000}, [once()])).toMatchObject({rateFrom: 'runbook', losses: {known: 'seen'}});
  expect(linkOf({cutSeconds: 1800}, [once()])).toMatchObject({
    rateFrom: 'earlier runs',
    losses: {known: 'mean', seconds: 1800},
  });
});

const incident: Way = {bytesPerSecond: 170_000, rateFrom: 'runbook', losses: {known: 'mean', seconds: 1800}};
const iso = {name: 'vendor.iso', packedBytes: 5_000_000_000, isoBytes: 5_400_000_000, promiseSeconds: 12 * 3600};

it('an image over the link takes nine hours with resume, and the same ISO as the virtual CD millennia', () => {
  const {transfer, direct} = transferOutlook({link: incident, path: incident}, iso);
  expect(transfer).toMatchObject({
    sizeBytes: 5e9,
    resume: {is: 'seconds', seconds: expect.closeTo(30_500, -3) as number},
  });
  expect(direct?.medium).toMatchObject({sizeBytes: 5.4e9, verdict: {is: 'hopeless', because: 'losses'}});
});

it('each way is known by itself: what the BMC reads over says nothing of the link', () => {
  const path: MediumPath = incident;
  expect(transferOutlook({link: unknownPath, path}, iso)).not.toHaveProperty('transfer');
  expect(transferOutlook({link: incident, path: unknownPath}, iso).direct).not.toHaveProperty('medium');
});

it('an image that is no ISO has no other way to come', () => {
  const {isoBytes: _, ...image} = iso;
  expect(transferOutlook({link: incident, path: incident}, image)).not.toHaveProperty('direct');
});
