import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {unaudited} from '../../src/step/bmc/unaudited.ts';

const of = (...kinds: readonly string[]): string | undefined => {
  const steps = kinds.map((kind) => ({
    id: kind as StepId,
    kind,
    params: {},
    place: {file: 'runbooks/marruuk.yaml', line: 1, column: 1},
  }));
  const [effect, ...more] = unaudited({steps});
  expect(more).toEqual([]);
  return effect && `${effect.says} (${effect.certainty.is === 'not' ? effect.certainty.because : ''})`;
};

test('what is left out of the BMC before a medium is mounted is in the plan, as not done', () => {
  const both = 'hold the BMC against a baseline, change its password (no bmc.audit, no bmc.rotate before this)';
  expect(of('port.isolate', 'media.mount', 'target.boot')).toBe(both);
  // Afterwards it is too late for what was mounted.
  expect(of('media.mount', 'bmc.audit', 'bmc.rotate')).toBe(both);
  expect(of('bmc.audit', 'media.mount', 'bmc.audit')).toBe('change its password (no bmc.rotate before this)');
  expect(of('bmc.audit', 'bmc.rotate', 'media.mount')).toBeUndefined();
});
