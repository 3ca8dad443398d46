import type {RunId} from '../brand.ts';
import type {Operator} from '../evidence/custody.ts';
import type {Journal} from '../journal/journal.ts';
import {who} from './who.ts';

/** Who is at work now, and who began the run as far as its journal tells. `key` is the run's. */
export async function operatorOf(journal: Pick<Journal, 'read'>, run: RunId, key: string): Promise<Operator> {
  const stored = await journal.read(run);
  const begun = stored.ok ? stored.value.map(({event}) => event).find(({type}) => type === 'run.begun') : undefined;
  const now = {person: who(), key};
  if (begun?.type !== 'run.begun') return now;
  const signer = begun.gate?.requester;
  return {
    ...now,
    runBegunBy: begun.by,
    ...(signer && {signed: {principal: signer.principal, key: signer.key}}),
  };
}
