import type {Step} from './step.ts';

/**
 * Step kinds by name, as the engine sees them: each kind's own parameter type is behind its schema, which has parsed
 * the params before they get here.
 */
export type AnyStep = Step;
export type Kinds = ReadonlyMap<string, AnyStep>;

/** Forgets the parameter type at the one place where kinds of different types meet. */
// oxlint-disable-next-line typescript/no-explicit-any
export const kindsOf = (...steps: readonly Step<any, any, any>[]): Kinds =>
  new Map(steps.map((step) => [step.kind, step as AnyStep]));
