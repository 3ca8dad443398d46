import {fault} from '../../fault.ts';
import {follow} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import {recordOf} from './certificate.ts';
import type {WipeLevel} from './level.ts';
import {methodFacts, type WipeMethod} from './method.ts';
import {seedOf} from './places.ts';
import {changeSince, type Since, type WipeProbe} from './probe.ts';
import {doubtOf, patienceMs, whatBecame} from './proof.ts';
import {readBack, type Expected, type ReadBack} from './read-back.ts';
import type {World} from '../world.ts';
import type {DiskFacts, WipeState} from '../world/target.ts';

/** One disk's erase, of which everything is decided: what it is, by which method, and what lay on it before. */
export interface Erase {
  readonly spec: DiskSpec;
  readonly probe: WipeProbe;
  readonly level: WipeLevel;
  /** The runbook puts an image on it, which leaves out what is zero in it. */
  readonly mustBeZero: boolean;
  /** On what ground it may be erased. Undefined where there is nothing to keep, nor to certify: memory. */
  readonly evidence: string | undefined;
}

export const wipeEffect = ({serial}: DiskSpec): string => `wipe:${serial}`;
const blankEffect = ({serial}: DiskSpec): string => `blank:${serial}`;

type Done = Extract<WipeState, {state: 'done'}>;

export interface Wiped {
  /** What was done, by the methods' names. */
  readonly how: string;
  /** Absent where an earlier attempt had read it back and set the latch. */
  readonly back?: ReadBack;
}

/**
 * Sends the erase once, and anew only where it failed; follows it, and believes it for what was seen of it alone. Faults beside the target's:
 * `disk.stuck`, `disk.erase-unproved`, `disk.not-blank`, `disk.write-failed`.
 */
export async function wipeDisk(world: World, erase: Erase, hand: Hand): Promise<Result<Wiped>> {
  const {spec, probe, mustBeZero} = erase;
  const {serial} = spec;
  const {method, seconds} = probe;
  const latch = await world.target.latch(serial);
  if (!latch.ok) return latch;
  if (latch.value?.run === world.run.id) return ok({how: 'earlier in this run'});

  const fill = (find: () => Promise<Result<'absent' | 'present'>>): Promise<Result<void>> =>
    hand.once(blankEffect(spec), find, () => world.target.startWipe(serial, 'overwrite'));
  let zeroesFailed = false;
  const accepted = await hand.once(
    wipeEffect(spec),
    async () => {
      const met = await world.target.wipe(serial);
      if (!met.ok) return met;
      zeroesFailed = method !== 'overwrite' && failedBy(met.value, 'overwrite');
      return whatIsThere(world, erase, met.value, hand);
    },
    () => world.target.startWipe(serial, method),
  );
  if (!accepted.ok) return accepted;
  if (zeroesFailed) {
    // They hide how the erase before them ended, until they are begun anew.
    const again = await fill(async () => ok('absent'));
    if (!again.ok) return again;
  }
  const ended = await followErase(world, erase, seconds, hand);
  if (!ended.ok) return ended;
  const believed = await believe(world, erase, ended.value, hand);
  if (!believed.ok) return believed;

  // Of a fill that an earlier attempt began the light system tells the fill's own method.
  let how = methodFacts(method).by === 'host' ? ended.value.method : method;
  const {after} = methodFacts(method);
  const blanked = (after === 'any' || after === 'fixed') && mustBeZero;
  if (blanked) {
    const zeroes = await fill(async () => {
      const state = await world.target.wipe(serial);
      return state.ok ? ok(hasBlanked(state.value)) : state;
    });
    if (!zeroes.ok) return zeroes;
    const filled = await followErase(world, erase, undefined, hand);
    if (!filled.ok) return filled;
    how = `${how}, then ${filled.value.method}`;
  }

  const expected: Expected = blanked ? 'zero' : expectedOf(method);
  const back = await readBack(world, spec, probe, {expected, since: believed.value}, hand);
  if (!back.ok) return back;
  // Before the latch: after it, nothing of this is done again.
  const {evidence} = erase;
  if (evidence !== undefined)
    await hand.note(`${spec.name} ${serial} is erased: ${methodFacts(method).technique}`, {
      certificate: recordOf({...erase, evidence}, ended.value, {
        how,
        back: back.value,
        ended: world.clock.now(),
        attempt: hand.attempt,
      }),
    });
  const set = await world.target.setLatch(serial, 'wiped');
  return set.ok ? ok({how, back: back.value}) : set;
}

/** Zeroes over one place that holds nothing to keep, once in a run, and proved. */
export function clearPlace(
  world: World,
  spec: DiskSpec,
  {sizeBytes, model, rotational}: DiskFacts,
  hand: Hand,
): Promise<Result<Wiped>> {
  const medium = {bus: 'other', vendor: '', model, firmware: '', wwn: '', rotational, sizeBytes};
  const seed = seedOf(world.run.id, spec.serial);
  const probe: WipeProbe = {method: 'overwrite', begun: world.clock.now(), medium, partitions: [], seed};
  return wipeDisk(world, {spec, probe, level: 'clear', mustBeZero: true, evidence: undefined}, hand);
}

/** After the erase proper, the record is of zeroes only once they were begun. */
const hasBlanked = (state: WipeState): 'absent' | 'present' =>
  (state.state === 'running' || state.state === 'done') && wipesZero.has(state.method) ? 'present' : 'absent';
const wipesZero: ReadonlySet<string> = new Set(['starting', 'overwrite', 'write-zeroes', 'write-zeroes+overwrite']);

function expectedOf(method: WipeMethod): Expected {
  const {after} = methodFacts(method);
  if (after === 'zero' || after === 'fixed') return after;
  return after === 'content' || method === 'discard' ? 'ends' : 'changed';
}

const failedBy = (state: WipeState, method: WipeMethod): boolean => state.state === 'failed' && state.method === method;

/** What the world shows of an erase that an earlier attempt may have sent. One that a disk is at is taken up. */
async function whatIsThere(
  world: World,
  {spec, probe}: Erase,
  state: WipeState,
  hand: Hand,
): Promise<Result<'absent' | 'present'>> {
  const {serial} = spec;
  // What failed is begun anew: a person who has seen why has resumed the run.
  if (failedBy(state, probe.method)) return ok('absent');
  if (state.state !== 'absent') return ok('present');
  const since =
    methodFacts(probe.method).by === 'itself' && !state.trace?.sanitizing
      ? await changeSince(world, spec, probe, hand)
      : ok({change: 'nothing to tell by'} as const);
  if (!since.ok) return since;
  if (whatBecame(probe.method, state.trace, since.value.change) === 'absent') return ok('absent');
  const adopted = await world.target.adoptWipe(serial, probe.method);
  return adopted.ok ? ok('present') : adopted;
}

/** Follows an erase for as long as it moves. */
async function followErase(world: World, erase: Erase, seconds: number | undefined, hand: Hand): Promise<Result<Done>> {
  const {serial, name} = erase.spec;
  const stallMs = patienceMs(seconds);
  const followed = await follow<Result<Done>>(
    async () => {
      const read = await world.target.wipe(serial);
      if (!read.ok) return {done: read};
      const state = read.value;
      switch (state.state) {
        case 'absent':
          return {done: failed(fault('target.failed', `the light system has no record of the wipe of ${serial}`))};
        case 'failed':
          return {done: failed(fault('disk.write-failed', `${serial}: ${state.says}`))};
        case 'done':
          return {done: ok(state)};
        case 'running':
          hand.progress({says: `${name} ${state.method}`, done: state.doneBytes, of: state.sizeBytes, unit: 'bytes'});
          return {progress: state.doneBytes};
        default:
          return state satisfies never;
      }
    },
    {everyMs: 500, stallMs, clock: world.clock, signal: hand.signal},
  );
  if (followed.end === 'aborted') return interrupted();
  if (followed.end === 'met') return followed.value;
  return failed(
    fault('disk.stuck', `the erase of ${name} ${serial} has not moved for ${Math.round(stallMs / 60_000)} minutes`, {
      state: `${serial} may go on with it by itself: no host can call a sanitize back, not by a reset or a power cycle`,
      next: `wait, then: rebuild resume HOST${without(erase)}`,
      detail: {serial, name, minutes: Math.round(stallMs / 60_000)},
    }),
  );
}

/** Said where the run can go on without the disk: no image goes to it. */
const without = ({spec: {serial}, mustBeZero}: Erase): string =>
  mustBeZero ? '' : `; or go on without this disk: rebuild forgo HOST ${serial} -m REASON`;

/** What has changed of what lay there, where that bears the erase out. */
async function believe(
  world: World,
  {spec, probe}: Erase,
  {seen, method: done}: Done,
  hand: Hand,
): Promise<Result<Since>> {
  const {serial, name} = spec;
  const since = await changeSince(world, spec, probe, hand);
  if (!since.ok || methodFacts(probe.method).by === 'host' || done === 'earlier') return since;
  const doubt = doubtOf(probe.method, seen, since.value.change);
  if (doubt === undefined) return since;
  return failed(
    fault('disk.erase-unproved', `${name} ${serial} says that it is erased by ${probe.method}, but ${doubt}`, {
      detail: {serial, method: probe.method, ...(seen && {seen: {...seen}}), change: since.value.change},
    }),
  );
}
