import {z} from 'zod';
import {enduring} from '../endure.ts';
import {fault} from '../fault.ts';
import {follow} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import type {Port, Runbook} from '../runbook/runbook.ts';
import {formats} from '../runbook/format.ts';
import {sizeBytes} from '../runbook/size.ts';
import {backOffMs} from './back-off.ts';
import {leftAtBytes, quarters, type BootCheckpoint} from './boot-checkpoint.ts';
import {strangerAt} from './installer-signs.ts';
import {interrupted} from './interrupted.ts';
import {secondsBetween, type MediumWatch} from './interruption.ts';
import {firstByteMs} from './medium-evidence.ts';
import {megabytes} from './megabytes.ts';
import {ownIsoOf} from './own-iso.ts';
import {port} from './port.ts';
import {readingOf} from './reading.ts';
import {startFromCd} from './start-from-cd.ts';
import type {Hand, Step} from './step.ts';
import type {Look, Medium, OwnIso, World} from './world.ts';

const params = z.strictObject({
  needs: formats.size
    .optional()
    .describe(
      'So much of the ISO must have been read, and nothing of it be read any more, before it counts as not needed: 700MB.',
    ),
  until: port.optional().describe('A port of the host on which the installer answers once it needs the ISO no more.'),
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How often the ISO is mounted and started from the beginning before a person is asked.'),
});
type Params = z.infer<typeof params>;
type Facts = {readonly image: string; readonly isoBytes: number};

export const installerBoot: Step<Params, Facts> = {
  kind: 'installer.boot',
  summary:
    'Starts the host from an operator’s own ISO as virtual CD, and follows how much of it was read. Each loss begins anew.',
  irreversible: false,
  heldUntil: ['target.boot'],
  params,

  check: ({needs, until}, runbook) => [
    ...(mountedIso(runbook) ? [] : [{path: ['do'], says: 'no media.mount step names an iso of your own'}]),
    ...(needs === undefined && until === undefined
      ? [{path: ['do'], says: 'nothing says when the iso is needed no more: needs, or until'}]
      : []),
  ],

  async probe(look) {
    const medium = await mediumOf(look);
    if (!medium.ok) return medium;
    return ok({image: mountedIso(look.runbook)?.file ?? '', isoBytes: medium.value.bytes});
  },

  plan: ({until, ...params}, {isoBytes}) => [
    {
      id: 'boot',
      says: 'start once from the virtual cd: the installer reads it as it runs',
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
    },
    {
      id: 'read',
      says: `until ${until === undefined ? `${megabytes(needed(params, isoBytes))} of it are read` : `${until} answers`}`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
    },
  ],

  async apply(world, params, hand) {
    const medium = await mediumOf(world);
    if (!medium.ok) return medium;
    const begun = world.clock.ticks();
    const {losses} = (await world.record()).path;
    const lost: Ended[] = [];
    let left = await underWay(world, hand);
    for (let attempt = 1; attempt <= params.attempts; attempt++) {
      if (attempt > 1) await world.clock.sleep(backOffMs(attempt), hand.signal);
      if (hand.signal.aborted) return interrupted();
      const ended = await once(world, medium.value, params, {mounts: lost.map(({watch}) => watch), losses, left}, hand);
      if (!ended.ok) return ended;
      left = undefined;
      await hand.watched(ended.value.watch);
      if (ended.value.is === 'through') {
        await hand.save({phase: 'up'} satisfies BootCheckpoint);
        const seconds = Math.round((world.clock.ticks() - begun) / 1000);
        const data = {attempts: attempt, mediaLosses: lost.length, bytesRead: ended.value.read, seconds};
        return ok({says: 'through', data});
      }
      lost.push(ended.value);
      await hand.save({phase: 'missed'} satisfies BootCheckpoint);
      const {says, watch, read} = ended.value;
      await hand.interrupted({
        cause: 'medium lost',
        says: attempt < params.attempts ? `${says}; the installer begins anew` : says,
        seconds: watch.mountedSeconds,
        bytesAgain: read,
        attempts: 0,
        over: false,
      });
    }
    const read = lost.map(({read}) => `${(read / 1e6).toFixed(1)} MB`).join(', ');
    return failed(
      fault('media.lost', `the iso went away in ${lost.length} of ${params.attempts} attempts, after ${read}`, {
        next: 'media.stage brings it through the light iso, which is needed for minutes: rebuild explain media.stage',
        detail: {attempts: lost.map(({read, watch}) => ({bytes: read, seconds: Math.round(watch.mountedSeconds)}))},
      }),
    );
  },

  async verify(look, {until}) {
    const system = await look.bmc.system();
    if (!system.ok) return system;
    if (system.value.power === 'off') return failed(fault('installer.not-started', 'the host has gone off'));
    if (until === undefined) return ok({says: 'the iso was read as far as it is needed; the host is on', data: {}});
    const stranger = await strangerAt(look, until);
    if (!stranger.ok) return stranger;
    return stranger.value
      ? ok({says: `${until} answers, not by the light system`, data: {...stranger.value}})
      : failed(fault('installer.not-started', `${until} does not answer`));
  },
};

/** The ISO of the operator's own that a step of the runbook mounts. */
function mountedIso({steps}: Runbook): OwnIso | undefined {
  return steps
    .filter(({kind}) => kind === 'media.mount')
    .map(ownIsoOf)
    .find((iso) => iso !== undefined);
}

async function mediumOf({shelf, runbook}: Look): Promise<Result<Medium>> {
  const iso = mountedIso(runbook);
  return iso ? shelf.iso(iso) : failed(fault('image.missing', 'no media.mount step names an iso'));
}

/** Bytes; all of it unless the runbook says less. */
const needed = ({needs}: Pick<Params, 'needs'>, isoBytes: number): number =>
  Math.min(isoBytes, (needs === undefined ? undefined : sizeBytes(needs)) ?? isoBytes);

async function underWay(world: World, {at, signal}: Hand): Promise<number | undefined> {
  const left = leftAtBytes(at);
  if (left === undefined) return undefined;
  const system = await enduring(() => world.bmc.system(), world.clock, signal);
  return system.ok && system.value.power === 'on' ? left : undefined;
}

type Ended = ({readonly is: 'through'} | {readonly is: 'lost'; readonly says: string}) & {
  readonly watch: MediumWatch;
  /** Bytes of the ISO since the host was started, whichever controller handed them out. */
  readonly read: number;
};

interface Before {
  /** Of the attempts that have failed. */
  readonly mounts: readonly MediumWatch[];
  /** Of the path, before this step. */
  readonly losses: Losses;
  /** Bytes read in a start that an earlier controller left under way: it is watched, not begun anew. */
  readonly left: number | undefined;
}

// One that has lost its medium asks no more at once; a slot that says so while bytes flow is wrong.
const quietMs = 5_000;
// When the run ends nobody serves the medium any more: what is still being read would be cut off.
const doneMs = 10_000;
// An installer that waits for a person reads nothing; one whose port never opens is not waited for without end.
const stallMs = 60 * 60_000;

async function once(
  world: World,
  medium: Medium,
  {needs, until}: Params,
  {mounts, losses, left}: Before,
  hand: Hand,
): Promise<Result<Ended>> {
  const {clock, shelf, bmc} = world;
  const save = (covered: number) => hand.save({phase: 'started', covered} satisfies BootCheckpoint);
  if (left === undefined) {
    const anew = mounts.length > 0;
    const started = await startFromCd(world, medium.url, {anew, recount: () => shelf.recount(medium), save}, hand);
    if (!started.ok) return started;
  }
  const begun = clock.ticks();
  const wanted = needed({needs}, medium.bytes);
  const reached = quarters(medium.bytes, save);
  let gone = 0;
  let first: number | undefined;
  const now = () => {
    const served = shelf.served(medium);
    return {...served, all: (left ?? 0) + served.covered, stillMs: served.idleMs ?? clock.ticks() - begun};
  };
  const watchOf = ({covered, stillMs}: ReturnType<typeof now>, lost: boolean): MediumWatch => {
    const readSeconds = first === undefined ? 0 : Math.max(0, secondsBetween(first, clock.ticks() - stillMs));
    return {mountedSeconds: secondsBetween(begun, clock.ticks()), readSeconds, bytes: covered, lost};
  };
  const end = await follow<Result<Ended>>(
    async () => {
      const served = now();
      const {all, stillMs, covered, bytes} = served;
      if (covered > 0) first ??= clock.ticks();
      const far = {done: Math.min(all, wanted), of: wanted};
      const reading = far.done < wanted && {medium: readingOf({...far, watch: watchOf(served, false), mounts, losses})};
      hand.progress({says: 'installer: reading', ...far, unit: 'bytes', ...reading});
      await reached(all);
      const through = until === undefined ? all >= wanted && stillMs > doneMs : await answered(world, until);
      if (through) return {done: ok({is: 'through', read: all, watch: watchOf(served, false)})};
      const media = await bmc.media();
      const there = !media.ok || (media.value.state === 'attached' && media.value.image === medium.url);
      // One odd reading is not a loss: a BMC may answer nonsense in between.
      gone = there ? 0 : gone + 1;
      if (gone >= 2 && stillMs > quietMs) {
        const says = `the iso went away after ${megabytes(all)} of ${megabytes(medium.bytes)}`;
        return {done: ok({is: 'lost', says, read: all, watch: watchOf(served, true)})};
      }
      if (all === 0 && clock.ticks() - begun > firstByteMs)
        return {done: ok({is: 'lost', says: nothingRead, read: all, watch: watchOf(served, false)})};
      return {progress: bytes};
    },
    {everyMs: 500, stallMs, clock, signal: hand.signal},
  );
  if (end.end === 'met') return end.value;
  return end.end === 'aborted'
    ? interrupted()
    : failed(
        fault('installer.not-started', `the iso was not read for an hour, ${until ?? 'and more of it is needed'}`),
      );
}

const nothingRead = 'nothing has read the iso since the host was started';

async function answered(world: World, until: Port): Promise<boolean> {
  const stranger = await strangerAt(world, until);
  return stranger.ok && stranger.value !== undefined;
}
