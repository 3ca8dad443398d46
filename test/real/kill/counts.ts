import {spawn} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import type {Lab} from '../../../src/lab/lab.ts';
import type {DiskCounts} from '../../../src/lab/machine/disk-counts.ts';
import {runProgram} from '../../../src/lab/program.ts';
import type {Result} from '../../../src/result.ts';

/** What happened to the lab's machine and gateway, told by those themselves and by no controller. */
export interface Counts {
  readonly disks: Readonly<Record<string, DiskCounts>>;
  /** Bytes set to zero on all disks. */
  readonly zeroed: Zeroed;
  /** Bytes that left the gateway's port towards the host. */
  readonly lineBytes: number;
  /** What was done to the machine through its BMC. */
  readonly effects: {
    readonly inserts: number;
    readonly ejects: number;
    readonly resets: number;
    readonly drops: number;
  };
  readonly starts: number;
}

/**
 * By an NVMe disk's own format, and by all else: Write Zeroes, which is how the light system blanks a disk, and writes of
 * nothing but zeroes. Where a disk is formatted and then blanked, each is the disk's size, once.
 */
export interface Zeroed {
  readonly formattedBytes: number;
  readonly filledBytes: number;
}

export async function countsOf(lab: Lab): Promise<Counts> {
  const [disks, status, log, link] = await Promise.all([
    lab.control.disks(),
    lab.control.status(),
    readFile(lab.folder.machineLog, 'utf8'),
    runProgram([...lab.on('gateway'), 'ip', '-j', '-s', 'link', 'show', 'dev', lab.blueprint.layout.hostPort]),
  ]);
  const [port] = JSON.parse(must(link)) as readonly [{stats64: {tx: {bytes: number}}}];
  const {effects, starts} = must(status);
  return {disks: must(disks), zeroed: zeroedIn(log), lineBytes: port.stats64.tx.bytes, effects, starts};
}

/**
 * The most that a guest's Write Zeroes can name: NLB has 16 bits (NVM Command Set 1.0, 3.2.8), of blocks of 512 bytes.
 * `nvme_format_ns_cb` of QEMU's hw/nvme/ctrl.c zeroes in pieces of up to 2 GiB, which the lab's disks are larger than.
 */
const mostByCommand = 65_536 * 512;

/**
 * `bdrv_co_pwrite_zeroes` of QEMU's block/io.c, a line each. A write of nothing but zeroes is turned into one
 * (`detect-zeroes`), and is in the disk's `writtenBytes` too; an NVMe disk's Write Zeroes and format are in this log only.
 */
function zeroedIn(log: string): Zeroed {
  let [formattedBytes, filledBytes] = [0, 0];
  for (const [, bytes] of log.matchAll(/^bdrv_co_pwrite_zeroes bs \S+ offset \S+ (?:bytes|count) (\S+) flags/gm))
    if (Number(bytes) > mostByCommand) formattedBytes += Number(bytes);
    else filledBytes += Number(bytes);
  return {formattedBytes, filledBytes};
}

/** Counts the transactions in which the gateway's rules are changed, from now on, as its kernel announces them. */
export function watchRules(lab: Lab): {readonly changes: () => number; end(): void} {
  const argv = [...lab.on('gateway'), 'nft', 'monitor'];
  const monitor = spawn(argv[0]!, argv.slice(1), {stdio: ['ignore', 'pipe', 'ignore']});
  let changes = 0;
  createInterface({input: monitor.stdout}).on('line', (line) => {
    if (line.startsWith('# new generation')) changes++;
  });
  return {changes: () => changes, end: () => void monitor.kill()};
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}
