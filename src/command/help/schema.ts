import {comparedSchema} from '../../plan/compared-schema.ts';
import {planSchema} from '../../plan/plan-schema.ts';
import {reportSchema} from '../../view/report-schema.ts';
import {editorSchema} from '../../runbook/editor-schema.ts';
import type {StepKinds} from '../../runbook/steps.ts';

/** The text of `runbooks/schema.json`, with its line end: what `rebuild schema` prints. */
export const schemaText = (kinds: StepKinds): string => `${JSON.stringify(editorSchema(kinds), null, 2)}\n`;

/** The text of `runbooks/plan.schema.json`: what `rebuild schema plan` prints. */
export const planSchemaText = (): string => `${JSON.stringify(planSchema(), null, 2)}\n`;

/** The text of `runbooks/compared.schema.json`: what `rebuild schema compared` prints, of `plan --against --json`. */
export const comparedSchemaText = (): string => `${JSON.stringify(comparedSchema(), null, 2)}\n`;

/** The text of `runbooks/report.schema.json`: what `rebuild schema report` prints, of `report --json` and `status --json`. */
export const reportSchemaText = (): string => `${JSON.stringify(reportSchema(), null, 2)}\n`;
