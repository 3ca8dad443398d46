import {catalogue} from '../fault-catalogue.ts';
import type {Fault} from '../fault.ts';

/**
 * A fault of a command that has begun no run: where the catalogue's advice is to resume, the command itself is to be
 * typed again, with the runbook's file where it was named. A run that stands in the way, or a colleague's, is resumed all
 * the same.
 */
export function beforeRun(trouble: Fault, command: 'run' | 'plan', runbook?: string): Fault {
  if (trouble.code === 'run.unfinished' || trouble.code === 'run.handed-over' || trouble.code === 'lease.held')
    return trouble;
  const next = trouble.next ?? catalogue[trouble.code].next;
  const again = next.replaceAll('rebuild resume HOST', `rebuild ${command} HOST`);
  const better =
    runbook === undefined ? again : again.replaceAll(/rebuild (?:run|plan) HOST/g, `$& --runbook ${runbook}`);
  return better === next ? trouble : {...trouble, next: better};
}
