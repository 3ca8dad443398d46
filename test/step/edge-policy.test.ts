import {expect, test} from 'vitest';
import {samePolicy} from '../../src/step/isolation/edge-policy.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';

const serving = {
  mode: 'serving',
  admit: ['10.9.0.2', '10.9.0.3'],
  open: ['tcp/22', 'tcp/443'],
  out: ['tcp/443', 'udp/53'],
  block: ['tcp/80', 'tcp/445'],
} as const satisfies EdgePolicy;

test('the order and repetition in which a policy is written make no difference', () => {
  const again: EdgePolicy = {
    mode: 'serving',
    admit: serving.admit.toReversed(),
    open: [...serving.open, ...serving.open],
    out: [...serving.out, ...serving.out].toReversed(),
    block: serving.block.toReversed(),
  };
  expect(samePolicy(serving, again)).toBe(true);
});

test.each(['admit', 'open', 'out', 'block'] as const)('one more or one less in `%s` is another policy', (list) => {
  expect(samePolicy(serving, {...serving, [list]: serving[list].slice(1)})).toBe(false);
  expect(samePolicy({...serving, [list]: []}, serving)).toBe(false);
});

test('the mode counts, and no policy is the same as none', () => {
  expect(samePolicy({mode: 'quarantine', admit: serving.admit}, {...serving, open: [], out: [], block: []})).toBe(
    false,
  );
  expect(samePolicy(undefined, serving)).toBe(false);
  expect(samePolicy(undefined, undefined)).toBe(false);
});
