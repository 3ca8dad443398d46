import {copyFile, mkdir, writeFile} from 'node:fs/promises';
import type {Sha256} from '../brand.ts';
import {fault} from '../fault.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Blueprint, SuspectFacts} from './blueprint.ts';
import {giveBack} from './borrowed.ts';
import {writeDescription, type Description} from './description.ts';
import {takeDown} from './down.ts';
import {drawBlueprint, namespacePrefix} from './draw.ts';
import {labFolder, socketFits, type LabFolder} from './folder.ts';
import type {LabControl} from './keeper/control-client.ts';
import {startKeeper} from './keeper/start.ts';
import {findAccelerator} from './machine/accelerator.ts';
import {firmwareText, ovmfOf, type FirmwareChoice} from './machine/firmware.ts';
import {blankDisk, diskDigest, seededDisk} from './machine/disk-file.ts';
import {partitionDisk} from './machine/partitions.ts';
import {makeMaterial, type Material} from './material.ts';
import {layoutFor, six} from './network/layout.ts';
import {namespaceNetwork} from './network/namespaces.ts';
import type {LabNetwork} from './network/network.ts';
import {ensureRequirements, missingPackages, requirementsOf} from './requirements.ts';
import {awaitSuspect, type MakeSuspect} from './suspect.ts';
import {chooseNetwork, type NetworkKind} from './userspace/choice.ts';
import {userspaceLayout, userspaceNetwork} from './userspace/network.ts';
import {freePort} from './userspace/slirp.ts';

export interface RaiseOptions {
  /** The runbook's own unless given. */
  readonly firmware?: Blueprint['firmware'];
  /** The machine starts only what is signed; it is a UEFI machine then, whatever the runbook's is. */
  readonly secureBoot?: boolean;
  /** Without one the machine's disks are blank and it stays off. */
  readonly suspect?: MakeSuspect;
  readonly progress: Tell;
  readonly signal: AbortSignal;
}

/**
 * Builds a lab from nothing, after taking away what there was: network, keys, disks, keeper, and the old system, which
 * has really been booted from its disk when this resolves.
 */
export async function raise(runbook: Runbook, options: RaiseOptions): Promise<Result<Description>> {
  const {progress, signal} = options;
  const {name} = runbook.host;
  if (options.secureBoot && options.firmware === 'bios')
    return failed(fault('lab.usage', 'Secure Boot is a matter of UEFI: a BIOS starts whatever it finds'));
  await giveBack(name);
  const folder = labFolder(name);
  const kind = chooseNetwork();
  if (!kind.ok) return kind;
  const ready = await ensureRequirements({progress, signal, packages: missingPackages(requirementsOf(kind.value))});
  if (!ready.ok) return ready;
  const possible = canRaise(kind.value, folder);
  if (!possible.ok) return possible;
  const cleared = await takeDown(name);
  if (!cleared.ok) return cleared;
  const raised = await build(runbook, folder, kind.value, options);
  if (!raised.ok) await takeDown(name);
  return raised;
}

/** The firmware that a lab of `runbook` gets. */
export const firmwareOf = (
  {host}: Pick<Runbook, 'host'>,
  {firmware, secureBoot = false}: Pick<RaiseOptions, 'firmware' | 'secureBoot'>,
): FirmwareChoice => ({firmware: firmware ?? (secureBoot ? 'uefi' : host.firmware), secureBoot});

function canRaise(kind: NetworkKind, {control}: LabFolder): Result<void> {
  if (kind === 'namespaces' && process.getuid?.() !== 0)
    return failed(
      fault('lab.failed', 'the lab makes network namespaces, which needs root on this machine', {
        next: 'repeat the command as root',
      }),
    );
  return socketFits(control)
    ? ok(undefined)
    : failed(
        fault('lab.failed', `the path of the lab's socket is too long for the kernel: ${control}`, {
          next: 'set REBUILD_HOME to a shorter path',
        }),
      );
}

async function build(
  runbook: Runbook,
  folder: LabFolder,
  kind: NetworkKind,
  options: RaiseOptions,
): Promise<Result<Description>> {
  const {progress, signal} = options;
  const possible = layoutFor(runbook.network);
  if (!possible.ok) return possible;
  const layout = kind === 'userspace' ? userspaceLayout(possible.value) : possible.value;
  await mkdir(folder.disks, {recursive: true, mode: 0o700});
  progress({says: 'making keys and certificates'});
  const material = await makeMaterial(folder, layout.management.bmc);
  if (!material.ok) return material;
  const blueprint = drawBlueprint({
    runbook,
    folder,
    layout,
    material: material.value,
    ...firmwareOf(runbook, options),
    accelerator: await findAccelerator(),
    intruded: options.suspect !== undefined,
    ...(kind === 'userspace' && {userspace: {bmcPort: await freePort(), sshPort: await freePort()}}),
  });
  if (!blueprint.ok) return blueprint;
  const lab = blueprint.value;
  await writeFile(folder.blueprint, JSON.stringify(lab, null, 2), {mode: 0o600});
  const flash = ovmfOf(lab);
  if (flash) await copyFile(flash.variables, folder.firmwareVariables);

  const filled = await fillDisks(lab, material.value, runbook, options);
  if (!filled.ok) return filled;

  progress({says: 'laying the network'});
  const network = lab.userspace ? userspaceNetwork(folder) : namespaceNetwork(namespacePrefix(lab.host, folder));
  const laid = await network.lay(layout);
  if (!laid.ok) return laid;
  const control = await startKeeper(folder, network, signal);
  if (!control.ok) return control;

  const suspect = options.suspect
    ? await bootSuspect(lab, {folder, network, control: control.value}, options)
    : undefined;
  if (suspect && !suspect.ok) return suspect;
  const description = {blueprint: lab, ...(suspect && {suspect: suspect.value})};
  await writeDescription(folder, description);
  return ok(description);
}

async function bootSuspect(
  lab: Blueprint,
  {folder, network, control}: {folder: LabFolder; network: LabNetwork; control: LabControl},
  {progress, signal}: RaiseOptions,
): Promise<Result<SuspectFacts>> {
  progress({says: `starting the old system (${firmwareText(lab)}, ${lab.accelerator})`});
  const started = await control.power('on');
  if (!started.ok) return started;
  const answer = await awaitSuspect(lab, folder, network, signal);
  if (!answer.ok) return answer;
  progress({says: 'hashing the disks that are kept'});
  const kept: Record<string, Sha256> = {};
  for (const disk of lab.disks) if (disk.keep) kept[disk.name] = await diskDigest(disk.path, disk.partitions);
  return ok({...answer.value, kept});
}

async function fillDisks(
  lab: Blueprint,
  {suspectLine}: Material,
  {network}: Runbook,
  {suspect, progress, signal}: RaiseOptions,
): Promise<Result<void>> {
  for (const [index, disk] of lab.disks.entries()) {
    if (disk.keep || disk.partitions.length > 0) await seededDisk(disk.path, disk.sizeBytes, disk.serial);
    else if (index > 0 || suspect === undefined) await blankDisk(disk.path, disk.sizeBytes);
    else {
      progress({says: 'making the old system'});
      const made = await suspect({
        hostname: lab.host,
        network: {...network, ipv6: {address: `${six.lan.host}/${six.prefix}`, gateway: six.lan.gateway}},
        authorizedKey: suspectLine,
        beacon: {address: lab.layout.wan.outside, port: 80},
        neighbours: [lab.layout.lan.neighbour],
        disk: disk.path,
        sizeBytes: disk.sizeBytes,
        progress,
        signal,
      });
      if (!made.ok) return made;
    }
    const parted = await partitionDisk(disk);
    if (!parted.ok) return parted;
  }
  return ok(undefined);
}
