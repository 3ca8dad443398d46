import {z} from 'zod';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {sizeBytes} from '../../runbook/size.ts';

/** When a fault strikes: now, once so much of the medium has been read, or once the console shows a stage. */
const moment = z.discriminatedUnion('at', [
  z.object({at: z.literal('now')}),
  z.object({at: z.literal('bytes'), bytes: z.int().positive()}),
  z.object({at: z.literal('stage'), stage: z.string()}),
]);
export type Moment = Readonly<z.infer<typeof moment>>;

/** Everything that can be made to go wrong. */
export const labFaultSchema = z.discriminatedUnion('fault', [
  /** The BMC loses the medium and says so. */
  z.object({fault: z.literal('eject'), when: moment}),
  /** The line to the medium breaks; the BMC goes on to say that it is inserted. */
  z.object({fault: z.literal('cut'), when: moment}),
  /** The line to the medium stays and nothing moves on it. */
  z.object({fault: z.literal('stall'), when: moment}),
  z.object({fault: z.literal('throttle'), when: moment, bytesPerSecond: z.int().positive()}),
  /** The line is whole again, and what was to strike later does not. */
  z.object({fault: z.literal('mend')}),
  /** The BMC answers the next requests with 500. */
  z.object({fault: z.literal('bmc-500'), requests: z.int().positive()}),
  /** The BMC forgets its sessions and answers the next requests with 401. */
  z.object({fault: z.literal('bmc-401'), requests: z.int().positive()}),
  /** The power goes. */
  z.object({fault: z.literal('power-loss'), when: moment}),
]);
export type LabFault = Readonly<z.infer<typeof labFaultSchema>>;

export const faultNames = labFaultSchema.options.map(({shape}) => shape.fault.value);

/** Options of `rebuild lab fault`, as typed. */
export interface FaultOptions {
  readonly atBytes?: string;
  readonly atStage?: string;
}

/** `eject`, `throttle 1MB`, `bmc-500 3`, with `--at-bytes 12MB` or `--at-stage ready`. */
export function parseFault(
  [name = '', amount, ...more]: readonly string[],
  options: FaultOptions = {},
): Result<LabFault> {
  if (more.length > 0) return usage(`what is "${more.join(' ')}"?`);
  const when = parseMoment(options);
  if (!when.ok) return when;
  const later = when.value.at !== 'now';
  const plain = (found: LabFault): Result<LabFault> =>
    amount === undefined ? ok(found) : usage(`${name} takes no amount`);
  switch (name) {
    case 'eject':
    case 'cut':
    case 'stall':
    case 'power-loss':
      return plain({fault: name, when: when.value});
    case 'mend':
      return later ? usage('mend is for now') : plain({fault: 'mend'});
    case 'throttle': {
      const bytesPerSecond = sizeBytes(amount ?? '');
      return bytesPerSecond === undefined
        ? usage('throttle wants bytes per second: throttle 1MB')
        : ok({fault: 'throttle', when: when.value, bytesPerSecond});
    }
    case 'bmc-500':
    case 'bmc-401': {
      if (later) return usage(`${name} strikes the next requests`);
      const requests = /^[1-9]\d{0,5}$/.test(amount ?? '1') ? Number(amount ?? 1) : undefined;
      return requests === undefined
        ? usage(`${name} wants a number of requests: ${name} 3`)
        : ok({fault: name, requests});
    }
    default:
      return usage(`there is no fault "${name}"; there are ${faultNames.join(', ')}`);
  }
}

function parseMoment({atBytes, atStage}: FaultOptions): Result<Moment> {
  if (atBytes !== undefined && atStage !== undefined) return usage('give --at-bytes or --at-stage, not both');
  if (atBytes !== undefined) {
    const bytes = /^\d+$/.test(atBytes) ? Number(atBytes) : sizeBytes(atBytes);
    return bytes === undefined || bytes < 1
      ? usage('--at-bytes wants a size: 12MB, or 12000000')
      : ok({at: 'bytes', bytes});
  }
  if (atStage === undefined) return ok({at: 'now'});
  return /^[a-z][a-z0-9-]*$/.test(atStage)
    ? ok({at: 'stage', stage: atStage})
    : usage('--at-stage wants the name of a stage: ready');
}

const usage = (says: string): Result<never> => failed(fault('lab.usage', says));
