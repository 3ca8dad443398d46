import {fault} from '../../fault.ts';
import {follow} from '../../pace.ts';
import type {Losses} from '../../plan/forecast/losses.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Port} from '../../runbook/runbook.ts';
import {judgeInstaller, type InstallerVerdict} from './evidence.ts';
import {strangerAt} from './signs.ts';
import {interrupted} from '../interrupted.ts';
import {secondsBetween, type Cause, type MediumWatch} from '../interruption.ts';
import {loggedText, mediumLog} from '../medium/log.ts';
import {megabytes} from '../megabytes.ts';
import {readingOf} from '../reading.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {Medium} from '../world/image.ts';

export type InstallerWaited = {readonly watch: MediumWatch} & (
  | {readonly is: 'through'}
  | {readonly is: 'missed'; readonly cause: Cause; readonly says: string}
);

export interface InstallerWaiting {
  readonly hand: Hand;
  /** Bytes that an installer reads of it. */
  readonly wanted: number;
  /** On this port it answers once it needs the medium no more. */
  readonly until: Port | undefined;
  readonly silenceMs: number;
  /** Bytes read in a start that an earlier controller left under way. */
  readonly before: number;
  /** Where the BMC's log ended before the host was started; absent where it has none. */
  readonly logMark?: string;
  /** Of the path, before this step. */
  readonly losses: Losses;
  /** Those of this step before this one. */
  readonly mounts: readonly MediumWatch[];
  /** Told what has been read in all, while it is read. */
  readonly reached: (covered: number) => Promise<void>;
}

/** What this server has handed out of the medium, and an earlier one. */
interface Served {
  readonly bytes: number;
  readonly covered: number;
  readonly all: number;
  /** Since a byte last left. */
  readonly stillMs: number;
}

// When the run ends nobody serves the medium any more: what is still being read would be cut off.
const doneMs = 10_000;
// An installer that has read enough, and whose port never opens, is not waited for without end.
const stallMs = 60 * 60_000;

/** Follows an installer that reads its medium as it runs, until it needs it no more or has lost it. */
export async function installerWait(
  world: World,
  medium: Medium,
  {hand, wanted, until, silenceMs, before, losses, mounts, logMark, reached}: InstallerWaiting,
): Promise<Result<InstallerWaited>> {
  const {clock, shelf, bmc} = world;
  const begun = clock.ticks();
  const log = mediumLog(world, logMark);
  let gone = 0;
  let first: number | undefined;
  const now = (): Served => {
    const served = shelf.served(medium);
    return {...served, all: before + served.covered, stillMs: served.idleMs ?? clock.ticks() - begun};
  };
  const watchOf = ({all, stillMs}: Served, lost: boolean): MediumWatch => {
    const readSeconds = first === undefined ? 0 : Math.max(0, secondsBetween(first, clock.ticks() - stillMs));
    return {mountedSeconds: secondsBetween(begun, clock.ticks()), readSeconds, bytes: all, lost};
  };
  const missed = (served: Served, verdict: Exclude<InstallerVerdict, 'wait'>): InstallerWaited => {
    const watch = (lost: boolean) => watchOf(served, lost);
    const read = `${megabytes(served.all)} of ${megabytes(medium.bytes)}`;
    switch (verdict) {
      case 'lost': {
        const says = `the iso went away after ${read}${loggedText(log.last())}`;
        return {is: 'missed', cause: 'medium lost', says, watch: watch(true)};
      }
      case 'never read': {
        const says = 'nothing has read the iso since the host was started';
        return {is: 'missed', cause: 'medium unread', says, watch: watch(false)};
      }
      case 'read no more': {
        const minutes = Math.round(silenceMs / 60_000);
        const says = `the iso was not read for ${minutes} min after ${read}, and the BMC shows it as inserted`;
        return {is: 'missed', cause: 'medium unread', says, watch: watch(true)};
      }
      default:
        return verdict satisfies never;
    }
  };
  const end = await follow<InstallerWaited>(
    async () => {
      const served = now();
      const {all, stillMs, covered, bytes} = served;
      if (covered > 0) first ??= clock.ticks();
      const far = {done: Math.min(all, wanted), of: wanted};
      // Of what an earlier controller handed out nobody knows the rate.
      const watch = {...watchOf(served, false), bytes: covered};
      const reading = far.done < wanted && {medium: readingOf({...far, watch, mounts, losses})};
      hand.progress({says: 'installer: reading', ...far, unit: 'bytes', ...reading});
      await reached(all);
      const enough = all >= wanted;
      const through = until === undefined ? enough && stillMs > doneMs : await answered(world, until);
      if (through) return {done: {is: 'through', watch: watchOf(served, false)}};
      const media = await bmc.media();
      const there = !media.ok || (media.value.state === 'attached' && media.value.image === medium.url);
      gone = there ? 0 : gone + 1;
      const verdict = judgeInstaller({
        begun: all > 0,
        enough,
        untilPort: until !== undefined,
        stillMs,
        gone,
        loggedLost: await log.lost(),
        silenceMs,
      });
      return verdict === 'wait' ? {progress: bytes} : {done: missed(served, verdict)};
    },
    {everyMs: 500, stallMs: Math.max(stallMs, 2 * silenceMs), clock, signal: hand.signal},
  );
  if (end.end === 'met') return ok(end.value);
  return end.end === 'aborted'
    ? interrupted()
    : failed(fault('installer.not-started', `the iso was read as far as it is needed, and ${until} does not answer`));
}

async function answered(world: World, until: Port): Promise<boolean> {
  const stranger = await strangerAt(world, until);
  return stranger.ok && stranger.value !== undefined;
}
