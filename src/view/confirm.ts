import type {Difference} from '../plan/stale.ts';
import type {Plan} from '../plan/plan.ts';
import {bytes} from './bytes.ts';
import {count} from './count.ts';
import {escape, escapeTo} from './escape.ts';
import type {Paint} from './paint.ts';
import {writtenDisks} from './plan.ts';

/** What a person reads right before typing the host's name: the machine and every disk that loses its data. */
export function confirmText(plan: Plan, paint: Paint): readonly string[] {
  const {host, system} = plan;
  const disks = writtenDisks(plan);
  const machine = escape(`${system.vendor} ${system.model}`.trim());
  const head =
    disks.length === 0
      ? `This changes ${host} (${machine}, serial ${escape(system.serial)}). No disk is erased.`
      : `This erases ${count(disks.length, 'disk')} of ${host} (${machine}, serial ${escape(system.serial)}). No undo.`;
  return [
    `  ${paint('care', head)}`,
    ...disks.map(({serial, sizeBytes, name, model}) =>
      escapeTo(79, `    ${serial}  ${bytes(sizeBytes)}  ${name}${model ? `  ${model}` : ''}`),
    ),
  ];
}

export const confirmPrompt = '  Type the host name to begin: ';

/** Whether a plan still fits the world, and if not, every fact that differs. */
export function fitText(plan: Plan, differences: readonly Difference[]): readonly string[] {
  const facts = Object.values(plan.facts).reduce((sum, facts) => sum + Object.keys(facts).length, 0);
  const short = plan.digest.slice(0, 8);
  if (differences.length === 0) return [`Plan ${short} still fits: ${facts} facts read again, 0 differ.`];
  return [
    `Plan ${short} is stale: ${facts} facts read again, ${differences.length} differ${differences.length === 1 ? 's' : ''}.`,
    ...differences.flatMap(({fact, before, now}) => [
      `  ${escape(fact)}`,
      escapeTo(79, `    was  ${JSON.stringify(before)}`),
      escapeTo(79, `    is   ${JSON.stringify(now)}`),
    ]),
  ];
}
