import {readFileSync, readlinkSync} from 'node:fs';

/**
 * A process that can be told from another that was given the same number later. `kernel` names the boot and the
 * pid namespace in which `pid` means something; `started` is field 22 of /proc/PID/stat, in clock ticks since boot.
 */
export interface ProcessMark {
  readonly kernel: string;
  readonly pid: number;
  readonly started: string;
}

export type Life = 'alive' | 'dead' | 'unknown';

/** The mark of a process of this machine; undefined where /proc does not say. */
export function markProcess(pid: number): ProcessMark | undefined {
  const kernel = thisKernel();
  const found = kernel === undefined ? undefined : readStat(pid);
  return kernel === undefined || found === undefined ? undefined : {kernel, pid, started: found.started};
}

/** `dead` only where this kernel proves it. After a reboot, or seen from another container, the answer is `unknown`. */
export function lifeOf(mark: ProcessMark): Life {
  if (mark.kernel !== thisKernel()) return 'unknown';
  const found = readStat(mark.pid);
  if (found === undefined) return readStat(process.pid) === undefined ? 'unknown' : 'dead';
  return found.started === mark.started && found.state !== 'Z' && found.state !== 'X' ? 'alive' : 'dead';
}

function thisKernel(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

function readStat(pid: number): {readonly state: string; readonly started: string} | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Field 2 is the program's name in parentheses and may hold any character, `)` too (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state === undefined || started === undefined ? undefined : {state, started};
}
