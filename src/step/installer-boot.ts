import {z} from 'zod';
import {enduring} from '../endure.ts';
import {again, fault, type Fault} from '../fault.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import {sizeBytes} from '../runbook/size.ts';
import {backOffMs} from './medium/back-off.ts';
import {leftAtBytes, quarters, type BootCheckpoint} from './boot/checkpoint.ts';
import {strangerAt} from './installer/signs.ts';
import {interrupted} from './interrupted.ts';
import type {Cause, MediumWatch} from './interruption.ts';
import {installerWait} from './installer/wait.ts';
import {megabytes} from './megabytes.ts';
import {ownIsoOf} from './medium/own-iso.ts';
import {port} from './port/port.ts';
import {startFromCd} from './boot/start-from-cd.ts';
import type {Hand, Step} from './step.ts';
import type {Look, World} from './world.ts';
import type {Medium, OwnIso} from './world/image.ts';

const params = z.strictObject({
  needs: formats.size
    .optional()
    .describe(
      'So much of the ISO must have been read, and nothing of it be read any more, before it counts as not needed: 700MB.',
    ),
  until: port.optional().describe('A port of the host on which the installer answers once it needs the ISO no more.'),
  silence: formats.duration
    .default('30m')
    .describe(
      'An ISO that is still needed, and not read for so long, counts as lost, whatever the BMC shows: longer than the installer ever works, or waits for a person, without reading.',
    ),
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
    const missed: Missed[] = [];
    let left = await underWay(world, hand);
    for (let attempt = 1; attempt <= params.attempts; attempt++) {
      if (attempt > 1) await world.clock.sleep(backOffMs(attempt), hand.signal);
      if (hand.signal.aborted) return interrupted();
      const ended = await once(
        world,
        medium.value,
        params,
        {anew: attempt > 1, mounts: mountsOf(missed), losses, left},
        hand,
      );
      if (!ended.ok) return ended;
      left = undefined;
      const {watch} = ended.value;
      if (watch) await hand.watched(watch);
      if (ended.value.is === 'through') {
        await hand.save({phase: 'up'} satisfies BootCheckpoint);
        const seconds = Math.round((world.clock.ticks() - begun) / 1000);
        const mediaLosses = missed.filter(({cause}) => cause !== 'bmc trouble').length;
        const data = {attempts: attempt, mediaLosses, bytesRead: ended.value.watch.bytes, seconds};
        return ok({says: 'through', data});
      }
      missed.push(ended.value);
      await hand.save({phase: 'missed'} satisfies BootCheckpoint);
      const {cause, says} = ended.value;
      await hand.interrupted({
        cause,
        says: attempt < params.attempts ? `${says}; the installer begins anew` : says,
        seconds: watch?.mountedSeconds ?? 0,
        bytesAgain: watch?.bytes ?? 0,
        attempts: 0,
        over: false,
      });
    }
    const last = missed.at(-1);
    if (!last) throw new Error('there was no attempt');
    return failed(given(missed, last));
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

/** An attempt in which the installer did not get through. */
interface Missed {
  readonly cause: Cause;
  readonly says: string;
  /** Absent where nothing was mounted. */
  readonly watch?: MediumWatch;
}

const mountsOf = (missed: readonly Missed[]): readonly MediumWatch[] => missed.flatMap(({watch}) => watch ?? []);

type Attempted = {readonly is: 'through'; readonly watch: MediumWatch} | ({readonly is: 'missed'} & Missed);

interface Before {
  /** An attempt has failed. */
  readonly anew: boolean;
  /** Of this step so far. */
  readonly mounts: readonly MediumWatch[];
  /** Of the path, before this step. */
  readonly losses: Losses;
  /** Bytes read in a start that an earlier controller left under way: it is watched, not begun anew. */
  readonly left: number | undefined;
}

async function once(
  world: World,
  medium: Medium,
  {needs, until, silence}: Params,
  {anew, mounts, losses, left}: Before,
  hand: Hand,
): Promise<Result<Attempted>> {
  const save = (covered: number) => hand.save({phase: 'started', covered} satisfies BootCheckpoint);
  const log = await world.bmc.events();
  if (left === undefined) {
    const recount = () => world.shelf.recount(medium);
    const started = await startFromCd(world, {medium, anew, recount, save: () => save(0), signal: hand.signal});
    if (!started.ok)
      return hand.signal.aborted || again(started.fault) !== 'safe'
        ? started
        : ok({is: 'missed', cause: 'bmc trouble', says: started.fault.says});
  }
  return installerWait(world, medium, {
    hand,
    wanted: needed({needs}, medium.bytes),
    until,
    silenceMs: 1000 * (durationSeconds(silence) ?? 0),
    before: left ?? 0,
    mounts,
    losses,
    reached: quarters(medium.bytes, save),
    ...(log.ok && log.value ? {logMark: log.value.mark} : {}),
  });
}

function given(missed: readonly Missed[], last: Missed): Fault {
  const mounts = mountsOf(missed);
  const detail = {
    attempts: missed.map(({cause, watch}) => ({
      cause,
      bytes: watch?.bytes ?? 0,
      seconds: Math.round(watch?.mountedSeconds ?? 0),
    })),
  };
  if (last.cause === 'bmc trouble')
    return fault('media.not-mounted', `${last.says}, in ${missed.length} attempts`, {detail});
  const read = mounts.map(({bytes}) => `${(bytes / 1e6).toFixed(1)} MB`).join(', ');
  const how = missed.some(({cause}) => cause === 'medium unread') ? 'went away or was read no more' : 'went away';
  return fault('media.lost', `the iso ${how} in ${mounts.length} of ${missed.length} attempts, after ${read}`, {
    next: 'media.stage brings it through the light iso, which is needed for minutes: rebuild explain media.stage',
    detail,
  });
}
