import type {Plan} from '../plan/plan.ts';
import {count} from './count.ts';
import {escape, escapeTo} from './escape.ts';
import type {Paint} from './paint.ts';
import {diskText, writtenDisks} from './plan-disks.ts';

/** What a person reads right before typing the host's name: the machine and every disk that loses its data. */
export function confirmText(plan: Plan, paint: Paint): readonly string[] {
  const {host, system} = plan;
  const disks = writtenDisks(plan);
  const machine = escape(`${system.vendor} ${system.model}`.trim());
  const head =
    disks.length === 0
      ? `This changes ${host} (${machine}, serial ${escape(system.serial)}). No disk is erased.`
      : `This erases ${count(disks.length, 'disk')} of ${host} (${machine}, serial ${escape(system.serial)}). No undo.`;
  return [`  ${paint('care', head)}`, ...disks.map((disk) => escapeTo(79, `    ${diskText(disk)}  ${disk.name}`))];
}

export const confirmPrompt = '  Type the host name to begin: ';
