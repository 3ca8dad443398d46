import {readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {expect, test} from 'vitest';
import {explain} from '../src/command/help/explain.ts';
import {renderExplanation} from '../src/command/help/explain-text.ts';
import {catalogue, type FaultCode} from '../src/fault-catalogue.ts';
import {kinds} from '../src/step/registry.ts';

const source = resolve(import.meta.dirname, '../src');
const codes = Object.keys(catalogue) as readonly FaultCode[];

/** Every file that the program can come to load, from its beginning on; types alone load nothing. */
function loaded(from: string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  if (seen.has(from)) return seen;
  const text = readFileSync(from, 'utf8');
  seen.set(from, text);
  const imports = [
    ...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+\.ts)'/gm),
    ...text.matchAll(/import\('(\.[^']+\.ts)'\)/g),
  ];
  for (const [, file = ''] of imports) loaded(join(dirname(from), file), seen);
  return seen;
}

const program = loaded(join(source, 'bin.ts'));

test('the program reaches most of its source', () => {
  const files = [...program.keys()].map((file) => relative(source, file));
  expect(files).toEqual(
    expect.arrayContaining(['engine/drive.ts', 'device/ssh/talk.ts', 'image/light/iso.ts', 'lab/up.ts']),
  );
});

test.each(codes)('%s can come up: code that the program loads makes it', (code) => {
  const makers = [...program].filter(
    ([file, text]) => !file.endsWith('fault-catalogue.ts') && text.includes(`'${code}'`),
  );
  expect(makers.map(([file]) => relative(source, file))).not.toEqual([]);
});

test.each(codes)('%s has a page: what it means, whether to try again, what to type', (code) => {
  const explained = explain(code, {kinds, examples: []});
  expect(explained).toMatchObject({topic: 'fault', name: code});
  const page = renderExplanation(explained);
  expect(page.startsWith(`${code}\n`)).toBe(true);
  const {means, next} = catalogue[code];
  const words = page.replaceAll(/\s+/g, ' ');
  expect(words).toContain(means);
  expect(words).toContain(next);
  // Advice to read the page that is open is none.
  expect(next).not.toContain(`rebuild explain ${code}`);
});
