import {stat} from 'node:fs/promises';
import {systemClock} from '../clock.ts';
import {fault} from '../fault.ts';
import {hostKeyPin, type HostKeyPin} from '../brand.ts';
import {follow} from '../pace.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import type {NetworkSpec} from '../runbook/runbook.ts';
import {hostSsh, type Blueprint} from './blueprint.ts';
import type {LabFolder} from './folder.ts';
import {keyFiles} from './material.ts';
import type {LabNetwork} from './network/network.ts';
import {runProgram} from './program.ts';

/** What the old system must be like. */
export interface SuspectWish {
  readonly hostname: string;
  readonly network: Pick<NetworkSpec, 'mac' | 'address' | 'gateway'> & {
    readonly ipv6?: {readonly address: string; readonly gateway: string};
  };
  /** One authorized_keys line, for root: a key that opens nothing else in the lab. */
  readonly authorizedKey: string;
  /** What its beacon dials, over and over. */
  readonly beacon: {readonly address: string; readonly port: number};
  /** Whom its spreader tries. */
  readonly neighbours: readonly string[];
  /** Where its disk goes: a raw image of `sizeBytes` that boots under BIOS and UEFI. */
  readonly disk: string;
  readonly sizeBytes: number;
  readonly progress: Tell;
  readonly signal: AbortSignal;
}

/** Makes the old system's disk. */
export type MakeSuspect = (wish: SuspectWish) => Promise<Result<void>>;

/** The old system as it answers now. */
export interface SuspectAnswer {
  readonly hostPin: HostKeyPin;
  readonly bootId: string;
}

// Its boot takes about 20 s on two quiet cores without KVM, and many times that on a machine that others use: as long as
// its console says something new, it is on its way.
const stallMs = 300_000;

/** Waits until the old system answers by SSH, from the controller's station. */
export async function awaitSuspect(
  lab: Blueprint,
  folder: LabFolder,
  network: LabNetwork,
  signal: AbortSignal,
): Promise<Result<SuspectAnswer>> {
  const answered = await follow<SuspectAnswer>(
    async () => {
      const answer = await askSuspect(lab, folder, network, signal);
      if (answer.ok) return {done: answer.value};
      return {progress: (await stat(folder.serialConsole).catch(() => undefined))?.size ?? 0};
    },
    {everyMs: 500, stallMs, clock: systemClock, signal},
  );
  if (answered.end === 'met') return ok(answered.value);
  const says =
    answered.end === 'aborted'
      ? 'interrupted'
      : `the old system does not answer by SSH, and its console has shown nothing for ${stallMs / 1000} s`;
  return failed(fault('lab.failed', says, {next: `rebuild lab console ${lab.host}`}));
}

const question = 'cat /proc/sys/kernel/random/boot_id && ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';

/** Asks it once. Its key is not pinned: the lab made it, and whoever answers is only read. */
export async function askSuspect(
  lab: Blueprint,
  folder: LabFolder,
  network: LabNetwork,
  signal?: AbortSignal,
): Promise<Result<SuspectAnswer>> {
  const {suspectKey} = keyFiles(folder);
  const {address, port} = hostSsh(lab);
  const asked = await runProgram(
    [
      network.on('controller'),
      ['ssh', '-F', 'none', '-i', suspectKey, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ['-o', 'ConnectTimeout=3', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ['-o', 'LogLevel=ERROR', '-p', String(port), `root@${address}`, question],
    ].flat(),
    {timeoutMs: 20_000, ...(signal && {signal})},
  );
  if (!asked.ok) return asked;
  const [bootId = '', key = ''] = asked.value.split('\n');
  const hostPin = hostKeyPin(key.split(' ')[1] ?? '');
  return /^[0-9a-f-]{36}$/.test(bootId) && hostPin !== undefined
    ? ok({bootId, hostPin})
    : failed(fault('lab.failed', 'the old system answered something else than was asked'));
}
