import type {StepId} from '../brand.ts';
import {documentOf} from '../plan/document.ts';
import type {Plan} from '../plan/plan.ts';
import type {Compared} from './difference.ts';
import {jsonText} from './json.ts';

/** A plan as one document, by `runbooks/plan.schema.json`. */
export const planJson = (plan: Plan, until?: StepId): string =>
  `${jsonText({...documentOf(plan), ...(until !== undefined && {until})}, 2)}\n`;

/** A saved plan against what would be planned now, as one document. */
export const comparedJson = ({file, before, now, differences}: Compared): string =>
  `${jsonText(
    {
      type: 'plan.compared',
      file,
      fits: differences.stale.length === 0,
      before: {digest: before.digest, readAt: before.readAt},
      now: {digest: now.digest, readAt: now.readAt, errors: now.errors},
      ...differences,
    },
    2,
  )}\n`;
