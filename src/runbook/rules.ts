import type {Finding} from './finding.ts';
import type {Runbook} from './runbook.ts';

/** Two names for one serial number: a step could then erase a disk under one name that is kept under the other. */
export function mistakesInDisks({disks}: Runbook): readonly Finding[] {
  const names = new Map<string, string>();
  const findings: Finding[] = [];
  for (const {name, serial} of Object.values(disks)) {
    if (serial === '') continue;
    const key = serial.toUpperCase();
    const other = names.get(key);
    if (other !== undefined)
      findings.push({
        at: {on: 'value', path: ['disks', name, 'serial']},
        says: `disks.${name}.serial: disk "${other}" has the same serial number`,
      });
    names.set(key, name);
  }
  return findings;
}
