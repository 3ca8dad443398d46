import {readFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {certificateSchemaText} from '../../src/certificate/certificate.ts';
import {schemaText} from '../../src/command/help/schema.ts';
import {kinds} from '../../src/step/registry.ts';

const folder = new URL('../../runbooks/', import.meta.url);
const marruuk = readFileSync(new URL('marruuk.yaml', folder), 'utf8');

test('runbooks/schema.json is what is generated; else: npx rebuild schema > runbooks/schema.json', () => {
  expect(readFileSync(new URL('schema.json', folder), 'utf8')).toBe(schemaText(kinds));
});

test('runbooks/certificate.schema.json is what is generated; else: npx rebuild schema certificate > it', () => {
  expect(readFileSync(new URL('certificate.schema.json', folder), 'utf8')).toBe(certificateSchemaText());
});

test('the runbook tells both kinds of editor about it', () => {
  expect(marruuk.split('\n').slice(0, 2)).toEqual([
    '# yaml-language-server: $schema=schema.json',
    '# $schema: schema.json',
  ]);
});

describe('an editor', () => {
  // Strict: a keyword that the draft does not have would be ignored by an editor without a word.
  const validate = new Ajv({strict: true, strictTypes: false, strictRequired: false, allErrors: true}).compile(
    JSON.parse(schemaText(kinds)) as object,
  );
  const complaints = (text: string): readonly string[] => {
    validate(parse(text));
    return (validate.errors ?? []).map(
      ({instancePath, keyword, params}) => `${instancePath} ${keyword} ${JSON.stringify(Object.values(params)[0])}`,
    );
  };

  test('accepts the runbook', () => {
    expect(complaints(marruuk)).toEqual([]);
  });

  test.each([
    ['an unknown key', 'gateway:', 'gatway:', '/network additionalProperties "gatway"'],
    ['an unknown param', 'attempts: 3', 'attemps: 3', '/steps/3 additionalProperties "attemps"'],
    ['an unknown kind', 'do: media.eject', 'do: media.ejct', `/steps/6/do enum ${JSON.stringify([...kinds.keys()])}`],
    ['a wrong choice', 'level: clear', 'level: shred', '/steps/4/level enum'],
    ['a password in clear', 'env:MARRUUK_BMC_PASSWORD', 'hunter2', '/bmc/password pattern'],
    ['a duration without a unit', 'promise: 12h', 'promise: "12"', '/host/promise pattern'],
  ])('sees %s', (_, from, to, complaint) => {
    expect(marruuk).toContain(from);
    expect(complaints(marruuk.replace(from, to)).join('\n')).toContain(complaint);
  });

  test('has a text for every key', () => {
    const bare: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (schema === null || typeof schema !== 'object') return;
      for (const [name, value] of Object.entries(schema)) {
        if (name === 'properties' && !path.endsWith('/if'))
          for (const [key, property] of Object.entries(value as Record<string, {description?: string}>))
            if (!property.description && key !== 'id' && key !== 'do') bare.push(`${path}/${key}`);
        visit(value, `${path}/${name}`);
      }
    };
    visit(JSON.parse(schemaText(kinds)), '');
    expect(bare).toEqual([]);
  });
});
