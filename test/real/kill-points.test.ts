import {beforeAll, expect, test} from 'vitest';
import {calm, survives, type Calm} from '../simulator/kill-points.ts';

// The real command with its real journal, killed before and after every commit and every effect, on a simulated machine.

let undisturbed: Calm;
beforeAll(async () => {
  undisturbed = await calm();
});

test('killed at every point, the command resumes to the same end', async () => {
  const left = [...undisturbed.points];
  const all = left.length;
  expect(all).toBeGreaterThan(100);
  const worker = async (): Promise<void> => {
    for (let point = left.shift(); point; point = left.shift()) await survives(undisturbed, [point]);
  };
  await Promise.all([worker(), worker(), worker()]);
  process.stdout.write(`${all} points\n`);
});
