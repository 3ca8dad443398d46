import {z} from 'zod';
import {lasting, seconds, timing} from './moment.ts';

/** The controller is the process that holds the host's lease in the lab's journal. */
export const controllerFaults = [
  /** SIGKILL. */
  z.object({fault: z.literal('controller-kill'), ...timing}),
  /** SIGSTOP, and SIGCONT after so long. */
  z.object({fault: z.literal('controller-stop'), forSeconds: seconds, ...timing}),
  /** It has another address from now on; connections from the old one are dead. */
  z.object({fault: z.literal('controller-address'), address: z.ipv4(), ...lasting, ...timing}),
  /** Its time of day is wrong by so much from now on, in the middle of whatever it does. */
  z.object({fault: z.literal('controller-clock'), bySeconds: z.number(), ...lasting, ...timing}),
  /** No file of the process that runs takes another byte. */
  z.object({fault: z.literal('journal-full'), ...lasting, ...timing}),
  /** The journal's files can no longer be changed, by the process that runs or the next. */
  z.object({fault: z.literal('journal-read-only'), ...lasting, ...timing}),
] as const;
