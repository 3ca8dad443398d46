import {describe, expect, test} from 'vitest';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {changed, minimal, mistakes} from './example.ts';

const password = 'hunter2-Zq9';

/** Everything a person or a program gets to see of a refused runbook. */
const shown = (text: string): string => {
  const found = mistakes(text);
  expect(found.length).toBeGreaterThan(0);
  return [JSON.stringify(found), ...found.map((diagnostic) => renderDiagnostic(diagnostic))].join('\n');
};

describe('a secret written in clear is refused and shown nowhere', () => {
  const cases: readonly (readonly [what: string, text: string])[] = [
    ['as itself', changed('env:BMC_PASSWORD', password)],
    ['in quotes', changed('env:BMC_PASSWORD', `"${password}"`)],
    ['as a number', changed('env:BMC_PASSWORD', '4815162342')],
    ['under a misspelled key', changed('password: env:BMC_PASSWORD', `pasword: ${password}`)],
    ['under a key that says nothing', changed('user: env:BMC_USER', `usr: ${password}`)],
    ['as the user', changed('env:BMC_USER', password)],
    ['in a block', changed('env:BMC_PASSWORD', `|\n    ${password}\n    ${password}`)],
    ['as a mapping', changed('env:BMC_PASSWORD', `{clear: ${password}}`)],
    ['as a list', changed('env:BMC_PASSWORD', `[${password}]`)],
    ['with a reference of no kind', changed('env:BMC_PASSWORD', `vault:${password}`)],
    ['in the address', changed('https://10.9.0.32', `https://admin:${password}@10.9.0.32`)],
    ['beside broken YAML', changed('env:BMC_PASSWORD', `"${password}" ${password}: [`)],
    ['above broken YAML', changed('env:BMC_PASSWORD\nedge:', `${password}\nedge: [`)],
    ['above another mistake', changed('password: env:BMC_PASSWORD\nedge:', `password: ${password}\nedgy:`)],
    [
      'as a private key',
      changed(
        'file:/etc/rebuild/edge',
        `|\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    ${password}\n    -----END OPENSSH PRIVATE KEY-----`,
      ),
    ],
    ['as a private key in broken YAML', `${minimal}-----BEGIN OPENSSH PRIVATE KEY-----\n${password}\n`],
    ['in a part that has no such key', changed('name: vega', `name: vega\n  root-password: ${password}`)],
  ];

  test.each(cases)('%s', (_, text) => {
    const output = shown(text);
    expect(output).not.toContain(password);
    expect(output).not.toContain('4815162342');
  });

  test('and the message says what belongs there', () => {
    const [first] = mistakes(changed('env:BMC_PASSWORD', password));
    expect(first?.says).toBe('bmc.password: expected a reference: a secret is named here, never written here');
    expect(first?.hint).toBe('env:NAME, file:/PATH or command:PROGRAM ARGUMENT...');
    expect(first?.excerpt.at(-1)?.text).toBe(`  password: ${'*'.repeat(password.length)}`);
  });
});

test('references are shown: they are no secrets, and a mistake may be in them', () => {
  const [first] = mistakes(changed('env:BMC_PASSWORD', 'env:BMC-PASSWORD'));
  expect(first?.excerpt.at(-1)?.text).toBe('  password: env:BMC-PASSWORD');
});
