import {serial} from '../brand.ts';
import type {Plan} from '../plan/plan.ts';
import type {Subject} from './statement.ts';

/** What a plan makes of a statement: the machine, and every disk that loses its data. */
export function subjectOf(plan: Plan): Pick<Subject, 'version' | 'host' | 'plan' | 'machine' | 'disks'> {
  const disks = plan.steps.flatMap(({effects}) =>
    effects.flatMap(({disk, certainty}) => (disk && certainty.is !== 'not' ? (serial(disk.serial) ?? []) : [])),
  );
  return {
    version: 1,
    host: plan.host,
    plan: plan.digest,
    machine: plan.system.serial,
    disks: [...new Set(disks)].toSorted(),
  };
}
