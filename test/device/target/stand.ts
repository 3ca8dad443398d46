import {open} from 'node:fs/promises';
import {serial, type Serial} from '../../../src/brand.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {sshTarget} from '../../../src/device/target/target.ts';
import {makeStage, type Stage} from '../../image/target-stage.ts';
import {startSshd, type Sshd} from '../ssh/sshd.ts';
import type {Packet} from './image.ts';

export type TargetUnderTest = ReturnType<typeof sshTarget>;

/** The agent itself on a stage of files, behind a real sshd. */
export interface Stand {
  readonly stage: Stage;
  readonly sshd: Sshd;
  /** A controller with the lease of `epoch`, through `port` where given. */
  target(epoch?: number, port?: number): TargetUnderTest;
  /** The disk holds them, byte for byte. */
  holds(all: readonly Packet[]): Promise<boolean>;
  close(): Promise<void>;
}

export const system = serial('SYSTEM-1') as Serial;
export const diskBytes = 64 * 1_048_576;

export async function makeStand(): Promise<Stand> {
  const stage = await makeStage();
  await stage.addDisk({name: 'vdx', bytes: diskBytes, attributes: {serial: system, 'device/model': 'Model 7'}});
  await stage.addDisk({name: 'vdy', bytes: diskBytes, attributes: {serial: 'WORLDS-1'}});
  await stage.plan(['run marruuk-3', `wipe ${system}`, `install ${system}`]);
  const sshd = await startSshd([`ForceCommand ${await stage.entrance()}`]);
  const targets: TargetUnderTest[] = [];
  return {
    stage,
    sshd,
    target(epoch = 1, port = sshd.port) {
      const {user, key, hostKey} = sshd;
      const target = sshTarget(keptSession({address: '127.0.0.1', port, user, key, hostKey}), epoch);
      targets.push(target);
      return target;
    },
    async holds(all) {
      const disk = await open(stage.disk('vdx'), 'r');
      try {
        for (const {chunk, raw} of all) {
          const {buffer} = await disk.read(Buffer.alloc(chunk.length), 0, chunk.length, chunk.offset);
          if (!buffer.equals(raw)) return false;
        }
        return true;
      } finally {
        await disk.close();
      }
    },
    async close() {
      for (const target of targets) target.close();
      await sshd.stop();
      await stage.remove();
    },
  };
}

/** Wipes the disk and sets its latch, as a run does before it installs. */
export async function wipe(target: TargetUnderTest): Promise<void> {
  const begun = await target.startWipe(system, 'overwrite');
  if (!begun.ok) throw new Error(begun.fault.says);
  for (;;) {
    const state = await target.wipe(system);
    if (!state.ok) throw new Error(state.fault.says);
    if (state.value.state === 'done') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const latched = await target.setLatch(system, 'wiped');
  if (!latched.ok) throw new Error(latched.fault.says);
}
