import {editorSchema} from '../runbook/editor-schema.ts';
import type {StepKinds} from '../runbook/steps.ts';

/** The text of `runbooks/schema.json`, with its line end: what `rebuild schema` prints. */
export const schemaText = (kinds: StepKinds): string => `${JSON.stringify(editorSchema(kinds), null, 2)}\n`;
