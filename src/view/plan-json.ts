import type {StepId} from '../brand.ts';
import {comparedOf} from '../plan/compared-schema.ts';
import {documentOf} from '../plan/document.ts';
import type {Plan} from '../plan/plan.ts';
import type {Compared} from './difference.ts';
import {jsonText} from './json.ts';

/** A plan as one document, by `runbooks/plan.schema.json`. */
export const planJson = (plan: Plan, until?: StepId): string =>
  `${jsonText({...documentOf(plan), ...(until !== undefined && {until})}, 2)}\n`;

/** A saved plan against what would be planned now, as one document, by `runbooks/compared.schema.json`. */
export const comparedJson = (compared: Compared): string => `${jsonText(comparedOf(compared), 2)}\n`;
