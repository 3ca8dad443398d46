import {readFileSync} from 'node:fs';
import {Ajv, type ValidateFunction} from 'ajv';
import {describe, expect, test} from 'vitest';
import {report} from '../../src/command/report.ts';
import {reportSchemaText} from '../../src/command/help/schema.ts';
import {status} from '../../src/command/status.ts';
import {isObject} from '../../src/shape.ts';
import {fullRun} from '../view/page/full-run.ts';
import {crashedRun, failedRun, story, wholeRun, type Story} from '../view/story.ts';
import {desk, journalOf, tamper} from './reading.ts';

test('runbooks/report.schema.json is what is generated; else: npx rebuild schema report > runbooks/report.schema.json', () => {
  const published = readFileSync(new URL('../../runbooks/report.schema.json', import.meta.url), 'utf8');
  expect(published).toBe(reportSchemaText());
});

const compiled = (schema: unknown): ValidateFunction =>
  new Ajv({strict: true, strictTypes: false, strictRequired: false, allErrors: true}).compile(schema as object);

/** The same schema without room for anything that it does not describe. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return isObject(schema['properties']) && schema['additionalProperties'] === undefined
    ? {...inner, additionalProperties: false}
    : inner;
}

const open = compiled(JSON.parse(reportSchemaText()));
const exact = compiled(closed(JSON.parse(reportSchemaText())));

function complaints(validate: ValidateFunction, document: unknown): readonly string[] {
  validate(document);
  return (validate.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message}`);
}

const runs: Readonly<Record<string, () => Story>> = {
  begun: () => story().begun(),
  done: () => wholeRun(),
  failed: () => failedRun(),
  crashed: () => crashedRun(),
  'with all that can happen': fullRun,
};

const printed = async (): Promise<Record<string, unknown>> => {
  const {journal, clock} = await journalOf(wholeRun());
  const here = desk(journal, {json: true, clock});
  await report('marruuk-3', {}, here);
  return JSON.parse(here.said()) as Record<string, unknown>;
};

describe('what is printed is what is published, to the last member', () => {
  test.each(Object.entries(runs))('of a run: %s', async (_, told) => {
    const {journal, clock} = await journalOf(told());
    const [first, second] = [desk(journal, {json: true, clock}), desk(journal, {json: true, clock})];
    await report('marruuk-3', {}, first);
    await status(undefined, second);
    for (const here of [first, second]) expect(complaints(exact, JSON.parse(here.said()))).toEqual([]);
  });

  test('where the chain breaks, and where nothing is proved', async () => {
    for (const seq of [7, 1]) {
      const {file, journal, clock} = await journalOf(failedRun());
      tamper(file, 'marruuk-3', seq, `replace(event, 'step', 'Step') || ' '`);
      const [first, second] = [desk(journal, {json: true, clock}), desk(journal, {json: true, clock})];
      expect(await report('marruuk-3', {}, first)).toBe(3);
      expect(await status(undefined, second)).toBe(3);
      for (const here of [first, second]) expect(complaints(exact, JSON.parse(here.said()))).toEqual([]);
    }
  });
});

describe('the schema', () => {
  test('takes a field that a later version adds', async () => {
    expect(complaints(open, {...(await printed()), later: 1})).toEqual([]);
    expect(complaints(exact, {...(await printed()), later: 1})).not.toEqual([]);
  });

  test.each([
    ['a field that is missing', 'figures', undefined],
    ['a number as text', 'digests', 'many'],
    ['another kind of document', 'type', 'run.plan'],
  ])('refuses %s', async (_, name, value) => {
    expect(complaints(open, {...(await printed()), [name]: value})).not.toEqual([]);
  });
});
