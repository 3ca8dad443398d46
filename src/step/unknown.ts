import type {Runbook} from '../runbook/runbook.ts';
import type {Effect} from './step.ts';

/** What nobody can know before the run has reached a step: the first of that kind in the runbook. */
export function unknownUntil(
  {steps}: Runbook,
  kind: string,
  {id, says, because}: Pick<Effect, 'id' | 'says'> & {readonly because: string},
): Effect {
  const until = steps.find((step) => step.kind === kind)?.id ?? kind;
  return {id, says, certainty: {is: 'unknown', until, because}, undo: true, irreversible: false};
}

/** Where an image may come from several places: which of them serve, and what is left to the controller. */
export const unknownSource = (sources: readonly unknown[], runbook: Runbook, kind: string): readonly Effect[] =>
  sources.length === 0
    ? []
    : [
        unknownUntil(runbook, kind, {
          id: 'source',
          says: 'from which source, and what this controller has to send itself',
          because: 'only the light system can ask the sources',
        }),
      ];
