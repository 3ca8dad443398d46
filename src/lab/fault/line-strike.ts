import {fault as trouble} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Board} from '../bmc/board.ts';
import type {Cable} from '../machine/cable.ts';
import {layeredCondition, type LineCondition} from '../machine/line-condition.ts';
import type {Link} from '../machine/link.ts';
import type {Layout, Station} from '../network/layout.ts';
import type {LabNetwork} from '../network/network.ts';
import {runProgram} from '../program.ts';
import type {Acts, Mend} from './act.ts';
import type {Chance} from './chance.ts';
import type {FaultOf} from './lab-fault.ts';

export interface LineParts {
  readonly board: Board;
  /** What each fault means on the medium's line is said there, */
  readonly link: Link;
  /** and on the host's here. */
  readonly cable: Cable;
  readonly layout: Layout;
  readonly network: LabNetwork;
  readonly userspace: boolean;
}

type Name = 'eject' | 'cut' | 'stall' | 'throttle' | 'delay' | 'loss' | 'reset' | 'drop';
type OnLine = FaultOf<Exclude<Name, 'eject'>>;

export function lineActs({board, link, cable, layout, network, userspace}: LineParts): Acts<Name> {
  let draws: Chance | undefined;
  let settled: Promise<Result<void>> = Promise.resolve(ok(undefined));
  const medium = layeredCondition((now) => link.become(now, draws));
  const host = layeredCondition((now) => {
    settled = cable.become(now, draws);
  });

  const lay = async ({on}: OnLine, layer: Partial<LineCondition>, from: Chance): Promise<Result<Mend>> => {
    draws = from;
    if (on === 'medium') return ok(medium.add(layer));
    const off = host.add(layer);
    const done = await settled;
    const mend = async (): Promise<void> => {
      off();
      await settled;
    };
    if (done.ok) return ok(mend);
    await mend();
    return done;
  };

  /** Closes every connection with the host at its other end: the kernel there sends it a RST (`ss -K`, ss(8)). */
  const resetHost = async (): Promise<Result<Mend>> => {
    if (userspace) return refuse('without namespaces nobody may reset the host’s connections; drop and cut are there');
    const stations: readonly Station[] = ['controller', 'gateway', 'neighbour', 'outside'];
    for (const station of stations) {
      const killed = await runProgram([...network.on(station), 'ss', '-K', 'dst', layout.lan.host]);
      if (!killed.ok) return killed;
    }
    return ok(undefined);
  };

  return {
    async eject() {
      // At once, between two bytes; the drive follows as soon as QEMU lets it go.
      link.close();
      void board.drop('the remote server does not respond');
      return ok(undefined);
    },
    cut: (fault, from) => lay(fault, {passage: 'cut'}, from),
    stall: (fault, from) => lay(fault, {passage: 'stalled'}, from),
    drop: (fault, from) => lay(fault, {passage: 'dropping'}, from),
    throttle: (fault, from) => lay(fault, {bytesPerSecond: fault.bytesPerSecond}, from),
    loss: (fault, from) => lay(fault, {lossPercent: fault.percent}, from),
    delay: (fault, from) =>
      lay(fault, {delaySeconds: fault.delaySeconds, jitterSeconds: fault.jitterSeconds ?? 0}, from),
    async reset({on}) {
      if (on === 'host') return resetHost();
      link.reset();
      return ok(undefined);
    },
  };
}

const refuse = (says: string): Result<never> => failed(trouble('lab.failed', says));
