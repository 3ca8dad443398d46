import {z} from 'zod';
import {ok} from '../result.ts';
import type {Step} from './step.ts';
import {standingText, superseded, verdictData, verdictsIn, type Verdict} from './evidence-verdict.ts';

const words = z
  .string()
  .trim()
  .regex(/^[^\p{C}]{1,200}$/u, {error: 'expected one line of text'});

const params = z.strictObject({
  profile: z
    .literal('none')
    .default('none')
    .describe('none: nothing is kept of the old system, which a person answers for by name.'),
  waiver: z
    .strictObject({
      by: words.describe('Who answers for it.'),
      reason: words.describe('Why nothing need be kept.'),
    })
    .describe('Who answers for it that nothing is kept, and why.'),
});
type Params = z.infer<typeof params>;

export const evidenceCapture: Step<Params> = {
  kind: 'evidence.capture',
  summary: 'Secures what the old system can tell before it is erased, or records who has waived that.',
  irreversible: false,
  heldUntil: ['disk.wipe'],
  params,

  probe: async () => ok({}),

  plan: (params) => [
    {
      id: 'evidence',
      says: standingText(waived(params)).slice(0, 60),
      certainty: {is: 'will'},
      undo: true,
      irreversible: false,
    },
  ],

  async apply(world, params, hand) {
    const system = await world.bmc.system();
    if (!system.ok) return system;
    const drives = await world.bmc.drives();
    if (!drives.ok) return drives;
    const {vendor, model, serial} = system.value;
    await hand.note(`inventory of ${[vendor, model, serial].filter(Boolean).join(' ')}`, {
      system: {...system.value},
      drives: (drives.value ?? []).map((drive) => ({...drive})),
    });
    const verdict = waived(params);
    const all = superseded(verdictsIn(world.earlier('evidence.capture')), [verdict]);
    return ok({says: standingText(verdict), data: verdictData(all)});
  },

  verify: async (_, params) => ok({says: standingText(waived(params)), data: {}}),
};

const waived = ({profile, waiver: {by, reason}}: Params): Verdict => ({
  profile,
  standing: {is: 'waived', by, reason},
});
