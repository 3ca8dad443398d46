import {fault, type Fault} from '../../fault.ts';
import type {Cause} from '../interruption.ts';

/** How one attempt to boot from the medium ended without the light system. */
export interface Missed {
  readonly cause: Cause;
  readonly says: string;
  /** Bytes of the medium read in it. */
  readonly bytes: number;
  /** From the host's start to the end of the attempt. */
  readonly seconds: number;
  /** While bytes came. */
  readonly bytesPerSecond: number | undefined;
  /** The BMC's log names a reset of the server as the cause. */
  readonly byReset: boolean;
}

const lookAt = {
  reset: 'the BMC’s firmware: it drops the medium at each reset of the server (update it, or mount by its own KVM)',
  session:
    'an open KVM or browser session, and the session limit of the BMC or KVM: the medium goes after about the same time',
  rate: 'the rate of the link between BMC and this controller, and whatever else uses it',
  unread: 'the BMC itself: it shows the medium and does not read it (reset the BMC, update its firmware)',
  never:
    'the boot order in the firmware’s setup, and whether the BMC’s virtual CD is there as a drive: nothing ever read it',
  lost: 'the link between BMC and this controller, and who else uses the BMC’s virtual media',
  screen: 'the KVM screen: where does the machine stand? (Secure Boot, a setup prompt, a drive that hangs)',
  order: 'the boot order in the firmware’s setup: the one-time start from the virtual CD was not honoured',
  bmc: 'the BMC: whether it answers, and whether others use its virtual media',
} as const;

// Below this the light ISO itself takes an hour.
const slowBytesPerSecond = 12_000;

/** What a person is asked to look at, once the medium has been mounted and booted in vain often enough. Pure. */
export function adviceAfter(missed: readonly Missed[]): Fault {
  const last = missed.at(-1);
  if (!last) throw new Error('there was no attempt');
  const times = missed.length;
  const media = missed.filter(({cause}) => cause === 'medium lost' || cause === 'medium unread');
  const detail = {
    attempts: missed.map(({cause, bytes, seconds, bytesPerSecond}) => ({
      cause,
      bytes,
      seconds: Math.round(seconds),
      bytesPerSecond: bytesPerSecond === undefined ? null : Math.round(bytesPerSecond),
    })),
  };
  const next = `look at ${lookAt[place(missed, last)]}; then: rebuild resume HOST`;
  if (last.cause === 'medium lost' || last.cause === 'medium unread') {
    const read = media.map(({bytes}) => `${(bytes / 1e6).toFixed(1)} MB`).join(', ');
    const what = last.cause === 'medium lost' ? 'went away' : 'was shown and not read';
    return fault('media.lost', `the medium ${what} in ${media.length} of ${times} attempts, after ${read}`, {
      next,
      detail,
    });
  }
  return last.cause === 'bmc trouble'
    ? fault('media.not-mounted', `${last.says}, in ${times} attempts`, {next, detail})
    : fault('target.not-up', `no answer from the light system in ${times} attempts: ${last.says}`, {next, detail});
}

function place(missed: readonly Missed[], last: Missed): keyof typeof lookAt {
  switch (last.cause) {
    case 'medium lost': {
      if (missed.some(({byReset}) => byReset)) return 'reset';
      const lost = missed.filter(({cause}) => cause === 'medium lost');
      if (lost.some(({bytesPerSecond = Infinity}) => bytesPerSecond < slowBytesPerSecond)) return 'rate';
      return lost.length > 1 && alike(lost.map(({seconds}) => seconds)) ? 'session' : 'lost';
    }
    case 'medium unread':
      return missed.every(({bytes}) => bytes === 0) ? 'never' : 'unread';
    case 'bmc trouble':
      return 'bmc';
    case 'not started':
    case 'link cut':
    case 'target restarted':
    case 'isolation lost':
      return last.says.includes('another system') ? 'order' : 'screen';
    default:
      return last.cause satisfies never;
  }
}

/** Within a tenth of each other, and long enough to be no accident. */
const alike = (seconds: readonly number[]): boolean =>
  Math.min(...seconds) >= 60 && Math.max(...seconds) <= 1.1 * Math.min(...seconds);
