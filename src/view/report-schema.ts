import {z} from 'zod';
import {certificateSchema} from '../certificate/certificate.ts';
import type {JsonObject} from '../json.ts';
import {causes} from '../step/interruption.ts';
import type {Account, Unreadable} from './account.ts';
import type {StatusDocument} from './status-document.ts';

// What `rebuild report --json` and `rebuild status --json` print, for programs. The compiler holds it to the types below.

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const seconds = z.number().min(0).describe('seconds');
const count = z.int().min(0);
const bytes = z.int().min(0).describe('bytes');
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .describe('a moment in UTC, to the millisecond');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const data = z.record(z.string(), z.unknown()).readonly();
// Not an enumeration: every version knows more of them.
const code = z
  .string()
  .regex(/^[a-z]+\.[a-z-]+$/)
  .describe('see: rebuild explain CODE');
const shortFault = z.object({code, says: z.string()});

const cause = z.enum([...causes, 'controller gone', 'step failed', 'waited']);

const interruption = z
  .object({
    at: instant.describe('when it was noticed'),
    cause,
    step: z.string().nullable(),
    says: z.string(),
    seconds: seconds.describe('in which nothing new was gained; work that the target did by itself is not in it'),
    bytesAgain: bytes.describe('read or sent a second time'),
    attempts: count.describe('tries it took: mounts and boots, or connections'),
    over: z.boolean().describe('made up for'),
    meanwhile: z
      .object({chunks: count, seconds})
      .optional()
      .describe('what the target did by itself while nobody was there, and the seconds of work that this is'),
  })
  .meta({id: 'interruption', description: 'something that broke in on the run, and what it cost'});

const step = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['waiting', 'running', 'unsure', 'done', 'failed']),
    attempts: count,
    seconds: seconds.nullable().describe('worked on it, over all attempts'),
    proof: z.object({says: z.string(), data}).nullable(),
    fault: shortFault.nullable(),
  })
  .meta({id: 'step'});

const gateWait = z
  .object({
    step: z.string(),
    needs: count,
    approvedBy: list(z.string()),
    reached: instant,
    opened: instant.nullable(),
    waitedSeconds: seconds,
  })
  .meta({id: 'wait'});

const states = ['running', 'failed', 'stopped', 'waits', 'away', 'unsure', 'done', 'abandoned'] as const;

const standing = {
  run: z.string(),
  host: z.string(),
  lab: z.boolean(),
  by: list(z.string()).describe('who began it, and who went on with it, in order'),
  begun: instant,
  ended: instant.describe('or the last that was heard of it'),
  seconds: seconds.describe('from begun to ended, pauses included'),
  promiseSeconds: z.number().nullable().describe('what users of the host were told'),
  plan: sha256,
  runbook: sha256,
  steps: list(step),
  isoBytesServed: z.number().nullable(),
  imageBytesSent: z.number().nullable(),
  mediaLosses: z.number().nullable(),
  interruptions: list(interruption),
  interruptedSeconds: seconds,
  bytesAgain: bytes,
  gates: list(gateWait).describe('every wait for people'),
  gateWaitedSeconds: seconds,
  next: z.string().describe('the command to type next'),
};

const breach = z.object({
  table: z.enum(['entries', 'heads']),
  row: z.int().nullable().describe("the row's number in the file"),
  column: z.enum(['id', 'run', 'seq', 'at', 'event', 'at or event', 'hash']).nullable(),
  event: z.string().nullable().describe('type of the event that the row holds'),
  expected: z.string(),
  found: z.string(),
});

const chain = z
  .discriminatedUnion('holds', [
    z.object({holds: z.literal(true), entries: count}),
    z.object({
      holds: z.literal(false),
      seq: count.describe('the first entry that does not fit'),
      says: z.string(),
      where: breach.optional(),
    }),
  ])
  .meta({id: 'chain', description: "whether the journal's hash chain holds, and exactly where it breaks"});

const unproved = list(z.object({row: z.int(), seq: z.int(), at: z.string(), type: z.string().nullable()})).describe(
  'rows from the place on at which the chain breaks: they prove nothing',
);

const down = z.object({from: instant, to: instant.nullable().describe('null while it goes on'), seconds}).nullable();

const forecast = z.object({
  fromSeconds: seconds,
  toSeconds: seconds,
  tookSeconds: seconds,
  errorSeconds: z.number().describe('outside of the range by so much; negative where it was sooner'),
});

const figures = z.object({
  machineDown: down.describe("from the old system's end to the first answer of the new one"),
  serviceDown: down.describe('from the quarantine to the proof from outside'),
  lost: list(z.object({cause, times: count, seconds, bytesAgain: bytes})).describe('work lost, by what it was lost to'),
  lostSeconds: seconds,
  bytes: z.object({
    isoServed: z.number().nullable(),
    imageSent: z.number().nullable(),
    staged: z.number().nullable(),
    again: z.number(),
  }),
  gateWaitedSeconds: seconds,
  pausedSeconds: seconds.describe('stopped because somebody chose to'),
  promise: z
    .object({
      promisedSeconds: z.number(),
      tookSeconds: seconds,
      errorSeconds: z.number().describe('how much longer it took; negative where it was sooner'),
      kept: z.boolean().nullable().describe('null while it may still be kept'),
    })
    .nullable(),
  forecast: forecast
    .extend({steps: list(forecast.extend({step: z.string()})), without: list(z.string())})
    .nullable()
    .describe('what was forecast when the run began, of the steps that are done'),
});

const statement = z
  .object({type: z.string(), by: z.string()})
  .meta({additionalProperties: true})
  .describe('what was signed');
const signed = {signature: z.string(), principal: z.string(), key: z.string()};

const report = z.object({
  type: z.literal('run.report'),
  summary: z.object({type: z.literal('run.summary'), result: z.enum(states), ...standing}),
  rebuild: z.string().describe('the version that began the run'),
  facts: data.describe('public facts: fingerprints, digests, disks by serial number, the forecast'),
  chain,
  figures,
  sittings: list(
    z.object({
      by: z.string(),
      begun: instant,
      ended: instant,
      left: z
        .enum(['no word', 'failed', 'asked', 'until', 'interrupted', 'gate', 'handed over', 'ended'])
        .nullable()
        .describe('how it was left; null for the last'),
    }),
  ).describe('who drove the run, from when to when'),
  attempts: list(
    z.object({
      step: z.string(),
      number: count,
      begun: instant,
      ended: instant.nullable(),
      end: z.enum(['open', 'done', 'failed', 'left']),
      saved: count.describe('checkpoints'),
      fault: shortFault.nullable(),
    }),
  ),
  disks: list(
    z.object({
      serial: z.string(),
      outcome: z.enum([
        'erased',
        'left out, not erased',
        'accepted, not proved',
        'sent, outcome unknown',
        'never begun',
      ]),
      method: z.string().optional(),
      at: instant.optional(),
    }),
  ),
  certificates: list(certificateSchema).describe(
    'one for each disk that was erased and read back: rebuild schema certificate',
  ),
  digests: list(z.object({name: z.string(), value: z.string()})),
  gate: z
    .object({
      terms: z.object({
        approvers: count,
        withinSeconds: seconds,
        steps: list(z.string()),
        machine: z.string(),
        disks: list(z.string()),
        signers: sha256,
        requester: z.object({statement, ...signed}),
      }),
      approvals: list(z.object({at: instant, approval: z.object({statement, ...signed}), signers: sha256})),
    })
    .nullable(),
  deviations: list(z.object({at: instant, kind: z.string(), step: z.string().optional(), says: z.string()})).describe(
    'what did not go as planned, or was decided otherwise',
  ),
  notDone: list(z.string()),
  unproved,
  prompts: list(z.object({id: z.string(), asks: z.string(), answer: z.null()})).describe('for people to write'),
  events: list(
    z.object({
      seq: count,
      at: instant,
      event: z.object({type: z.string()}).meta({additionalProperties: true}).describe('as `rebuild log --json` has it'),
      hash: sha256,
    }),
  ),
});

const unreadable = z
  .object({type: z.literal('run.unreadable'), run: z.string(), chain, unproved})
  .describe('in place of a report, where not even the first entry is proved');

const held = z
  .object({who: z.string(), pid: z.int(), reason: z.string(), expires: instant})
  .nullable()
  .describe('who works on the host now');

const status = z
  .object({
    type: z.literal('status'),
    at: instant,
    hosts: list(
      z.union([
        z.object({state: z.enum(states), ...standing, holder: held}),
        z.object({
          host: z.string(),
          run: z.string(),
          state: z.literal('unreadable'),
          fault: z
            .object({
              code,
              says: z.string(),
              state: z.string().optional(),
              next: z.string().optional(),
              detail: data.optional(),
            })
            .nullable(),
          holder: held,
        }),
      ]),
    ),
  })
  .describe('what status --json prints, and status --watch --json on each line');

const document = z.union([report, unreadable, status]);

// What is printed is described: a field of another type, or one that is missing here and needed, fails to compile.
type Printed = z.input<typeof document>;
true satisfies [Account | Unreadable] extends [Printed] ? true : never;
true satisfies [StatusDocument] extends [Printed] ? true : never;

/** The JSON Schema of both documents. Open: fields may be added. */
export function reportSchema(): JsonObject {
  const schema = z.toJSONSchema(document, {
    target: 'draft-7',
    io: 'input',
    override: ({jsonSchema}) => {
      delete jsonSchema.readOnly;
      // The pattern says what counts; not every validator knows the format's name.
      if (jsonSchema.pattern !== undefined) delete jsonSchema.format;
    },
  });
  return {...(schema as unknown as JsonObject), title: 'rebuild report and status'};
}
