import {createHash} from 'node:crypto';
import type {Serial, Sha256} from '../../src/brand.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Ability} from '../../src/step/wipe/medium.ts';
import type {WipeMethod} from '../../src/step/wipe/method.ts';
import {methodFacts} from '../../src/step/wipe/method.ts';
import type {Outside} from '../../src/step/world.ts';
import type {Latch, Target, WipeState} from '../../src/step/world/target.ts';
import type {Machine} from '../simulator/machine.ts';

/** How a disk's firmware behaves once it is told to erase itself. */
export type Temper =
  | 'good'
  /** Says at once that it has succeeded, and has done nothing: ATA SD0, an NVMe log of the sanitize before. */
  | 'lies'
  /** Is at it for ever. */
  | 'hangs'
  | 'fails'
  | 'refuses';

type Content = 'old' | 'erased' | 'zero' | 'ones';

/** A disk that erases itself, and the light system's memory of it. What QEMU's disks cannot do is scripted here. */
export class ErasingDisk {
  readonly serial: Serial;
  readonly sizeBytes: number;
  temper: Temper = 'good';
  /** So many times zeroes cannot be written over all of it. */
  zeroesFail = 0;
  /** Its log says that some sanitize has succeeded: its last owner's. */
  sanitizedBefore = false;
  readonly can: Ability[];
  content: 'old' | 'erased' | 'zero' = 'old';
  /** What its own erase leaves everywhere: other content, zeroes, or ones. */
  leaves: Content = 'erased';
  /** Places that its own erase passes over. */
  skips = (_offset: number): boolean => false;
  /** Places that nobody has ever written to, and what they read as. */
  blank: {readonly at: (offset: number) => boolean; readonly as: 'zero' | 'ones'} = {at: () => false, as: 'zero'};
  /** Places that were asked for in each reading. */
  readonly read = {digests: [] as number[], notZero: [] as number[], notOnes: [] as number[]};
  latch: Latch | undefined;
  /** What reached the disk, in order. */
  readonly commands: WipeMethod[] = [];
  readonly left: string[] = [];

  #canary = false;
  #sanitizing = 0;
  #sanitized = false;
  /** The light system's own record, gone with its RAM. */
  #record:
    | {readonly method: WipeMethod; progress: boolean; readonly before?: WipeMethod | undefined; failed?: true}
    | undefined;

  constructor(serial: Serial, sizeBytes: number, can: readonly Ability[]) {
    this.serial = serial;
    this.sizeBytes = sizeBytes;
    this.can = [...can];
  }

  /** Power is lost: the light system forgets, the disk goes on where it was. */
  restart(): void {
    if (this.#record && methodFacts(this.#record.method).by !== 'itself') this.#sanitizing = 0;
    this.#record = undefined;
  }

  /** Its answers in place of the simulator's. */
  within(machine: Machine): Outside {
    const world = machine.world();
    const {target} = world;
    type Answer = (disk: Serial, ...rest: never[]) => unknown;
    const mine = <K extends keyof Target>(name: K, own: Target[K]): Target[K] =>
      ((disk: Serial, ...rest: never[]) =>
        ((disk === this.serial ? own : target[name]) as Answer)(disk, ...rest)) as unknown as Target[K];
    const answers: Partial<Target> = {
      medium: mine('medium', async () =>
        ok({
          bus: 'nvme',
          vendor: '',
          model: 'Scripted 7',
          firmware: '1.0',
          wwn: 'eui.0001',
          rotational: false,
          sizeBytes: this.sizeBytes,
          can: this.can,
          erasedFlag: false,
          partitions: [{offset: 1_048_576, length: 1_048_576_000}],
        }),
      ),
      latch: mine('latch', async () => ok(this.latch)),
      wipe: mine('wipe', async () => ok(this.#state())),
      digests: mine('digests', async (_, ranges) => {
        this.read.digests.push(ranges.length);
        return ok(ranges.map(({offset, length}) => digestOf(this.#at(offset), offset, length)));
      }),
      notZero: mine('notZero', async (_, samples) => {
        this.read.notZero.push(samples.length);
        return ok(samples.filter(({offset}) => this.#at(offset) !== 'zero'));
      }),
      notOnes: mine('notOnes', async (_, samples) => {
        this.read.notOnes.push(samples.length);
        return ok(samples.filter(({offset}) => this.#at(offset) !== 'ones'));
      }),
      startWipe: mine('startWipe', async (_, method) => {
        machine.before(`target.wipe ${method}`);
        if (this.#record && this.#record.method !== method && method !== 'overwrite')
          return failed(fault('target.refused', 'another wipe is on record'));
        if (this.#sanitizing > 0) return failed(fault('target.failed', 'busy'));
        this.commands.push(method);
        if (this.temper === 'refuses') return failed(fault('disk.write-failed', 'the disk refused the command'));
        const {method: last, before = last, progress = false} = this.#record ?? {};
        this.#record = {method, progress, before};
        if (method === 'overwrite') {
          if (this.zeroesFail-- > 0) this.#record.failed = true;
          else this.content = 'zero';
          return ok(undefined);
        }
        this.#canary = true;
        if (this.temper === 'lies') return ok(undefined);
        this.#sanitizing = this.temper === 'hangs' ? Infinity : 4;
        return ok(undefined);
      }),
      adoptWipe: mine('adoptWipe', async (_, method) => {
        machine.before('target.adopt');
        if (this.#sanitizing === 0 && (!this.#sanitized || this.#canary))
          return failed(fault('target.refused', 'the disk is at no sanitize'));
        this.#record ??= {method, progress: false};
        return ok(undefined);
      }),
      leave: mine('leave', async () => {
        this.left.push('left');
        return ok(undefined);
      }),
      setLatch: mine('setLatch', async (_, state) => {
        machine.before('target.latch spare');
        this.latch = {run: 'marruuk-1', state, at: machine.clock.now()};
        return ok(undefined);
      }),
    };
    return {...world, target: {...target, ...answers}};
  }

  #state(): WipeState {
    const busy = this.#turn();
    const record = this.#record;
    if (!record)
      return {
        state: 'absent',
        trace: {canary: this.#canary, sanitizing: busy, sanitized: this.#sanitized || this.sanitizedBefore},
      };
    if (busy) {
      record.progress = true;
      const done = Number.isFinite(this.#sanitizing) ? 4 - this.#sanitizing : 1;
      return {state: 'running', method: record.method, doneBytes: done, sizeBytes: 4};
    }
    if (record.failed) return {state: 'failed', method: record.method, says: 'the disk says that it failed'};
    const erase = record.method === 'overwrite' ? record.before : record.method;
    if (erase === undefined) return {state: 'done', method: record.method};
    return {
      state: 'done',
      method: record.method,
      call: {argv: `nvme sanitize /dev/nvme0n1 ${erase}`, tool: 'nvme version 2.4'},
      seen: {accepted: true, progress: record.progress, erasedFlag: false, canaryGone: !this.#canary},
    };
  }

  /** Time passes for the disk whenever it is looked at. */
  #turn(): boolean {
    if (this.#sanitizing === 0) return false;
    this.#sanitizing--;
    if (this.#sanitizing > 0) return true;
    if (this.temper === 'fails' && this.#record) {
      this.#record.failed = true;
      return false;
    }
    this.content = 'erased';
    this.#canary = false;
    this.#sanitized = true;
    return false;
  }

  #at(offset: number): Content {
    if (this.content === 'zero') return 'zero';
    if (this.content === 'erased' && !this.skips(offset)) return this.leaves;
    return this.blank.at(offset) ? this.blank.as : 'old';
  }
}

const filled = new Map<string, Sha256>();

const hash = (bytes: Uint8Array): Sha256 => createHash('sha256').update(bytes).digest('hex') as Sha256;

function digestOf(content: Content, offset: number, length: number): Sha256 {
  if (content === 'old' || content === 'erased') return hash(Buffer.from(`${content} ${offset}`));
  const key = `${content} ${length}`;
  const digest = filled.get(key) ?? hash(Buffer.alloc(length, content === 'zero' ? 0 : 0xff));
  filled.set(key, digest);
  return digest;
}
