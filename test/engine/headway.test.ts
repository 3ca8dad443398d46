import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {headway} from '../../src/engine/headway.ts';
import {VirtualClock} from '../simulator/clock.ts';

const step = 'install' as StepId;
const says = 'writing';

test('what is told again is no headway, what was never reached before is', async () => {
  const clock = new VirtualClock();
  const {tell, made, at} = headway(clock);
  expect(made()).toBe(false);
  tell(step, {says, done: 80, of: 110});
  expect([made(), made()]).toEqual([true, false]);
  await clock.sleep(1000);
  for (const done of [0, 40, 80]) tell(step, {says, done, of: 110});
  tell(step, {says: 'waiting, 1 s'});
  expect([made(), at()]).toEqual([false, 0]);
  // A step that goes on counts from where it was.
  tell(step, {says, done: 10, of: 30});
  expect([made(), at()]).toEqual([true, 1000]);
});
