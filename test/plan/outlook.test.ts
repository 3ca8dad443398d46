import {expect, it} from 'vitest';
import {outlook} from '../../src/plan/outlook.ts';
import type {MediumPath} from '../../src/plan/path.ts';

/** The incident: 170 kB/s, and the KVM's session is gone within half an hour. */
const incident: MediumPath = {
  bytesPerSecond: 170_000,
  rateFrom: 'runbook',
  losses: {known: 'mean', seconds: 1800},
};
const own = {lightBytes: 25_800_000};
const vendor = {name: 'iso/vendor.iso', bytes: 5_400_000_000, promiseSeconds: 12 * 3600, own};

it('the incident’s image is refused, with numbers, and the light one offered with its own', () => {
  const {refusal, medium, light} = outlook(incident, vendor);
  expect(refusal).toMatchObject({code: 'media.hopeless'});
  expect(refusal?.says).toBe(
    'iso/vendor.iso, 5400 MB at 170 kB/s, takes 8.8 h, and the path loses a medium every 30 min: ' +
      'less than one chance in a million. The light ISO, 25.8 MB at 170 kB/s, takes 3 min: 92 % before the next loss.',
  );
  expect(refusal?.next).toContain('image: light');
  expect(refusal?.detail).toMatchObject({bytes: 5.4e9, bytesPerSecond: 170_000, lightSeconds: 152});
  expect(medium?.verdict).toMatchObject({is: 'hopeless', because: 'losses'});
  expect(light?.verdict.is).toBe('likely');
});

it('is refused all the same where nobody can tell how large the light one is, without the comparison', () => {
  const {refusal, light} = outlook(incident, {...vendor, own: {}});
  expect(light).toBeUndefined();
  expect(refusal?.says).toBe(
    'iso/vendor.iso, 5400 MB at 170 kB/s, takes 8.8 h, and the path loses a medium every 30 min: ' +
      'less than one chance in a million. How large the light ISO is could not be told.',
  );
  expect(refusal?.next).toContain('image: light');
  expect(refusal?.detail).toMatchObject({lightBytes: null, lightSeconds: null, lightChance: null});
});

it('by a session limit too', () => {
  const {refusal} = outlook({...incident, losses: {known: 'session', seconds: 1800}}, vendor);
  expect(refusal?.says).toContain('the path ends every session after 30 min: less than one chance');
});

it('and where it takes longer than was promised, or nothing moves', () => {
  const slow = outlook({...incident, bytesPerSecond: 100_000}, vendor);
  expect(slow.refusal?.says).toContain('takes 15.0 h, and 12.0 h are promised');
  expect(outlook({...incident, bytesPerSecond: 0}, vendor).refusal?.says).toContain('5400 MB, does not move');
});

it('is not refused where somebody said why, and that goes with it', () => {
  const forced = outlook(incident, {...vendor, own: {...own, force: 'the BMC reads from its own cache'}});
  expect(forced.refusal).toBeUndefined();
  expect(forced).toMatchObject({forced: 'the BMC reads from its own cache', medium: {verdict: {is: 'hopeless'}}});
});

it('is not refused for what nobody has measured or watched', () => {
  expect(outlook({rateFrom: 'nothing', losses: {known: 'mean', seconds: 1800}}, vendor)).not.toHaveProperty('refusal');
  const unwatched = outlook({...incident, losses: {known: 'nothing'}}, vendor);
  expect(unwatched.refusal).toBeUndefined();
  expect(unwatched.medium?.verdict).toEqual({is: 'unknown', because: 'unwatched'});
});

it('the light ISO is never refused: there is nothing lighter', () => {
  const path: MediumPath = {...incident, bytesPerSecond: 1000};
  const light = outlook(path, {name: 'light iso', bytes: 25_800_000, promiseSeconds: 3600});
  expect(light.medium?.verdict.is).toBe('hopeless');
  expect(light.refusal).toBeUndefined();
});

it('a medium that gets through is not refused', () => {
  expect(outlook({...incident, bytesPerSecond: 100e6}, vendor).refusal).toBeUndefined();
});
