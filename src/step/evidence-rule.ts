import type {Runbook} from '../runbook/runbook.ts';
import type {Mistake} from './step.ts';

/** Steps after which the old system no longer runs. */
const endsOldSystem = ['media.mount', 'installer.boot', 'target.boot', 'disk.wipe'];

/** What no longer can be asked must have been secured: some `evidence.capture` stands before every step that erases. */
export function mistakesWithoutEvidence({steps}: Runbook, at: number): readonly Mistake[] {
  const before = steps.slice(0, at);
  if (before.some(({kind}) => kind === 'evidence.capture')) return [];
  const first = steps.find(({kind}) => endsOldSystem.includes(kind));
  return [
    {
      path: ['do'],
      says: 'disk.wipe without evidence.capture before it',
      hint: `add, before step "${first?.id ?? ''}":`,
      add: [
        '  - id: evidence',
        '    do: evidence.capture',
        '    profile: none',
        '    waiver:',
        '      by: YOUR NAME',
        '      reason: WHY NOTHING NEED BE KEPT',
      ],
    },
  ];
}
