import {z} from 'zod';
import {enduring} from '../endure.ts';
import {again} from '../fault.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import {failed, ok, type Result} from '../result.ts';
import {backOffMs} from './medium/back-off.ts';
import {adviceAfter, type Missed} from './boot/advice.ts';
import {leftAtBytes, quarters, type BootCheckpoint} from './boot/checkpoint.ts';
import {bootWait, type Waited} from './boot/wait.ts';
import {interrupted} from './interrupted.ts';
import {secondsBetween, type MediumWatch} from './interruption.ts';
import {startFromCd} from './boot/start-from-cd.ts';
import type {Hand, Step} from './step.ts';
import {unknownUntil} from './unknown.ts';
import {answers} from './boot/target-answers.ts';
import type {Look, World} from './world.ts';
import type {LightIso} from './world/image.ts';
import type {TargetFacts} from './world/target.ts';

const params = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How often the medium is mounted and booted before a person is asked.'),
});
type Params = z.infer<typeof params>;

export const targetBoot: Step<Params, {readonly power: string}> = {
  kind: 'target.boot',
  summary: 'Starts the host once from the virtual CD, and waits until the light system answers with its pinned key.',
  irreversible: false,
  heldUntil: ['network.restore', 'installer.start'],
  params,

  async probe(look) {
    const system = await look.bmc.system();
    // Whether it is on now says nothing about when the step runs.
    return system.ok ? ok({power: 'any'}) : system;
  },

  plan: ({attempts}, _, runbook) => [
    {
      id: 'boot',
      says: 'start once from the virtual cd, wait for the light system',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 10, to: 420},
    },
    ...(attempts === 1
      ? []
      : [
          unknownUntil(runbook, 'target.boot', {
            id: 'again',
            says: `mount and start again, ${attempts - 1} times at the most`,
            because: 'the medium may go before it has been read',
          }),
        ]),
  ],

  async apply(world, {attempts}, hand) {
    const iso = await world.shelf.light();
    if (!iso.ok) return iso;
    const running = await answers(world);
    if (running.ok)
      return ok({says: 'already up', data: {...proof(world, running.value), attempts: 0, mediaLosses: 0}});

    const begun = world.clock.ticks();
    const {losses} = (await world.record()).path;
    const missed: Missed[] = [];
    const mounts: MediumWatch[] = [];
    let owed: Owed | undefined;
    let left = await underWay(world, hand);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (attempt > 1) await world.clock.sleep(backOffMs(attempt), hand.signal);
      if (hand.signal.aborted) return interrupted();
      const ended = await once(world, iso.value, {anew: attempt > 1, owed, losses, mounts, left}, hand);
      if (!ended.ok) return ended;
      left = undefined;
      const {up, miss, mark, since} = ended.value;
      if (up) {
        await hand.save({phase: 'up'} satisfies BootCheckpoint);
        const seconds = Math.round((world.clock.ticks() - begun) / 1000);
        const mediaLosses = missed.filter(({cause}) => cause.startsWith('medium')).length;
        const data = {...proof(world, up), attempts: attempt, mediaLosses, mediumGone: ended.value.gone, seconds};
        return ok({says: 'up', data});
      }
      missed.push(miss);
      await hand.save({phase: 'missed'} satisfies BootCheckpoint);
      // What an earlier attempt had reached is still to be reached again.
      owed = {mark: Math.max(mark, owed?.mark ?? 0), since};
      await hand.interrupted({
        cause: miss.cause,
        says: attempt < attempts ? `${miss.says}; mounting and booting again` : miss.says,
        seconds: secondsBetween(since, world.clock.ticks()),
        bytesAgain: miss.bytes,
        attempts: 0,
        over: false,
      });
    }
    return failed(adviceAfter(missed));
  },

  async verify(look) {
    const up = await answers(look);
    return up.ok ? ok({says: 'light system is up, host key pinned', data: {bootId: up.value.bootId}}) : up;
  },
};

/** What an attempt that failed leaves to make up for. */
interface Owed {
  /** So many bytes had been read; Infinity where the light system itself is what was missing. */
  readonly mark: number;
  /** The clock's ticks at the last progress. */
  readonly since: number;
}

type Attempted =
  /** `gone`: the medium went away once everything was in RAM. */
  | ({readonly up: TargetFacts; readonly gone: boolean; readonly miss?: undefined} & Owed)
  | ({readonly up?: undefined; readonly miss: Missed} & Owed);

interface Before {
  /** An attempt has failed. */
  readonly anew: boolean;
  readonly owed: Owed | undefined;
  /** Of the path, before this boot. */
  readonly losses: Losses;
  /** Every mount of this boot, this one added. */
  readonly mounts: MediumWatch[];
  /** Bytes that had been read in a boot which an earlier controller left under way: it is waited for, not begun anew. */
  readonly left: number | undefined;
}

async function underWay(world: World, {at, signal}: Hand): Promise<number | undefined> {
  const left = leftAtBytes(at);
  if (left === undefined) return undefined;
  // A BMC that is away for a moment must not cost a boot that goes on without it.
  const system = await enduring(() => world.bmc.system(), world.clock, signal);
  return system.ok && system.value.power === 'on' ? left : undefined;
}

/** One attempt: mounts where need be, starts the host, waits for as long as something moves. */
async function once(world: World, iso: LightIso, before: Before, hand: Hand): Promise<Result<Attempted>> {
  const {anew, losses, mounts, left} = before;
  let {owed} = before;
  const save = (covered: number) => hand.save({phase: 'started', covered} satisfies BootCheckpoint);
  const since = owed?.since ?? world.clock.ticks();
  const log = await world.bmc.events();
  const armed =
    left === undefined
      ? await startFromCd(world, {
          medium: iso,
          anew,
          recount: () => world.shelf.recount(),
          save: () => save(0),
          signal: hand.signal,
        })
      : ok(undefined);
  if (!armed.ok) {
    if (hand.signal.aborted || again(armed.fault) !== 'safe') return armed;
    const nothing = {bytes: 0, seconds: 0, bytesPerSecond: undefined, byReset: false};
    return ok({miss: {cause: 'bmc trouble', says: armed.fault.says, ...nothing}, mark: 0, since});
  }
  const waited = await bootWait(world, iso, {
    hand,
    before: left ?? 0,
    reached: quarters(iso.bootBytes, save),
    losses,
    mounts,
    ...(log.ok && log.value ? {logMark: log.value.mark} : {}),
    made: async (covered) => {
      if (!owed || covered < Math.max(1, owed.mark)) return;
      const {since} = owed;
      owed = undefined;
      await hand.regained({seconds: secondsBetween(since, world.clock.ticks()), attempts: 1});
    },
  });
  if (!waited.ok) return waited;
  mounts.push(waited.value.watch);
  await hand.watched(waited.value.watch);
  if (waited.value.is === 'missed') return ok(missedOf(waited.value, since));
  if (owed) await hand.regained({seconds: secondsBetween(owed.since, world.clock.ticks()), attempts: 1});
  return ok({up: waited.value.up, gone: waited.value.watch.lost, mark: 0, since});
}

function missedOf({cause, says, watch, byReset, moved}: Extract<Waited, {is: 'missed'}>, since: number): Attempted {
  const {bytes, readSeconds, mountedSeconds} = watch;
  return {
    miss: {
      cause,
      says,
      bytes,
      seconds: mountedSeconds,
      bytesPerSecond: readSeconds >= 1 ? bytes / readSeconds : undefined,
      byReset,
    },
    mark: cause === 'not started' ? Infinity : bytes,
    since: moved ?? since,
  };
}

const proof = (look: Look, facts: TargetFacts) => ({
  bootId: facts.bootId,
  mediumNeeded: facts.mediumNeeded,
  isoBytesServed: look.shelf.served().bytes,
});
