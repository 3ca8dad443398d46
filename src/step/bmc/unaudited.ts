import type {Runbook} from '../../runbook/runbook.ts';
import type {Effect} from '../step.ts';

/**
 * What a runbook leaves out before it believes a BMC that a medium is mounted, as a plan shows what is not done. Whoever
 * owned the host may own its BMC, and is not erased with the disks. No mistake: not every BMC can be audited.
 */
export function unaudited({steps}: Pick<Runbook, 'steps'>): readonly Effect[] {
  const first = steps.findIndex(({kind}) => kind === 'media.mount');
  const before = new Set(steps.slice(0, Math.max(0, first)).map(({kind}) => kind));
  const missing = [
    ['bmc.audit', 'hold the BMC against a baseline'],
    ['bmc.rotate', 'change its password'],
  ].filter(([kind = '']) => !before.has(kind));
  return missing.length === 0
    ? []
    : [
        {
          id: 'bmc-as-it-is',
          says: missing.map(([, says]) => says).join(', '),
          certainty: {is: 'not', because: `no ${missing.map(([kind]) => kind).join(', no ')} before this`},
          undo: false,
          irreversible: false,
        },
      ];
}
