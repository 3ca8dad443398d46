import {existsSync} from 'node:fs';
import {systemClock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {runProgram} from '../program.ts';
import {stations} from './layout.ts';
import type {LabNetwork} from './network.ts';
import {inNamespace, namespaceName, tap, wiring} from './wiring.ts';

/** The lab's network in the kernel: a namespace for every station, veth cables, bridges, a tap for the machine. */
export function namespaceNetwork(prefix: string): LabNetwork {
  const names = stations.map((station) => namespaceName(prefix, station));
  const present = (): readonly string[] => names.filter((name) => existsSync(`/run/netns/${name}`));

  const remove = async (): Promise<Result<void>> => {
    for (const name of present()) {
      const emptied = await empty(name);
      if (!emptied.ok) return emptied;
      const gone = await runProgram(['ip', 'netns', 'delete', name]);
      if (!gone.ok) return gone;
    }
    return ok(undefined);
  };

  return {
    remove,
    exists: () => present().length > 0,
    on: (station) => inNamespace(namespaceName(prefix, station)),
    card: (mac) => [
      '-netdev',
      `tap,id=lan,ifname=${tap},script=no,downscript=no`,
      // Without a boot ROM of its own the card cannot be started from, whatever the firmware tries.
      '-device',
      `virtio-net-pci,netdev=lan,mac=${mac},romfile=`,
    ],
    async lay(layout) {
      for (const {argv, input} of wiring(prefix, layout)) {
        const done = await runProgram(argv, input === undefined ? {} : {input});
        if (done.ok) continue;
        await remove();
        return done;
      }
      return ok(undefined);
    },
  };
}

/** Ends whoever still lives on the namespace. It is ours by its name, so everyone on it is too. */
async function empty(name: string): Promise<Result<void>> {
  const living = async (): Promise<readonly number[]> => {
    const listed = await runProgram(['ip', 'netns', 'pids', name]);
    return listed.ok ? listed.value.split('\n').filter(Boolean).map(Number) : [];
  };
  const emptied = await until(
    async () => {
      const pids = (await living()).filter((pid) => pid !== process.pid);
      for (const pid of pids) kill(pid);
      return pids.length === 0 ? true : undefined;
    },
    {everyMs: 50, deadlineMs: 10_000, clock: systemClock, signal: new AbortController().signal},
  );
  return emptied.end === 'met'
    ? ok(undefined)
    : failed(fault('lab.failed', `a process on the namespace ${name} does not end`));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
