import {hostName, instant, runId, serial, sha256, stepId, type HostName, type Instant} from '../brand.ts';
import type {RunId, Serial, Sha256, StepId} from '../brand.ts';
import {canonical, type JsonObject} from '../json.ts';
import {bounded, branded, either, list, object, oneOf, type Of} from '../shape.ts';

/** The namespace of every signature of ours (`ssh-keygen -Y sign -n`): one made for another purpose is none here. */
export const namespace = 'rebuild-approval';

/** What whoever begins a run with a gate signs: it makes them known, so that they cannot approve it as well. */
export interface Request extends Subject {
  readonly type: 'rebuild-request';
  readonly run: RunId;
}

/** What an approver signs. */
export interface Approval extends Subject {
  readonly type: 'rebuild-approval';
  /** The steps that it lets through. */
  readonly steps: readonly StepId[];
  /** What was looked at: a run, or a saved plan by the SHA-256 of its file. */
  readonly seen: {readonly run: RunId} | {readonly planFile: Sha256};
  readonly expires: Instant;
  readonly why: string;
}

export interface Subject {
  readonly version: 1;
  readonly host: HostName;
  readonly plan: Sha256;
  /** The machine's serial number. */
  readonly machine: string;
  /** Serial numbers of the disks that lose their data, sorted. */
  readonly disks: readonly Serial[];
  /** Who says it of themselves, `omar@jump2`. Whose signature it is, the list of allowed signers says. */
  readonly by: string;
  readonly at: Instant;
}

const subject = {
  version: oneOf(1),
  host: branded(hostName),
  plan: branded(sha256),
  machine: bounded(1, 64),
  disks: list(branded(serial), 0, 256),
  by: bounded(1, 200),
  at: branded(instant),
};

export const requestShape = object({type: oneOf('rebuild-request'), ...subject, run: branded(runId)});

export const approvalShape = object({
  type: oneOf('rebuild-approval'),
  ...subject,
  steps: list(branded(stepId), 1, 64),
  seen: either(object({run: branded(runId)}), object({planFile: branded(sha256)})),
  expires: branded(instant),
  why: bounded(0, 1000),
});

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<Of<typeof requestShape>, Request>;
true satisfies Same<Of<typeof approvalShape>, Approval>;

/** The one text of a statement: what is signed, and the first line of an approval file. */
export const textOf = (statement: Approval | Request): string => `${canonical(statement as unknown as JsonObject)}\n`;

const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';
// An RSA signature of 16384 bits takes 2.9 kB in its armour.
const signatureShape = new RegExp(`^${begin}\\n(?:[A-Za-z0-9+/=]{1,76}\\n){1,80}${end}\\n$`);

/** What is larger is no approval. */
export const maxApprovalBytes = 16 * 1024;

export const isSignature = (text: string): boolean => signatureShape.test(text);

/** An approval as a file: the statement's line, then its signature, so that `ssh-keygen` alone can check it. */
export const approvalFile = (approval: Approval, signature: string): string => textOf(approval) + signature;

/** Reads what `approvalFile` wrote, and nothing that differs from it in a single byte of its form. */
export function parseApprovalFile(text: string): {readonly approval: Approval; readonly signature: string} | undefined {
  if (Buffer.byteLength(text) > maxApprovalBytes) return undefined;
  const line = text.indexOf('\n') + 1;
  const [head, signature] = [text.slice(0, line), text.slice(line)];
  if (!isSignature(signature)) return undefined;
  const approval = parseJson(head);
  // A statement with another text than its own could show a reader something else than was signed.
  return approvalShape(approval) && textOf(approval) === head ? {approval, signature} : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
