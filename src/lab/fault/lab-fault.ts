import {z} from 'zod';
import {bmcFaults} from './bmc-fault.ts';
import {controllerFaults} from './controller-fault.ts';
import {lineFaults} from './line-fault.ts';
import {machineFaults} from './machine-fault.ts';

/** Everything that can be made to go wrong, as the keeper is told. `words.ts` reads what a person types. */
export const labFaultSchema = z.discriminatedUnion('fault', [
  ...lineFaults,
  ...bmcFaults,
  ...machineFaults,
  ...controllerFaults,
  /** Everything that was struck is whole again, and what was to strike later does not, unless it is `kept`. */
  z.object({fault: z.literal('mend'), waiting: z.literal('kept').exactOptional()}),
]);
export type LabFault = Readonly<z.infer<typeof labFaultSchema>>;
export type FaultName = LabFault['fault'];
/** A fault that has a moment. */
export type TimedFault = Exclude<LabFault, {fault: 'mend'}>;
export type FaultOf<N extends FaultName> = Extract<LabFault, {fault: N}>;

export const faultNames = labFaultSchema.options.map(({shape}) => shape.fault.value);

/** Whether it strikes as soon as the lab is told, once. */
export const isForNow = (fault: LabFault): boolean =>
  fault.fault === 'mend' ||
  (fault.when.at === 'now' && fault.when.afterSeconds === undefined && fault.every === undefined);
