import type {HostName} from '../brand.ts';
import type {Result} from '../result.ts';
import {ok} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Blueprint, SuspectFacts} from './blueprint.ts';
import {readDescription, type Description} from './description.ts';
import {namespacePrefix} from './draw.ts';
import {labFolder, type LabFolder} from './folder.ts';
import {labControl, type LabControl} from './keeper/control-client.ts';
import {diskDigest} from './machine/disk-file.ts';
import type {Station} from './network/layout.ts';
import {namespaceNetwork} from './network/namespaces.ts';
import {inNamespace, namespaceName} from './network/wiring.ts';
import {overlay} from './overlay.ts';
import {askSuspect, type SuspectAnswer} from './suspect.ts';
import {firmwareOf, raise, type RaiseOptions} from './up.ts';
import {userspaceNetwork} from './userspace/network.ts';

/** A lab that is up. */
export interface Lab {
  readonly host: HostName;
  readonly blueprint: Blueprint;
  /** The old system as it answered before anything was done to it; absent where the lab came up without one. */
  readonly suspect?: SuspectFacts;
  readonly folder: LabFolder;
  readonly control: LabControl;
  /** An argv prefix that runs a program on one of the lab's hosts; the controller's is where `rebuild` belongs. */
  on(station: Station): readonly string[];
  /** The old system asked anew over SSH; a fault where it no longer answers. */
  ask(): Promise<Result<SuspectAnswer>>;
  /** Whether the kept disks still hold what they held before anything was done, by disk name. */
  keptDisks(): Promise<Readonly<Record<string, 'untouched' | 'changed'>>>;
}

export interface LabUpOptions extends RaiseOptions {
  /** Takes away a lab that is up; otherwise one that fits the runbook stays as it is. */
  readonly fresh: boolean;
}

/** Brings up the lab of the runbook's host. Minutes where it has to be built, at once where it is up. */
export async function labUp(runbook: Runbook, options: LabUpOptions): Promise<Result<Lab>> {
  if (!options.fresh) {
    const up = await labAttach(runbook.host.name);
    if (up.ok && fits(up.value.blueprint, runbook, options)) return up;
  }
  const raised = await raise(runbook, options);
  return raised.ok ? ok(attach(runbook.host.name, raised.value)) : raised;
}

/** The host's lab; `lab.down` where there is none, or where nobody keeps it any more. */
export async function labAttach(host: HostName): Promise<Result<Lab>> {
  const described = await readDescription(host, labFolder(host));
  if (!described.ok) return described;
  const lab = attach(host, described.value);
  const status = await lab.control.status();
  return status.ok ? ok(lab) : status;
}

/** The runbook with the lab's devices in place of its own; its steps stay. */
export const labOverlay = (runbook: Runbook, {blueprint, folder, suspect}: Lab): Runbook =>
  overlay(runbook, blueprint, folder, suspect?.hostPin);

/** The network namespace that `rebuild HOST --lab` runs in. */
export const controllerNamespace = ({blueprint}: Lab): string => namespaceName(blueprint.prefix, 'controller');

/** An argv prefix that runs a program in it; undefined where the controller is this machine itself. */
export const insideController = (lab: Lab): readonly string[] | undefined =>
  lab.blueprint.userspace ? undefined : inNamespace(controllerNamespace(lab));

function attach(host: HostName, {blueprint, suspect}: Description): Lab {
  const folder = labFolder(host);
  const network = blueprint.userspace ? userspaceNetwork(folder) : namespaceNetwork(namespacePrefix(host, folder));
  return {
    host,
    blueprint,
    ...(suspect && {suspect}),
    folder,
    control: labControl(folder.control),
    on: (station) => network.on(station),
    ask: () => askSuspect(blueprint, folder, network),
    async keptDisks() {
      const verdicts: Record<string, 'untouched' | 'changed'> = {};
      for (const {name, path, partitions} of blueprint.disks.filter(({keep}) => keep))
        verdicts[name] = (await diskDigest(path, partitions)) === suspect?.kept[name] ? 'untouched' : 'changed';
      return verdicts;
    },
  };
}

/** A lab is as good as another when the runbook asks for the same machine at the same address. */
function fits(lab: Blueprint, runbook: Runbook, options: RaiseOptions): boolean {
  const {firmware, secureBoot} = firmwareOf(runbook, options);
  const disks = Object.values(runbook.disks)
    .filter(({ram}) => !ram)
    .map(({name, serial, keep}) => `${name} ${serial} ${keep}`);
  const [address] = runbook.network.address.split('/');
  return (
    lab.firmware === firmware &&
    lab.secureBoot === secureBoot &&
    lab.serial === runbook.host.serial &&
    lab.mac === runbook.network.mac &&
    lab.layout.lan.host === address &&
    disks.toSorted().join() ===
      lab.disks
        .flatMap(({name, serial, keep, partitions}) => [
          `${name} ${serial} ${keep}`,
          ...partitions.map((part) => `${part.name} ${serial}@${part.uuid ?? part.number} false`),
        ])
        .toSorted()
        .join()
  );
}
