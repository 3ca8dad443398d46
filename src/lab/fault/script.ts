import {z} from 'zod';
import {labFaultSchema} from './lab-fault.ts';

/** Faults that belong together. The same script against the same run strikes the same way. */
export const faultScriptSchema = z.object({seed: z.int().nonnegative(), faults: z.array(labFaultSchema).readonly()});
export type FaultScript = Readonly<z.infer<typeof faultScriptSchema>>;
