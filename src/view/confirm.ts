import type {StepId} from '../brand.ts';
import type {Plan} from '../plan/plan.ts';
import {stopAfter} from '../plan/until.ts';
import {count} from './count.ts';
import {escapeTo, wrap} from './escape.ts';
import type {Paint} from './paint.ts';
import {diskText, writtenDisks} from './plan-disks.ts';

/** What a person reads right before typing the host's name: the machine and every disk that loses its data. */
export function confirmText(plan: Plan, paint: Paint, until?: StepId): readonly string[] {
  const {host, system} = plan;
  const disks = writtenDisks(plan);
  // Cut, so that no name can push the serial numbers off the screen.
  const machine = `${escapeTo(24, `${system.vendor} ${system.model}`.trim())}, serial ${escapeTo(20, system.serial)}`;
  const head =
    disks.length === 0
      ? `This changes ${host} (${machine}). No disk is erased.`
      : `This erases ${count(disks.length, 'disk')} of ${host} (${machine}). No undo.`;
  // The name is asked for once: a resume goes on without it.
  const later = disks.length > 0 && until !== undefined && writtenDisks(stopAfter(plan, until)).length < disks.length;
  return [
    ...(later ? [`  This sitting stops after ${until}. When it is resumed, nobody is asked again:`] : []),
    ...wrap(head, 77).map((line) => `  ${paint('care', line)}`),
    ...disks.map((disk) => escapeTo(79, `    ${diskText(disk)}  ${disk.name}`)),
  ];
}

export const confirmPrompt = '  Type the host name to begin: ';
