import {z} from 'zod';
import {hostName, instant, runId, sha256, type HostName, type Instant, type RunId, type Sha256} from '../brand.ts';
import type {Link} from '../journal/journal.ts';
import {canonical, type JsonObject} from '../json.ts';
import {sealedShape, type Sealed} from './seal.ts';

/**
 * A run as a file, whole: what another machine needs to go on with it. Nothing in it is secret but what is sealed.
 * Images are named by digest; each machine has them in its own cache, or builds them again.
 */
export interface HandOver {
  readonly type: 'rebuild-handover';
  readonly version: 1;
  readonly run: RunId;
  readonly host: HostName;
  readonly lab: boolean;
  readonly by: string;
  readonly at: Instant;
  readonly rebuild: string;
  /** The newest epoch of the host's lease: the other machine gives out none that is not above it. */
  readonly epoch: number;
  readonly entries: readonly Link[];
  /** `plan.json` of the run, as it was saved. */
  readonly plan: string | null;
  readonly runbook: NamedText | null;
  /** The list of allowed signers, where the runbook has a gate. */
  readonly signers: NamedText | null;
  /** Digest of the OS image that the run was planned with. */
  readonly image: Sha256 | null;
  /** Of a run of the lab: the directory of its machine on the machine that hands it over. */
  readonly labAt?: string | undefined;
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

const branded = <B extends string>(parse: (text: string) => B | undefined) =>
  z.custom<B>((value) => typeof value === 'string' && parse(value) !== undefined);

// A name, never a path: it becomes a file in a folder of ours.
const named = z.strictObject({name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/), text: z.string()});

const shape = z.strictObject({
  type: z.literal('rebuild-handover'),
  version: z.literal(1),
  run: branded(runId),
  host: branded(hostName),
  lab: z.boolean(),
  by: z.string().max(200),
  at: branded(instant),
  rebuild: z.string().max(100),
  epoch: z.int().nonnegative(),
  entries: z
    .array(z.strictObject({seq: z.int().positive(), at: z.string(), event: z.string(), hash: branded(sha256)}))
    .readonly(),
  plan: z.string().nullable(),
  runbook: named.nullable(),
  signers: named.nullable(),
  image: branded(sha256).nullable(),
  labAt: z.string().startsWith('/').max(4096).optional(),
  /** Null where the run has ended: nobody goes on with it. */
  sealed: sealedShape.nullable(),
});

const keysShape = z.strictObject({
  controller: z.string(),
  light: z.string(),
  host: z.string(),
  media: z.strictObject({token: z.string(), port: z.int()}),
});

// A run of many thousand checkpoints has some ten megabytes.
export const maxHandOverBytes = 64 * 1024 * 1024;

/** What the sealed part is bound to: everything beside it. */
export const besideText = (handOver: HandOver): string => canonical(handOver as unknown as JsonObject);

export const handOverText = (handOver: HandOver, sealed: Sealed | null): string =>
  `${JSON.stringify({...handOver, sealed}, null, 1)}\n`;

export function parseHandOver(text: string): {readonly handOver: HandOver; readonly sealed: Sealed | null} | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) return undefined;
  const {sealed, ...handOver} = parsed.data;
  const belongs = handOver.run.slice(0, handOver.run.lastIndexOf('-')) === handOver.host;
  return belongs ? {handOver, sealed} : undefined;
}

/** The run's keys, as they were sealed; whether each is a key, their own room says. */
export function parseKeys(text: string): z.output<typeof keysShape> | undefined {
  try {
    return keysShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
