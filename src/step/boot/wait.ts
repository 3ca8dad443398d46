import {follow} from '../../pace.ts';
import type {Losses} from '../../plan/forecast/losses.ts';
import {ok, type Result} from '../../result.ts';
import {interrupted} from '../interrupted.ts';
import {isCutOff, secondsBetween, type Cause, type MediumWatch} from '../interruption.ts';
import {loggedText, mediumLog} from '../medium/log.ts';
import {firstByteMs, judgeMedium, unpackMs, type Evidence, type Stage} from '../medium/evidence.ts';
import {readingOf} from '../reading.ts';
import {followMoves} from '../isolation/admit.ts';
import type {Hand} from '../step.ts';
import {answers} from './target-answers.ts';
import type {World} from '../world.ts';
import type {BmcEvent} from '../world/bmc.ts';
import type {LightIso} from '../world/image.ts';
import type {TargetFacts} from '../world/target.ts';

export type Waited = {readonly watch: MediumWatch} & (
  | {readonly is: 'up'; readonly up: TargetFacts}
  | {
      readonly is: 'missed';
      readonly cause: Cause;
      readonly says: string;
      readonly byReset: boolean;
      /** The clock's ticks when a byte last left our server; undefined where none did. */
      readonly moved: number | undefined;
    }
);

export interface BootWaiting {
  readonly hand: Hand;
  /** Where the BMC's log ended before the host was started; absent where it has none. */
  readonly logMark?: string;
  /** What had been read before this server's own account begins: of a boot that is waited for again. */
  readonly before: number;
  /** Told what has been read in all, while it is read. */
  readonly reached: (covered: number) => Promise<void>;
  /** Of the path, before this boot. */
  readonly losses: Losses;
  /** The mounts of this boot before this one. */
  readonly mounts: readonly MediumWatch[];
  /** Told what of it this server has handed out. */
  readonly made: (covered: number) => Promise<void>;
}

/** Waits for the light system for as long as something moves, and says what was missing when nothing did. */
export async function bootWait(
  world: World,
  iso: LightIso,
  {hand, logMark, before, reached, losses, mounts, made}: BootWaiting,
): Promise<Result<Waited>> {
  const {clock, shelf} = world;
  const begun = clock.ticks();
  const log = mediumLog(world, logMark);
  const slot = slotReader(world);
  const moves = followMoves(world, hand);
  let bytes = shelf.served().bytes;
  let first: number | undefined;
  let moved: number | undefined;
  let lostInRam = false;

  const watch = (lost: boolean): MediumWatch => ({
    mountedSeconds: secondsBetween(begun, clock.ticks()),
    readSeconds: first === undefined || moved === undefined ? 0 : secondsBetween(first, moved),
    bytes: shelf.served().covered,
    lost,
  });
  const missed = (cause: Cause, says: string, lost: boolean): Result<Waited> =>
    ok({is: 'missed', cause, says, byReset: log.byReset(), moved, watch: watch(lost)});

  const end = await follow<Result<Waited>>(
    async () => {
      const up = await answers(world);
      if (up.ok) return {done: ok({is: 'up', up: up.value, watch: watch(lostInRam)})};
      // The old system answers with its own key; the pinned one can only be the light system's.
      if (up.fault.code === 'ssh.host-key-differs') return {done: missed('not started', otherSystem, false)};
      // Nothing answers yet, or it went down again: both are what a starting machine looks like.
      if (!isCutOff(up.fault.code)) return {done: up};
      await moves.follow();

      const served = shelf.served();
      const now = clock.ticks();
      if (served.bytes !== bytes) {
        // Bytes of a moment ago are not first noticed now: the server knows when the last one left.
        moved = now - (served.idleMs ?? 0);
        first ??= moved;
      }
      bytes = served.bytes;
      const covered = before + served.covered;
      const stage: Stage = covered >= iso.bootBytes ? 'all in RAM' : covered > 0 ? 'reading' : 'nothing read';
      const far = {done: Math.min(covered, iso.bootBytes), of: iso.bootBytes};
      const reading = stage === 'reading' && {medium: readingOf({...far, watch: watch(false), mounts, losses})};
      hand.progress({says: `light iso: ${stage}`, ...far, unit: 'bytes', ...reading});
      await made(served.covered);
      await reached(covered);

      const evidence: Evidence = {
        stage,
        stillMs: now - (moved ?? begun),
        orphaned: before > 0 && moved === undefined,
        ...(await slot.read()),
        loggedLost: await log.lost(),
      };
      switch (judgeMedium(evidence)) {
        case 'lost':
          await log.read();
          return {done: missed('medium lost', lostSays(evidence, log.last()), true)};
        case 'unread':
          await log.read();
          return {done: missed('medium unread', unreadText(evidence), true)};
        case 'silent':
          return {done: missed('not started', 'the medium was read and the light system did not answer', false)};
        case 'wait':
          break;
      }
      if (stage === 'all in RAM' && !lostInRam && evidence.slot === 'detached' && evidence.readings >= 2) {
        lostInRam = true;
        const says = 'the medium went away; everything needed is in RAM already';
        await hand.interrupted({cause: 'medium lost', says, ...costsNothing});
      }
      return {progress: served.bytes};
    },
    {everyMs: 500, stallMs: firstByteMs + unpackMs, clock, signal: hand.signal},
  );
  await moves.settled();
  if (end.end === 'met') return end.value;
  return end.end === 'aborted' ? interrupted() : missed('not started', 'the light system did not answer', false);
}

export const costsNothing = {seconds: 0, bytesAgain: 0, attempts: 0, over: true} as const;

const otherSystem = 'another system than the light one came up, so the boot override was not honoured';

function unreadText({stage, slot}: Evidence): string {
  if (stage === 'nothing read') return 'nothing has read the medium since the host was started';
  return slot === 'attached'
    ? 'the BMC shows the medium as inserted and reads it no more'
    : 'nothing reads the medium any more, and the BMC does not say why';
}

function lostSays({slot}: Evidence, entry: BmcEvent | undefined): string {
  const says = 'the medium went away before the light system was up';
  const logged = loggedText(entry);
  return slot === 'attached' ? `${says}, though the slot still shows it${logged}` : `${says}${logged}`;
}

/** The slot's state, and for how many readings in a row. */
function slotReader({bmc}: World): {read(): Promise<Pick<Evidence, 'slot' | 'readings'>>} {
  let slot: Evidence['slot'] = 'unknown';
  let readings = 0;
  return {
    async read() {
      const media = await bmc.media();
      const now = media.ok ? media.value.state : 'unknown';
      readings = now === slot ? readings + 1 : 1;
      slot = now;
      return {slot, readings};
    },
  };
}
