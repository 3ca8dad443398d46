import type {Serial} from '../../brand.ts';
import {systemClock} from '../../clock.ts';
import {ok, type Result} from '../../result.ts';
import type {Sample, Target} from '../../step/world/target.ts';
import type {KeptSession} from '../ssh/kept.ts';
import {busy, parseAnswers, type Answer} from './answer.ts';
import {rangeLines, readDigests} from './digests.ts';
import {packFiles} from './files.ts';
import {launchText} from './launch.ts';
import {readImage} from './image.ts';
import {parseHealth} from './health.ts';
import {Link} from './link.ts';
import {parseMedium} from './medium.ts';
import {parseDisks, parseFiles, parseHello, parseLatch, parseSamples, parseWritable} from './parse.ts';
import {parseWipe} from './parse-wipe.ts';
import {readWritten} from './order.ts';
import {readTree} from './tree.ts';
import {write} from './write.ts';

/** No caller of these verbs can interrupt them; each ends by its own idle limit. */
const never = new AbortController().signal;
const second = 1000;
const minute = 60 * second;

/**
 * The agent on the light system, asked over a login to its pinned host key, under the lease of `epoch`: whoever holds an
 * older one is refused with `target.superseded`. Epochs begin with 1; under 0 it can only be looked at.
 */
export function sshTarget(kept: KeptSession, epoch: number): Target & {close(): void} {
  const link = new Link(kept, epoch);

  const ask = async (
    verb: readonly string[],
    idleMs: number,
    stdin?: string | Uint8Array,
  ): Promise<Result<readonly Answer[]>> => {
    const output = await link.run(verb, {idleMs, signal: never, ...(stdin === undefined ? {} : {stdin})});
    return output.ok ? parseAnswers(verb[0] ?? '', output.value) : output;
  };
  const order = async (verb: readonly string[], idleMs: number, stdin?: Uint8Array): Promise<Result<void>> => {
    const answers = await ask(verb, idleMs, stdin);
    return answers.ok ? ok(undefined) : answers;
  };
  /** Asked again while a verb that an earlier controller began still holds the disk: it goes on to its end by itself. */
  const inTurn = async (verb: readonly string[], idleMs: number, stdin?: Uint8Array): Promise<Result<void>> => {
    const patience = systemClock.ticks() + 10 * minute;
    for (;;) {
      const done = await order(verb, idleMs, stdin);
      if (done.ok || done.fault.detail?.['code'] !== busy || systemClock.ticks() > patience) return done;
      await systemClock.sleep(second);
    }
  };
  const read = async <T>(
    verb: readonly string[],
    idleMs: number,
    parse: (answers: readonly Answer[]) => Result<T>,
    stdin?: string,
  ): Promise<Result<T>> => {
    const answers = await ask(verb, idleMs, stdin);
    return answers.ok ? parse(answers.value) : answers;
  };
  const unlike = (
    verb: 'not-zero' | 'not-ones',
    disk: Serial,
    samples: readonly Sample[],
  ): Promise<Result<readonly Sample[]>> =>
    read([verb, disk], 5 * minute, (answers) => parseSamples(verb, answers, samples), rangeLines(samples));
  return {
    hello: () => read(['hello'], 30 * second, parseHello),
    disks: () => read(['disks'], minute, parseDisks),
    writable: () => read(['writable'], minute, parseWritable),
    latch: (disk) => read(['latch', disk], minute, parseLatch),
    health: () => read(['health'], 5 * minute, parseHealth),
    medium: (disk) => read(['medium', disk], minute, parseMedium),
    wipe: (disk) => read(['wipe-state', disk], minute, parseWipe),
    notZero: (disk, samples) => unlike('not-zero', disk, samples),
    notOnes: (disk, samples) => unlike('not-ones', disk, samples),
    digests: (disk, ranges, progress = () => {}) => readDigests(link, disk, ranges, progress, never),
    image: (disk, from, keep, signal) => readImage(link, disk, from, keep, signal),
    tree: (disk, image) => readTree(link, disk, image, never),
    installed: (disk, paths) =>
      read(['installed', disk, ...paths], 2 * minute, (answers) => parseFiles(answers, paths)),
    startWipe: (disk, method) => order(['wipe', disk, method], 2 * minute),
    adoptWipe: (disk, method) => order(['wipe-adopt', disk, method], minute),
    leave: (disk) => order(['leave', disk], minute),
    setLatch: (disk, state) => inTurn(['latch-set', disk, state], minute),
    written: (disk, image) => readWritten(link, disk, image, never),
    write: (disk, delivery) => write({link, disk, delivery}),
    grow: (disk, {root}) => inTurn(['grow', disk, String(root.partition), root.uuid], 15 * minute),
    put: (disk, {root}, files) =>
      inTurn(['put', disk, String(root.partition), root.uuid], 5 * minute, packFiles(files)),
    startNext: (disk, partition) => order(['start-next', disk, String(partition)], minute),
    launch: (disk, {kernel, initrd, options}) =>
      inTurn(['launch', disk], 5 * minute, Buffer.from(launchText({kernel, initrd, options}))),
    settle: () => order(['settle'], 2 * minute),
    close: () => kept.close(),
  };
}
