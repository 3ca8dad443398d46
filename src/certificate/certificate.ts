import {z} from 'zod';
import type {Stored} from '../engine/event.ts';
import type {ChainVerdict} from '../journal/journal.ts';
import type {JsonObject} from '../json.ts';
import {wipeRecord, type WipeRecord} from '../step/wipe/certificate.ts';
import type {WipeLevel} from '../step/wipe/level.ts';

export const standard = 'NIST SP 800-88r2';

/** By level, what NIST SP 800-88r2 calls it. */
const categories = {clear: 'Clear', purge: 'Purge', metadata: 'none', express: 'none'} as const satisfies Record<
  WipeLevel,
  string
>;

/**
 * A certificate of what was done to one disk. `verification` is about the technique: it ended as intended, as far as was
 * read. `validation` is about the data: whether the level reached is the one that a person had asked for.
 */
export const certificateSchema = z.strictObject({
  type: z.literal('rebuild.certificate'),
  version: z.literal(1),
  standard: z.literal(standard),
  techniques: z.literal('IEEE 2883').describe('To which the standard leaves the techniques.'),
  category: z
    .enum(['Clear', 'Purge', 'none'])
    .describe('As the standard names it. none: tables and signatures were taken off, which is no sanitization.'),
  run: z.string(),
  rebuild: z.string().describe('Version of the program.'),
  lab: z.boolean().describe('true: the disk is a virtual one, of the lab.'),
  host: z.strictObject({
    name: z.string(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    serial: z.string().nullable().describe('As its BMC told it.'),
  }),
  ...wipeRecord.shape,
  validation: z
    .strictObject({
      decision: z
        .enum(['level reached', 'for its owner to decide', 'no sanitization asked for'])
        .describe(
          'Whether what was reached is what was asked for; for its owner to decide: the technique is of that level, and reading could not verify it. Whether the level suits the data was for people to say.',
        ),
      asked: z.string().describe('The level that the agreed plan names.'),
      plan: z.string().describe('Digest of the plan.'),
      by: z
        .array(z.string())
        .describe('Who agreed to the plan: approvers by their keys’ names, else who began the run.'),
    })
    .describe('Kept apart from verification, as the standard has it.'),
  operator: z.string().describe('Who drove the run when the erase ended.'),
  journal: z.strictObject({
    entry: z.int().describe('Number of the run’s event that holds this.'),
    hash: z.string().describe('That event’s hash, over all before it.'),
    holds: z.boolean().describe('Whether the hash chain held when this was written out.'),
  }),
});
export type Certificate = z.infer<typeof certificateSchema>;

/** The certificates of a run, one a disk: where a disk was read back twice, the later. */
export function certificatesOf(stored: readonly Stored[], chain: ChainVerdict): readonly Certificate[] {
  const first = stored[0]?.event;
  if (first?.type !== 'run.begun') return [];
  const found = new Map<string, Certificate>();
  let operator = first.by;
  let approvers: readonly string[] = [];
  for (const {event, seq, hash} of stored) {
    if (event.type === 'run.resumed') operator = event.by;
    if (event.type === 'gate.opened') approvers = event.by;
    const record = event.type === 'step.noted' ? recordIn(event.data) : undefined;
    if (!record) continue;
    found.set(record.serial, {
      type: 'rebuild.certificate',
      version: 1,
      standard,
      techniques: 'IEEE 2883',
      category: categories[record.level],
      run: first.run,
      rebuild: first.rebuild,
      lab: first.lab,
      host: {name: first.host, ...machineIn(first.facts)},
      ...record,
      validation: {
        decision: decisionOn(record),
        asked: record.level,
        plan: first.plan,
        by: approvers.length > 0 ? [...approvers] : [first.by],
      },
      operator,
      journal: {entry: seq, hash, holds: chain.holds || seq < chain.seq},
    });
  }
  return [...found.values()];
}

function decisionOn({level, verification}: WipeRecord): Certificate['validation']['decision'] {
  if (categories[level] === 'none') return 'no sanitization asked for';
  return verification.result === 'passed' ? 'level reached' : 'for its owner to decide';
}

function recordIn({certificate}: JsonObject): WipeRecord | undefined {
  const read = wipeRecord.safeParse(certificate);
  return read.success ? read.data : undefined;
}

function machineIn({machine}: JsonObject): Pick<Certificate['host'], 'vendor' | 'model' | 'serial'> {
  const read = z.object({vendor: z.string(), model: z.string(), serial: z.string()}).safeParse(machine);
  return read.success ? read.data : {vendor: null, model: null, serial: null};
}

/** A pattern says what counts; a format a validator may not know. */
const withoutFormat: NonNullable<z.core.ToJSONSchemaParams['override']> = ({jsonSchema}) => {
  if (jsonSchema.pattern !== undefined) delete jsonSchema.format;
};

/** `runbooks/certificate.schema.json`: what `rebuild schema certificate` prints. */
export const certificateSchemaText = (): string =>
  `${JSON.stringify({title: 'rebuild certificate of sanitization', ...z.toJSONSchema(certificateSchema, {target: 'draft-7', override: withoutFormat})}, null, 2)}\n`;
