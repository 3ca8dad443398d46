import {setTimeout as sleep} from 'node:timers/promises';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Outside} from '../../src/step/world.ts';
import {Machine} from './machine.ts';

/** Real milliseconds that the effects of a slow machine last. */
export const lasting = {start: 400, wipe: 600, chunk: 120} as const;

/**
 * The simulated machine with effects that last, so that a controller can die inside one: a start that reads the medium
 * for half of its time, an erase that goes on, a chunk that arrives for half of its time and is then written. What the
 * controller serves breaks off with it; what the machine does by itself goes on, and who asks for it again is attached.
 */
export class SlowMachine extends Machine {
  /** Which controller is at work; undefined: none. */
  controller: number | undefined;
  /** Effects that are under way. */
  readonly underWay = new Set<string>();

  readonly #writes = new Map<number, Promise<void>>();

  override start(): void {
    const medium = this.slot !== undefined && this.cdOnce;
    super.start();
    const {boots, system, served, covered, controller} = this;
    const still = (): boolean => this.boots === boots && this.system === 'starting';
    this.system = 'starting';
    const read = medium && system === 'light';
    if (read) {
      this.served -= this.iso.bootBytes / 2;
      this.covered = covered / 2;
    }
    void this.#during('start', async () => {
      await sleep(lasting.start / 2);
      // A medium that cannot be read on: the machine goes on to its disk.
      if (read && this.controller !== controller && still()) this.system = 'suspect';
      if (!still()) return;
      if (read) Object.assign(this, {served, covered});
      await sleep(lasting.start / 2);
      if (still()) this.system = system;
    });
  }

  override world(): Outside {
    const world = super.world();
    const {target} = world;
    return {
      ...world,
      target: {
        ...target,
        hello: async () =>
          this.system === 'suspect' ? failed(fault('ssh.host-key-differs', 'the old system answers')) : target.hello(),
        startWipe: async (serial, method) => {
          const {wipes} = this.counts;
          // Until it is told that the time has come.
          this.wipeReadings = Number.MAX_SAFE_INTEGER;
          const started = await target.startWipe(serial, method);
          if (!started.ok || this.counts.wipes === wipes) return started;
          this.disk(serial).content.set(1, 'half erased');
          void this.#during('wipe', async () => {
            await sleep(lasting.wipe);
            this.finishWipe();
          });
          return started;
        },
        write: async (serial, delivery) => {
          const [chunk] = delivery.want;
          if (!chunk) return ok({bytesSent: 0});
          const written = this.#writes.get(chunk.index);
          if (written) {
            await written;
            return ok({bytesSent: 0});
          }
          const {controller} = this;
          return this.#during(`chunk-${chunk.index}`, async () => {
            await sleep(lasting.chunk / 2);
            if (this.controller !== controller) return failed(fault('ssh.lost', 'it never arrived whole'));
            this.disk(serial).content.set(chunk.index, 'torn');
            const writing = sleep(lasting.chunk / 2);
            this.#writes.set(chunk.index, writing);
            await writing;
            this.#writes.delete(chunk.index);
            return target.write(serial, delivery);
          });
        },
      },
    };
  }

  async #during<T>(what: string, act: () => Promise<T>): Promise<T> {
    this.underWay.add(what);
    try {
      return await act();
    } finally {
      this.underWay.delete(what);
    }
  }
}
