import {existsSync} from 'node:fs';
import {fault as trouble} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {setControllerClock} from '../controller-clock.ts';
import type {Layout} from '../network/layout.ts';
import type {LabNetwork} from '../network/network.ts';
import {runAll, runProgram} from '../program.ts';
import type {Acts} from './act.ts';
import type {FaultOf} from './lab-fault.ts';
import type {RunWatch} from './run-watch.ts';

export interface ControllerParts {
  readonly run: RunWatch;
  readonly journal: string;
  readonly layout: Layout;
  readonly network: LabNetwork;
  /** The controller is this machine itself, with its own addresses. */
  readonly userspace: boolean;
}

type Name =
  | 'controller-kill'
  | 'controller-stop'
  | 'controller-address'
  | 'controller-clock'
  | 'journal-full'
  | 'journal-read-only';

/** What strikes the process that works on the host, its journal and its address. */
export function controllerActs({run, journal, layout, network, userspace}: ControllerParts): Acts<Name> {
  const controller = async (): Promise<Result<number>> => {
    const holder = await run.holder();
    if (!holder.ok) return holder;
    return holder.value === undefined ? refuse('nobody works on the host now') : ok(holder.value.pid);
  };
  const signal = async (name: NodeJS.Signals): Promise<Result<number>> => {
    const pid = await controller();
    if (pid.ok) send(pid.value, name);
    return pid;
  };

  return {
    async 'controller-kill'() {
      const pid = await signal('SIGKILL');
      return pid.ok ? ok(undefined) : pid;
    },
    async 'controller-stop'() {
      const pid = await signal('SIGSTOP');
      return pid.ok ? ok(() => send(pid.value, 'SIGCONT')) : pid;
    },
    async 'controller-address'({address}: FaultOf<'controller-address'>) {
      if (userspace) return refuse('without namespaces the controller has this machine’s own addresses');
      const {prefix, controller: home, gateway} = layout.management;
      const move = (from: string, to: string) =>
        runAll(
          [
            // First: an address beside another of its network is a secondary one, and goes with the first.
            ['ip', 'address', 'delete', `${from}/${prefix}`, 'dev', 'mgmt0'],
            ['ip', 'address', 'add', `${to}/${prefix}`, 'dev', 'mgmt0'],
            // It went with the address.
            ['ip', 'route', 'replace', 'default', 'via', gateway],
          ].map((argv) => [...network.on('controller'), ...argv]),
        );
      const moved = await move(home, address);
      return moved.ok ? ok(async () => void (await move(address, home))) : moved;
    },
    async 'controller-clock'({bySeconds}: FaultOf<'controller-clock'>) {
      setControllerClock(journal, bySeconds);
      return ok(() => setControllerClock(journal, 0));
    },
    /**
     * RLIMIT_FSIZE 0: the kernel refuses the process's next byte to any file, open or not, with EFBIG where a full disk
     * says ENOSPC. What it sends over sockets and pipes goes on.
     */
    async 'journal-full'() {
      const pid = await controller();
      if (!pid.ok) return pid;
      const limit = (size: string) => runProgram(['prlimit', '--pid', String(pid.value), `--fsize=${size}:`]);
      const limited = await limit('0');
      return limited.ok ? ok(async () => void (await limit('unlimited'))) : limited;
    },
    /**
     * The immutable flag (chattr(1)): ext4, XFS and Btrfs refuse writes of processes that have the file open, too, with
     * EPERM. Only root sets it, and not on every file system. The -shm file is left alone: SQLite has it mapped into
     * memory, where the same refusal is a SIGBUS.
     */
    async 'journal-read-only'() {
      const files = [journal, `${journal}-wal`].filter((path) => existsSync(path));
      if (files.length === 0) return refuse('there is no journal yet');
      const set = (flag: '+i' | '-i') => runProgram(['chattr', flag, ...files]);
      const flagged = await set('+i');
      if (flagged.ok) return ok(async () => void (await set('-i')));
      await set('-i');
      return flagged;
    },
  };
}

/** A process that has ended by itself needs no signal. */
function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH.
  }
}

const refuse = (says: string): Result<never> => failed(trouble('lab.failed', says));
