/** Everything that the light system changes on request, by what `stranger.ts` calls it. */
export const asked = [
  'wipe',
  'adopt',
  'leave',
  'write',
  'latchWiped',
  'latchInstalled',
  'grow',
  'put',
  'startNext',
  'launch',
  'settle',
] as const;
export type Asked = (typeof asked)[number];

/** Under one lease, one after the other. */
export interface Asking {
  readonly epoch: number;
  readonly verbs: readonly Asked[];
}

/** What a stranger is to do; it is given to the program as JSON. */
export interface Errand {
  readonly run: string;
  /** Takes the host's power first and starts it from the run's ISO once more. */
  readonly again: boolean;
  readonly asking: readonly Asking[];
}

/** What it met. */
export interface Met {
  readonly bootId: string;
  /** The disk's latch before it asked for anything. */
  readonly latch: string;
  /** For each asking what each verb was answered: `done`, or a fault's code. */
  readonly answers: readonly Readonly<Partial<Record<Asked, string>>>[];
  /** The whole disk, from before the first verb until after the last. */
  readonly disk: 'same' | 'changed';
}
