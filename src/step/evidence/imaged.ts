import type {DiskSpec, Runbook} from '../../runbook/runbook.ts';
import {specsOf} from '../disk.ts';

/** The disks of an image step: those it names, else those that some step erases. */
export function imagedDisks({disks}: {readonly disks?: readonly string[]}, runbook: Runbook): readonly DiskSpec[] {
  const erased = runbook.steps.flatMap(({kind, params}) =>
    kind === 'disk.wipe' && Array.isArray(params['disks'])
      ? params['disks'].filter((name) => typeof name === 'string')
      : [],
  );
  return specsOf([...new Set(disks ?? erased)], runbook);
}
