import {z} from 'zod';

/** One connection that a counting listener took: who came, to which port. */
/** The listener takes connections from now on. */
export const listening = 'listening';

export const contactSchema = z.object({from: z.string(), port: z.number()});
export type Contact = Readonly<z.infer<typeof contactSchema>>;
