import type {DiskSpec, Runbook} from '../../runbook/runbook.ts';
import {osInstall} from '../os-install.ts';

/** Which image goes on which disk: what the runbook's os.install step says; undefined where it has none. */
export function installation({steps, disks}: Runbook): {readonly image: string; readonly disk: DiskSpec} | undefined {
  const entry = steps.find(({kind}) => kind === osInstall.kind);
  const params = osInstall.params.safeParse(entry?.params);
  const disk = params.success ? disks[params.data.disk] : undefined;
  return params.success && disk ? {image: params.data.image, disk} : undefined;
}
