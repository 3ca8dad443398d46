import {expect, test} from 'vitest';
import {uptimeOf} from './console.ts';

const shown = `BdsDxe: starting Boot0001
REBUILD 3.91 stage=init
REBUILD 7.02 stage=ready ram=complete
Welcome to GRUB!
REBUILD 4.10 stage=init
REBUILD 4.90 stage=initial
REBUILD 8.40 stage=ready ram=complete
`;

test('takes the last start’s uptime at a stage', () => {
  expect(uptimeOf(shown, 'init')).toBe(4.1);
  expect(uptimeOf(shown, 'ready')).toBe(8.4);
  expect(uptimeOf(shown, 'whole')).toBeUndefined();
});
