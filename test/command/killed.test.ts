import {beforeAll, expect, test} from 'vitest';
import {anySeed, chance} from '../../src/lab/fault/chance.ts';
import {calm, pointText, survives, type Calm} from '../simulator/kill-points.ts';

// The real command with its real journal, on a simulated machine that counts what it is given. Every point is tried by
// `npm run test:real`; here a few, drawn from a seed.

const seed = Number(process.env['REBUILD_SEED'] ?? anySeed());
const draw = chance(seed, 'points');
let undisturbed: Calm;
beforeAll(async () => {
  undisturbed = await calm();
});

test(`killed at points drawn from seed ${seed}, alone and in pairs, the command resumes to the same end`, async () => {
  const {points, outcome} = undisturbed;
  expect(points.length).toBeGreaterThan(100);
  const any = () => points[Math.floor(draw.between(0, points.length))]!;
  for (const chosen of [[any()], [any()], [any()], [any(), any()], [any(), any()]]) {
    process.stdout.write(`seed ${seed}: ${chosen.map((point) => pointText(point, outcome.effects)).join(', then ')}\n`);
    await survives(undisturbed, chosen);
  }
});
