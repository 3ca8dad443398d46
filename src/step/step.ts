import type {ZodType} from 'zod';
import type {JsonObject} from '../json.ts';
import type {Outlook} from '../plan/outlook.ts';
import type {Tell} from '../progress.ts';
import type {Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Interruption, MediumWatch, Regained} from './interruption.ts';
import type {Look, World} from './world.ts';

/**
 * The contract of a step kind. Any `apply` may be called again after a crash at any point, so it begins by looking:
 * already so, done; under way, attach and wait; else act.
 */
export interface Step<P = JsonObject, F extends JsonObject = JsonObject, A = unknown> {
  /** `noun.verb`, as runbooks write it. */
  readonly kind: string;
  /** One line for `rebuild explain` and the editor. */
  readonly summary: string;
  /** At least one effect cannot be undone. */
  readonly irreversible: boolean;
  /**
   * Kinds of later steps that, once started, end this step's claim: a resume no longer checks it
   * (the mounted medium does not matter once the light system boots; the light system not once the new one starts).
   */
  readonly heldUntil: readonly string[];
  /** With `.describe()` on every field: `rebuild explain` and the editor schema read it. */
  readonly params: ZodType<P>;
  /**
   * Mistakes that need the whole runbook to be seen (an unknown disk name, a kept disk); pure. `at` is the step's own
   * place among the runbook's steps.
   */
  check?(params: P, runbook: Runbook, at: number): readonly Mistake[];
  /** Reads what the plan needs to know. */
  probe(look: Look, params: P): Promise<Result<F>>;
  /** What will happen, in order; pure. */
  plan(params: P, facts: F, runbook: Runbook): readonly Effect[];
  /**
   * What may be expected of a medium that the step needs, or of an image that it brings. It rests on what moves (rates,
   * losses), so it is shown and not hashed; a refusal in it forbids the plan. Undefined where there is neither, or its
   * size cannot be told.
   */
  forecast?(look: Look, params: P, facts: F): Promise<Outlook | undefined>;
  /**
   * What `apply` asks before it acts; reads only. On resume it is asked while the done steps are checked, and the answers
   * are given to `apply` where every check held.
   */
  ask?(look: Look, params: P, at: JsonObject | undefined): Promise<A>;
  apply(world: World, params: P, hand: Hand, asked?: Promise<A>): Promise<Result<Proof>>;
  /** Reads back by another way than `apply` wrote. On resume it decides whether a done step is still true. */
  verify(look: Look, params: P): Promise<Result<Proof>>;
  /** Puts back what was there before the step was first applied, and shows it. `proof` is what the step left. */
  undo?(world: World, params: P, proof: Proof): Promise<Result<Proof>>;
}

export interface Mistake {
  /** Path below the step's params, `['disks', 0]`. */
  readonly path: readonly (string | number)[];
  readonly says: string;
  /** Names it could have been, for "did you mean". */
  readonly candidates?: readonly string[];
  readonly hint?: string;
  /** Lines of a runbook that mend it, as they stand in the file. */
  readonly add?: readonly string[];
}

export interface Effect {
  /** Unique within the step: what `Hand.once` is keyed by. */
  readonly id: string;
  /** One line, at most 60 columns. */
  readonly says: string;
  readonly certainty:
    | {readonly is: 'will'}
    | {readonly is: 'not'; readonly because: string}
    /** Known once the step `until` has been reached. */
    | {readonly is: 'unknown'; readonly until: string; readonly because: string};
  readonly undo: boolean;
  readonly irreversible: boolean;
  /** The disk an irreversible effect is on. */
  readonly disk?: PlannedDisk;
  /** Seconds that effects of this kind are known to take, on whichever machine; absent when unknown. */
  readonly seconds?: {readonly from: number; readonly to: number};
  /** That it moves: divided by a measured rate, the time it takes. */
  readonly bytes?: number;
}

/** A disk as the runbook names it and, where the BMC shows drives, as it is. */
export interface PlannedDisk {
  readonly name: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly vendor?: string;
  readonly model?: string;
}

/** What a step leaves behind that shows its end was reached. */
export interface Proof {
  /** One line, at most 60 columns. */
  readonly says: string;
  readonly data: JsonObject;
}

/** Durable lines in a step's timeline, each as it happens. */
export interface Timeline {
  note(says: string, data?: JsonObject): Promise<void>;
  /** What broke in from outside, and what it cost. */
  interrupted(interruption: Interruption): Promise<void>;
  /** The step is back where the last interruption, one that was not over, had met it. */
  regained(regained: Regained): Promise<void>;
  /** What was seen of one mount of a medium. */
  watched(watch: MediumWatch): Promise<void>;
}

/** What the engine hands to `apply`. */
export interface Hand extends Timeline {
  readonly attempt: number;
  /** The last checkpoint of this step in this run, from whichever attempt. */
  readonly at: JsonObject | undefined;
  /** Durable when it resolves. */
  save(checkpoint: JsonObject): Promise<void>;
  /** For the live view only; never stored. */
  readonly progress: Tell;
  /**
   * Sends an irreversible effect at most once. The intent is durable before `send` is called. Where an earlier attempt
   * may have sent it, `find` must first show from the world itself what became of it:
   * `absent` (never begun, or it has failed: it is sent), `present` (it was accepted or is done: it is not sent again).
   */
  once(
    effect: string,
    find: () => Promise<Result<'absent' | 'present'>>,
    send: () => Promise<Result<void>>,
  ): Promise<Result<void>>;
  /** Who has ended the hold that this step is, and why; undefined while nobody has. */
  released(): Promise<{readonly by: string; readonly why: string} | undefined>;
  readonly signal: AbortSignal;
}
