import type {HostKeyPin, Sha256} from '../../src/brand.ts';
import type {Blueprint} from '../../src/lab/blueprint.ts';
import {drawBlueprint} from '../../src/lab/draw.ts';
import {labFolderAt} from '../../src/lab/folder.ts';
import {layoutFor} from '../../src/lab/network/layout.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {labRunbook} from './lab-runbook.ts';

export const labMaterial = {
  certificate: 'c'.repeat(64) as Sha256,
  pins: {
    gateway: `SHA256:${'g'.repeat(43)}` as HostKeyPin,
    neighbour: `SHA256:${'n'.repeat(43)}` as HostKeyPin,
    outside: `SHA256:${'o'.repeat(43)}` as HostKeyPin,
  },
  suspectLine: 'ssh-ed25519 AAAA rebuild-lab-suspect',
};

export const labDirectory = '/state/lab/machines/marruuk';

/** The blueprint of the lab of `labRunbook`, nothing of which exists. */
export function labBlueprint(
  firmware: Runbook['host']['firmware'] = 'uefi',
  runbook = labRunbook(),
  secureBoot = false,
): Blueprint {
  const layout = layoutFor(runbook.network);
  if (!layout.ok) throw new Error(layout.fault.says);
  const folder = labFolderAt(labDirectory);
  const drawn = drawBlueprint({
    runbook,
    folder,
    layout: layout.value,
    material: labMaterial,
    firmware,
    secureBoot,
    accelerator: 'tcg',
    intruded: false,
  });
  if (!drawn.ok) throw new Error(drawn.fault.says);
  return drawn.value;
}
