import {z} from 'zod';
import {fault, type FaultCode} from '../fault.ts';
import {follow} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import {interrupted} from './interrupted.ts';
import type {Hand, Step} from './step.ts';
import type {LightIso, Look, TargetFacts, World} from './world.ts';

const params = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How often the medium is mounted and booted again before a person is asked.'),
});
type Params = z.infer<typeof params>;

export const targetBoot: Step<Params, {readonly power: string}> = {
  kind: 'target.boot',
  summary: 'Starts the host once from the virtual CD, and waits until the light system answers with its pinned key.',
  irreversible: false,
  heldUntil: ['network.restore'],
  params,

  async probe(look) {
    const system = await look.bmc.system();
    // Whether it is on now says nothing about when the step runs.
    return system.ok ? ok({power: 'any'}) : system;
  },

  plan: () => [
    {
      id: 'boot',
      says: 'start once from the virtual cd, wait for the light system',
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 10, to: 420},
    },
  ],

  async apply(world, {attempts}, hand) {
    const iso = await world.shelf.light();
    if (!iso.ok) return iso;
    const running = await answers(world);
    if (running.ok)
      return ok({says: 'already up', data: {...proof(world, running.value), attempts: 0, mediaLosses: 0}});

    const begun = world.clock.ticks();
    let mediaLosses = 0;
    let last: Missed = 'silent';
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const armed = await arm(world, iso.value, hand);
      if (!armed.ok) return armed;
      const up = await wait(world, iso.value, hand);
      if (!up.ok) return up;
      if (typeof up.value !== 'string') {
        const seconds = Math.round((world.clock.ticks() - begun) / 1000);
        return ok({says: 'up', data: {...proof(world, up.value), attempts: attempt, mediaLosses, seconds}});
      }
      last = up.value;
      if (last === 'medium lost') mediaLosses++;
      const {covered} = world.shelf.served();
      await hand.note(`${missed[last]}; mounting and booting again`, {
        attempt,
        bytesRead: covered,
        ...(last === 'medium lost' && {medium: 'lost'}),
      });
    }
    return failed(
      last === 'medium lost'
        ? fault('media.lost', `the medium went away in ${mediaLosses} of ${attempts} attempts`)
        : fault('target.not-up', `no answer from the light system in ${attempts} attempts`),
    );
  },

  async verify(look) {
    const up = await answers(look);
    return up.ok ? ok({says: 'light system is up, host key pinned', data: {bootId: up.value.bootId}}) : up;
  },
};

type Missed = 'medium lost' | 'stalled' | 'silent' | 'other system';

const missed: Readonly<Record<Missed, string>> = {
  'medium lost': 'the medium went away before the light system was up',
  stalled: 'the BMC stopped reading the medium before the light system was up',
  silent: 'the medium was read and the light system did not answer',
  'other system': 'another system than the light one came up, so the boot override was not honoured',
};

const proof = (look: Look, facts: TargetFacts) => ({
  bootId: facts.bootId,
  mediumNeeded: facts.mediumNeeded,
  isoBytesServed: look.shelf.served().bytes,
});

async function answers(look: Look): Promise<Result<TargetFacts>> {
  const hello = await look.target.hello();
  if (hello.ok && hello.value.run !== look.run.id)
    return failed(fault('target.refused', `the light system belongs to run ${hello.value.run}`));
  return hello;
}

/** Mounts the medium if it is not there, and starts the host from it. */
async function arm(world: World, iso: LightIso, {signal}: Hand): Promise<Result<void>> {
  const off = await world.bmc.power('off', signal);
  if (!off.ok) return off;
  const now = await world.bmc.media();
  if (!now.ok) return now;
  if (now.value.state !== 'attached' || now.value.image !== iso.url) {
    const inserted = await world.bmc.insert(iso.url, signal);
    if (!inserted.ok) return inserted;
  }
  world.shelf.recount();
  const once = await world.bmc.bootCdOnce(signal);
  return once.ok ? world.bmc.power('on', signal) : once;
}

// A server's self-test takes up to ten minutes before it reads its first byte of any medium.
const firstByteMs = 10 * 60_000;
// The slowest link the project is made for moves 167 kB/s; a minute without a byte is not a slow link.
const stallMs = 60_000;
// All that is read at boot is in RAM: what is left is unpacking, drivers and the network.
const unpackMs = 5 * 60_000;

type Reading = 'nothing read' | 'reading' | 'all in RAM';

/** Waits for the light system for as long as something moves, and says what was missing when nothing did. */
async function wait(world: World, iso: LightIso, hand: Hand): Promise<Result<TargetFacts | Missed>> {
  const limits = {'nothing read': firstByteMs, reading: stallMs, 'all in RAM': unpackMs};
  let bytes = world.shelf.served().bytes;
  let moved = world.clock.ticks();
  let emptySlots = 0;
  let noted = false;

  const end = await follow<Result<TargetFacts | Missed>>(
    async () => {
      const up = await answers(world);
      if (up.ok) return {done: up};
      // The old system answers with its own key; the pinned one can only be the light system's.
      if (up.fault.code === 'ssh.host-key-differs') return {done: ok('other system')};
      if (!waitable(up.fault.code)) return {done: up};

      const served = world.shelf.served();
      const reading: Reading =
        served.covered >= iso.bootBytes ? 'all in RAM' : served.covered > 0 ? 'reading' : 'nothing read';
      hand.progress({
        says: `light iso: ${reading}`,
        done: Math.min(served.covered, iso.bootBytes),
        of: iso.bootBytes,
        unit: 'bytes',
      });
      if (served.bytes !== bytes) moved = world.clock.ticks();
      bytes = served.bytes;

      // One odd reading is not a loss: a BMC may answer nonsense in between.
      const media = await world.bmc.media();
      emptySlots = media.ok && media.value.state === 'detached' ? emptySlots + 1 : 0;
      if (emptySlots >= 2 && reading !== 'all in RAM') return {done: ok('medium lost')};
      if (emptySlots >= 2 && !noted) {
        noted = true;
        await hand.note('the medium went away; everything needed is in RAM already', {
          bytesRead: served.covered,
          medium: 'lost',
        });
      }

      if (world.clock.ticks() - moved > limits[reading])
        return {done: ok(reading === 'reading' ? 'stalled' : 'silent')};
      return {progress: served.bytes};
    },
    {everyMs: 500, stallMs: firstByteMs + unpackMs, clock: world.clock, signal: hand.signal},
  );
  if (end.end === 'met') return end.value;
  return end.end === 'aborted' ? interrupted() : ok('silent');
}

/** Nothing answers yet, or it went down again: both are what a starting machine looks like. */
const waitable = (code: FaultCode): boolean => code === 'ssh.unreachable' || code === 'ssh.lost';
