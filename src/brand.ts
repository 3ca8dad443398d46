/**
 * Texts that must not be mixed up. A brand is given by exactly one parser: its function here.
 * A path such as `/dev/sda` can never become a `Serial`'s stand-in: kernel names move between boots.
 */
declare const brand: unique symbol;
type Brand<Name extends string> = string & {readonly [brand]: Name};

/** A machine's name as operators type it: one DNS label. */
export type HostName = Brand<'HostName'>;
/** A run's speakable id, `marruuk-3`. */
export type RunId = Brand<'RunId'>;
/** A step's id within its runbook. */
export type StepId = Brand<'StepId'>;
/**
 * A disk's serial number as its controller reports it, trimmed; or a place that is written as a disk is:
 * `SERIAL@3` or `SERIAL@PARTUUID`, a partition, and `ram@ADDRESS`, memory from that address on, in hex.
 */
export type Serial = Brand<'Serial'>;
/** A SHA-256 digest: 64 lower-case hex digits, no prefix. */
export type Sha256 = Brand<'Sha256'>;
/** An OpenSSH host key fingerprint: `SHA256:` and unpadded base64. */
export type HostKeyPin = Brand<'HostKeyPin'>;
/** A moment: ISO 8601 in UTC with milliseconds, `2026-11-21T09:16:31.042Z`. */
export type Instant = Brand<'Instant'>;

const parser =
  <B extends string>(shape: RegExp) =>
  (text: string): B | undefined =>
    shape.test(text) ? (text as B) : undefined;

export const hostName = parser<HostName>(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
export const runId = parser<RunId>(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?-\d+$/);
export const stepId = parser<StepId>(/^[a-z][a-z0-9-]{0,31}$/);
// SCSI and ATA serials are printable ASCII; the shell and the file system see them, so the set is narrow.
export const serial = parser<Serial>(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}(?:@[0-9a-f-]{1,36})?$/);
export const sha256 = parser<Sha256>(/^[0-9a-f]{64}$/);
export const hostKeyPin = parser<HostKeyPin>(/^SHA256:[A-Za-z0-9+/]{43}$/);
export const instant = parser<Instant>(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
