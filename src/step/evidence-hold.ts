import {z} from 'zod';
import {instant} from '../brand.ts';
import {ok, type Result} from '../result.ts';
import {durationSeconds} from '../runbook/duration.ts';
import {formats} from '../runbook/format.ts';
import {brief} from './brief.ts';
import {checkData} from './check.ts';
import {interrupted} from './interrupted.ts';
import {isoAfter} from './evidence/iso-after.ts';
import {watchIsolation} from './isolation/watch.ts';
import type {Mistake, Proof, Step} from './step.ts';
import type {World} from './world.ts';

const params = z.strictObject({
  for: formats.duration.describe('How long at most, such as 36h, from the moment it begins. Kept through a resume.'),
  reason: z
    .string()
    .trim()
    .regex(/^[^\p{C}]{1,200}$/u, {error: 'expected one line of text'})
    .describe('Why the host is left as it is for so long: what is hoped to be seen.'),
  refused: z
    .int()
    .min(1)
    .exactOptional()
    .describe('It ends before that once the gateway has refused so many packets of the host.'),
  off: z.boolean().default(false).describe('It ends before that once the BMC says that the host is off.'),
});
type Params = z.infer<typeof params>;

const everyMs = 5_000;
/** Gateway and BMC are asked less often than a person is listened to. */
const askEveryMs = 30_000;

export const evidenceHold: Step<Params> = {
  kind: 'evidence.hold',
  summary: 'Leaves the host as it is, to be watched, until a time, a condition, or a person ends it: rebuild release.',
  irreversible: false,
  heldUntil: ['media.mount'],
  params,

  check: ({reason}, {steps}, at): readonly Mistake[] => {
    const later = steps.slice(0, at).find(({kind}) => kind === 'target.boot' || kind === 'disk.wipe');
    return later
      ? [
          {
            path: ['do'],
            says: `nothing of the old system is left to watch after step "${later.id}" (${reason.slice(0, 40)})`,
          },
        ]
      : [];
  },

  probe: async () => ok({}),

  plan: ({for: span, reason}, _, {steps}) => [
    {
      id: 'hold',
      says: brief(`hold for ${span}: ${reason}`),
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
      seconds: {from: 0, to: durationSeconds(span) ?? 0},
    },
    ...(steps.some(({kind}) => kind === 'port.isolate')
      ? [
          {
            id: 'isolated',
            says: 'isolated all the while: put back what the gateway loses',
            certainty: {is: 'will'} as const,
            undo: true,
            irreversible: false,
            // Within the time of the hold.
            seconds: {from: 0, to: 0},
          },
        ]
      : []),
  ],

  async apply(world, params, hand) {
    const {clock} = world;
    const kept = hand.at?.['until'];
    const saved = typeof kept === 'string' ? instant(kept) : undefined;
    const until = saved ?? isoAfter(clock.now(), durationSeconds(params.for) ?? 0);
    const lost = hand.at?.['isolationLost'];
    const watch = watchIsolation(world, hand, {
      lost: typeof lost === 'number' ? lost : 0,
      saveLost: (isolationLost) => hand.save({until, isolationLost}),
    });
    /** What the gateway has counted by its end is what it was held for. */
    const over = async (why: string): Promise<Result<Proof>> => {
      const looked = await watch.look('last');
      if (!looked.ok) return looked;
      const data = {until, ended: why, ...watch.data(), checks: checkData(watch.checks())};
      return ok({says: brief(`held; ${why}`), data});
    };
    if (!saved) {
      await hand.save({until});
      await hand.note(`held until ${until}: ${params.reason}`, {until});
    }
    let asked = -Infinity;
    for (;;) {
      if (hand.signal.aborted) return interrupted();
      const release = await hand.released();
      if (release) return over(`ended by ${release.by}: ${release.why}`);
      const left = Date.parse(until) - Date.parse(clock.now());
      if (left <= 0) return over('its time was over');
      if (clock.ticks() - asked >= askEveryMs) {
        asked = clock.ticks();
        const looked = await watch.look();
        if (!looked.ok) return looked;
        const met = await condition(world, params);
        if (met.ok && met.value !== undefined) return over(met.value);
      }
      const of = Math.ceil(Math.max(left / 1000, durationSeconds(params.for) ?? 0));
      const done = of - Math.ceil(left / 1000);
      hand.progress({says: `held until ${until.slice(0, 16)}Z: ${params.reason}`, done, of, unit: 'seconds'});
      await clock.sleep(Math.min(everyMs, left), hand.signal);
    }
  },

  // It is over once it has been: there is nothing in the world that would say so.
  verify: async () => ok({says: 'the hold is over', data: {}}),
};

/** What has come true, if anything. Who cannot be asked ends nothing: a hold is not broken by an outage. */
async function condition(world: World, {refused, off}: Params): Promise<Result<string | undefined>> {
  if (off) {
    const system = await world.bmc.system();
    if (!system.ok) return system;
    if (system.value.power === 'off') return ok('the BMC says that the host is off');
  }
  if (refused !== undefined) {
    const count = await world.edge.refused();
    if (!count.ok) return count;
    if (count.value.packets >= refused) return ok(`the gateway has refused ${count.value.packets} packets of it`);
  }
  return ok(undefined);
}
