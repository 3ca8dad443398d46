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
  /** Bytes set to zero on all disks: by Write Zeroes, which is how the light system wipes, or by writing zeroes. */
  readonly zeroedBytes: number;
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

export async function countsOf(lab: Lab): Promise<Counts> {
  const [disks, status, log, link] = await Promise.all([
    lab.control.disks(),
    lab.control.status(),
    readFile(lab.folder.machineLog, 'utf8'),
    runProgram([...lab.on('gateway'), 'ip', '-j', '-s', 'link', 'show', 'dev', lab.blueprint.layout.hostPort]),
  ]);
  const [port] = JSON.parse(must(link)) as readonly [{stats64: {tx: {bytes: number}}}];
  const {effects, starts} = must(status);
  return {disks: must(disks), zeroedBytes: zeroed(log), lineBytes: port.stats64.tx.bytes, effects, starts};
}

/** `bdrv_co_pwrite_zeroes` of QEMU's block/io.c. A write of nothing but zeroes is turned into one (`detect-zeroes`). */
function zeroed(log: string): number {
  const requests = log.matchAll(/^bdrv_co_pwrite_zeroes bs \S+ offset \S+ (?:bytes|count) (\S+) flags/gm);
  return requests.reduce((sum, request) => sum + Number(request[1]), 0);
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
