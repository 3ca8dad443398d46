import {z} from 'zod';
import type {HostName, Instant, Sha256, StepId} from '../brand.ts';
import {hostName, instant, sha256, stepId} from '../brand.ts';
import {catalogue, type FaultCode} from '../fault-catalogue.ts';
import type {JsonObject} from '../json.ts';
import {planFormat} from './plan.ts';

/** A text whose pattern the published schema shows, and whose one parser decides. */
const branded = <B extends string>(parse: (text: string) => B | undefined, pattern: RegExp, about: string) =>
  z
    .string()
    .regex(pattern)
    .refine((text) => parse(text) !== undefined)
    .describe(about) as unknown as z.ZodType<B, string>;

const step = branded<StepId>(stepId, /^[a-z][a-z0-9-]{0,31}$/, 'A step, by its id in the runbook.');
const digest = (about: string) => branded<Sha256>(sha256, /^[0-9a-f]{64}$/, about);
const seconds = z.number().nonnegative().describe('Seconds.');
const bytes = z.number().nonnegative().describe('Bytes.');
const text = z.string();

// Codes are added from one release to the next: the published schema has their shape, the parser knows them all.
const code = text
  .regex(/^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/)
  .refine((text) => Object.hasOwn(catalogue, text))
  .describe('What went wrong: rebuild explain CODE.') as unknown as z.ZodType<FaultCode, string>;

const facts = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject, JsonObject>;

const fault = z.strictObject({
  code,
  says: text.describe('What went wrong here, in a line.'),
  state: text.exactOptional().describe('What the machine is left as.'),
  next: text.exactOptional().describe('What to type next.'),
  detail: facts.exactOptional(),
});

const certainty = z
  .discriminatedUnion('is', [
    z.strictObject({is: z.literal('will').describe('It will be done.')}),
    z.strictObject({is: z.literal('not').describe('It will not be done.'), because: text}),
    z.strictObject({
      is: z.literal('unknown').describe('Nobody can know yet.'),
      until: text.describe('The step that tells.'),
      because: text,
    }),
  ])
  .describe('Whether it will happen.');

const make = {
  vendor: text.exactOptional().describe('As the BMC shows it; absent where it shows no drives.'),
  model: text.exactOptional(),
};

const effect = z.strictObject({
  id: text,
  says: text.describe('What happens, in a line.'),
  certainty,
  undo: z.boolean().describe('Whether it can be taken back.'),
  irreversible: z.boolean().describe('Whether data is lost for good.'),
  disk: z
    .strictObject({name: text, serial: text, sizeBytes: bytes, ...make})
    .exactOptional()
    .describe('The disk that it writes to.'),
  seconds: z
    .strictObject({from: seconds, to: seconds})
    .exactOptional()
    .describe('How long effects of this kind take, on whichever machine.'),
  bytes: bytes.exactOptional().describe('What it moves.'),
});

const losses = z
  .discriminatedUnion('known', [
    z.strictObject({known: z.literal('nothing')}),
    z.strictObject({known: z.literal('mean'), seconds}),
    z.strictObject({known: z.literal('session'), seconds}),
    z.strictObject({known: z.literal('seen'), losses: z.int().nonnegative(), seconds}),
  ])
  .describe('How often a medium is lost on the way.');

const forecast = z.strictObject({
  bytes,
  seconds: seconds.exactOptional().describe('In one piece, undisturbed; absent where nothing moves.'),
  verdict: z.enum(['likely', 'doubtful', 'hopeless', 'unknown']),
  because: text.exactOptional().describe('Why it is hopeless, or not known.'),
  beforeLoss: z.number().min(0).max(1).exactOptional().describe('Probability to get through before the next loss.'),
  byPromise: z.number().min(0).max(1).exactOptional().describe('Probability to get through in the time promised.'),
  restartSeconds: seconds
    .exactOptional()
    .describe('In the mean, begun anew at each loss; absent where it has no mean.'),
});

const time = z
  .discriminatedUnion('is', [
    z.strictObject({
      is: z.literal('range'),
      from: seconds,
      to: seconds.exactOptional().describe('Absent where nothing bounds it.'),
      by: z.enum(['earlier runs', 'measured rates', 'step']).describe('What says so.'),
      runs: z.int().positive().exactOptional().describe('How many earlier runs.'),
    }),
    z.strictObject({is: z.literal('unknown'), atLeast: seconds, because: text}),
  ])
  .describe('How long a step takes.');

const way = z.strictObject({
  bytesPerSecond: z.number().nonnegative().exactOptional(),
  rateFrom: z.enum(['runbook', 'earlier runs', 'nothing']),
  losses,
});

const transfer = z.strictObject({
  name: text,
  bytes: bytes.describe('Compressed, as they go over the link.'),
  seconds: seconds.exactOptional().describe('Undisturbed; absent where nobody knows the link’s rate.'),
  resumeSeconds: seconds.exactOptional().describe('In the mean, gone on with after each cut.'),
  restartSeconds: seconds.exactOptional().describe('In the mean, if it were begun anew at each cut.'),
  direct: forecast.exactOptional().describe('The same ISO as the virtual CD, over `path`.'),
});

const moving = z.strictObject({
  bmc: text.describe('URL of the BMC that told what it knows of the machine.'),
  power: z.enum(['on', 'off']).describe('Whether the host was on.'),
  path: way.describe('The way over which the BMC reads a medium.'),
  link: way.describe('The way on which images reach the light system.'),
  media: z
    .record(
      z.string(),
      z.strictObject({
        name: text,
        bytes,
        forecast: forecast.exactOptional(),
        light: forecast.exactOptional().describe('The light ISO over the same path.'),
        forced: text.exactOptional().describe('Why it is mounted although it is hopeless.'),
      }),
    )
    .readonly()
    .describe('What may be expected of each medium, by the step that mounts it.'),
  transfers: z
    .record(z.string(), transfer)
    .readonly()
    .describe('What may be expected of each image, by the step that brings it.'),
  times: z.record(z.string(), time).readonly().describe('By step.'),
  total: z.strictObject({
    from: seconds,
    to: seconds.exactOptional().describe('Absent where a step has no bound, or an unknown time.'),
    unknown: z.array(z.string()).readonly().describe('Steps of unknown time.'),
    promise: z.enum(['none', 'within', 'over', 'open']).describe('Against `promiseSeconds`.'),
  }),
});

/** A plan as `--json` prints it and `-o` saves it. */
export const planDocument = z.strictObject({
  type: z.literal('plan'),
  version: z.literal(planFormat).describe('Of this format.'),
  digest: digest(
    'SHA-256 over the canonical JSON of all else but `type`, `readAt`, `until`, `moving` and `place` of the steps.',
  ),
  readAt: branded<Instant>(instant, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'When the facts were read.'),
  host: branded<HostName>(hostName, /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'The host.'),
  runbook: digest('SHA-256 of the runbook’s text.'),
  promiseSeconds: seconds.exactOptional().describe('What users of the host were told.'),
  system: z
    .strictObject({vendor: text, model: text, serial: text, profile: text})
    .describe('The machine, as its BMC shows it.'),
  steps: z
    .array(
      z.strictObject({
        id: step,
        kind: text,
        irreversible: z.boolean().describe('Whether a part of it cannot be undone.'),
        place: z.strictObject({file: text, line: z.int(), column: z.int()}).describe('Where the runbook has it.'),
        effects: z.array(effect).readonly().describe('In order; none where the step cannot be planned.'),
      }),
    )
    .readonly()
    .describe('In order.'),
  facts: z.record(z.string(), facts).readonly().describe('What the plan relies on, by step: a change makes it stale.'),
  gate: z
    .strictObject({
      approvers: z.int().min(1).describe('How many people must agree.'),
      withinSeconds: seconds.describe('How long an approval holds.'),
      steps: z.array(step).readonly().describe('Which steps wait.'),
    })
    .exactOptional()
    .describe('Absent where no step waits for people.'),
  keptDisks: z
    .array(
      z.strictObject({
        name: text.exactOptional().describe('In the runbook; absent where only the BMC knows the disk.'),
        serial: text,
        sizeBytes: bytes,
        ...make,
        unseen: z.literal(true).exactOptional().describe('The BMC lists drives, and not this one.'),
      }),
    )
    .readonly()
    .describe('Disks that no step writes to.'),
  errors: z
    .array(z.strictObject({step: step.exactOptional(), fault}))
    .readonly()
    .describe('While there are any, the plan can be read and not run.'),
  until: step.exactOptional().describe('The step after which a sitting would stop. Not under the digest.'),
  moving: moving
    .exactOptional()
    .describe('Facts that are expected to move, and what follows from them. Not under the digest.'),
});

export type PlanDocument = z.output<typeof planDocument>;
export type MovingDocument = z.output<typeof moving>;
