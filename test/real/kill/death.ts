/** Where a controller is to die: at an event of its own that reaches the journal, on one side of its commit. */
export interface Death {
  readonly side: 'before' | 'after';
  /** The nth event that this process commits, from 1; the first one that `text` matches; or one of a step's. */
  readonly at: {readonly nth: number} | {readonly text: string} | OfStep | Within;
}

/** The nth event that this process commits from the step's start on, which is the first. */
export interface OfStep {
  readonly step: string;
  readonly nth: number;
}

/**
 * The same, and where there are not so many, or no `nth`, right before the step is on record as done: whoever is to die
 * in a step does.
 */
export interface Within {
  readonly within: string;
  readonly nth?: number;
}

/** The environment variable that tells `preload.ts`. */
export const deathVariable = 'REBUILD_TEST_DEATH';

/** What Node is given so that the program it runs dies there; the program itself is as it is shipped. */
export const mortal = (death: Death): {readonly nodeArgs: readonly string[]; readonly env: NodeJS.ProcessEnv} => ({
  nodeArgs: ['--import', new URL('preload.ts', import.meta.url).pathname],
  env: {[deathVariable]: JSON.stringify(death)},
});
