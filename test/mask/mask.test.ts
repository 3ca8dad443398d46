import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {automatonOf} from '../../src/mask/automaton.ts';
import {formsOf} from '../../src/mask/forms.ts';
import {makeMasker} from '../../src/mask/mask.ts';
import {patternsOf} from '../../src/mask/patterns.ts';
import {privateKeyText} from '../../src/device/ssh-key/openssh-key.ts';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {Secret} from '../../src/secret.ts';

const maskerOf = (...secrets: string[]) => makeMasker(secrets.map((text) => new Secret(text)));
const password = 'Pa55/wörd+\'<&"\\ x';

test.each([
  ['as it is', password],
  ['in JSON', JSON.stringify({password})],
  ['in JSON with escaped slashes', JSON.stringify({password}).replaceAll('/', String.raw`\/`)],
  ['in ASCII JSON', JSON.stringify({password}).replaceAll('ö', String.raw`\u00f6`)],
  ['in a query', new URLSearchParams({password}).toString()],
  ['in a path', `https://10.9.0.31/${encodeURIComponent(password)}/`],
  ['in userinfo', new URL(`https://root:${encodeURIComponent(password)}@10.9.0.31/`).href],
  [
    'in HTML',
    password.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
  ],
  ['quoted for a shell', `'${password.replaceAll("'", String.raw`'\''`)}'`],
  ['in hex', Buffer.from(password).toString('hex')],
  ['in upper-case hex', Buffer.from(password).toString('hex').toUpperCase()],
  ['in an Authorization header', `Basic ${Buffer.from(`root:${password}`).toString('base64')}`],
  ['in another Authorization header', `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`],
  ['in a third one', `Basic ${Buffer.from(`user1:${password}`).toString('base64')}`],
  ['in base64url', Buffer.from(`x${password}`).toString('base64url')],
  ['in base64 in a URL', encodeURIComponent(Buffer.from(`xy${password}`).toString('base64'))],
])('a password is hidden %s', (_, text) => {
  const masked = maskerOf(password).text(`before ${text} after`);
  expect(masked).toContain('[secret]');
  expect(masked).toMatch(/^before .* after$/s);
  for (const form of formsOf(password)) expect(masked).not.toContain(form);
});

const secretText = fc.string({minLength: 8, maxLength: 24, unit: 'grapheme'}).filter((text) => text.trim() === text);
const around = fc.string({maxLength: 12});

test('no form of a secret survives, whatever stands around it', () => {
  fc.assert(
    fc.property(secretText, around, around, fc.nat(), (secret, before, after, pick) => {
      fc.pre(!secret.includes('\n') && !secret.includes('\r'));
      const forms = formsOf(secret);
      const masked = maskerOf(secret).text(before + forms[pick % forms.length]! + after);
      for (const form of forms) expect(masked.replaceAll('[secret]', '\0')).not.toContain(form);
    }),
    {numRuns: 300},
  );
});

test('base64 gives away no more than the bits that a neighbour shares', () => {
  fc.assert(
    fc.property(fc.uint8Array({minLength: 0, maxLength: 5}), fc.uint8Array({maxLength: 5}), (before, after) => {
      const secret = 'correct horse battery';
      const text = Buffer.concat([before, Buffer.from(secret), after]).toString('base64');
      const [left = '', right = ''] = maskerOf(secret).text(text).split('[secret]');
      // Beside the neighbours' own characters: one shared with the secret at its end, and the padding.
      expect(left.length).toBeLessThanOrEqual(Math.ceil((before.length * 4) / 3));
      expect(right.length).toBeLessThanOrEqual(Math.ceil((after.length * 4) / 3) + 4);
    }),
  );
});

/** What the scan must give, found the slow way: every place of every pattern, in the whole text. */
function reference(secrets: readonly string[], input: Buffer): string {
  const patterns = [Buffer.from('[secret]'), ...secrets.flatMap(patternsOf).map(({bytes}) => Buffer.from(bytes))];
  const covers: [number, number][] = [];
  for (const pattern of patterns)
    for (let at = input.indexOf(pattern); at !== -1; at = input.indexOf(pattern, at + 1))
      covers.push([at, at + pattern.length]);
  covers.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of covers) {
    const last = merged.at(-1);
    if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  let [out, at] = ['', 0];
  for (const [from, to] of merged) {
    out += `${input.toString('latin1', at, from)}[secret]`;
    at = to;
  }
  return out + input.toString('latin1', at);
}

test('a stream gives the same wherever it is cut, and what the slow way gives', () => {
  const letters = fc.string({unit: fc.constantFrom('g', 'h', '[secret]'), minLength: 4, maxLength: 9});
  fc.assert(
    fc.property(
      fc.array(letters, {minLength: 1, maxLength: 4}),
      fc.array(fc.string({unit: fc.constantFrom('g', 'h', '[', 'secret]', 'x'), maxLength: 9}), {maxLength: 12}),
      (secrets, pieces) => {
        const text = pieces.join('');
        const stream = maskerOf(...secrets).stream();
        const parts = [...pieces.map((piece) => stream.push(Buffer.from(piece))), stream.end()];
        const streamed = Buffer.concat(parts).toString('latin1');
        expect(streamed).toBe(reference(secrets, Buffer.from(text)));
        expect(maskerOf(...secrets).text(text)).toBe(streamed);
      },
    ),
    {numRuns: 400},
  );
});

test('masking twice is masking once, even for a secret that is in the mark', () => {
  for (const secret of ['secret', '[secr', 'cret] 7', 'hunter22']) {
    const once = maskerOf(secret).text(`a ${secret} b [secret] c`);
    expect(maskerOf(secret).text(once)).toBe(once);
  }
});

test('a stream holds back no more than could still become a secret', () => {
  const stream = maskerOf('hunter22').stream();
  const push = (text: string): string => Buffer.from(stream.push(Buffer.from(text))).toString();
  expect(push('password hunt')).toBe('password ');
  expect(push('ing hunter2')).toBe('hunting ');
  expect(push('2 and h')).toBe('[secret] and ');
  expect(Buffer.from(stream.end()).toString()).toBe('h');
});

test('a text without secrets is the same text, half a surrogate pair included', () => {
  const masker = maskerOf('hunter22');
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), (text) => {
      expect(masker.text(text)).toBe(text);
    }),
  );
  expect(masker.text('\ud800')).toBe('\ud800');
  expect(makeMasker([]).text('anything')).toBe('anything');
  expect(maskerOf('', '\n').text('anything\n')).toBe('anything\n');
});

test('a private key is hidden whole, line by line, indented, joined and in base64', () => {
  const text = privateKeyText(newEd25519(), 'rebuild-controller');
  const masker = maskerOf(text);
  const lines = text.split('\n').slice(1, -2);
  const shapes = [
    text,
    text.replaceAll('\n', '\r\n'),
    JSON.stringify(text),
    lines.map((line) => `    ${line}`).join('\n'),
    lines.join(''),
    Buffer.from(text).toString('base64'),
    encodeURIComponent(text),
    lines[2]!,
  ];
  for (const shape of shapes) {
    const masked = masker.text(shape);
    for (const line of lines) {
      expect(masked).not.toContain(line);
      expect(masked).not.toContain(Buffer.from(line).toString('base64').slice(4, -4));
    }
  }
  expect(masker.text('-----BEGIN OPENSSH PRIVATE KEY-----')).toBe('-----BEGIN OPENSSH PRIVATE KEY-----');
});

test('the last line of a key, when it is short, does not hide the ends of other keys', () => {
  const key = `-----BEGIN X KEY-----\n${'k'.repeat(70)}\nAQI=\n-----END X KEY-----\n`;
  expect(maskerOf(key).text('ssh-ed25519 AAAAAQI=')).toBe('ssh-ed25519 AAAAAQI=');
});

test('short secrets are hidden where a value stands and do no harm elsewhere', () => {
  const three = maskerOf('abc');
  expect(three.text('password=abc')).toBe('password=[secret]');
  expect(three.text('{"password":"abc","x":"abcd"}')).toBe('{"password":"[secret]","x":"abcd"}');
  expect(three.text('abc')).toBe('[secret]');
  expect(three.text('the abc of it, abcs, xabc')).toBe('the abc of it, abcs, xabc');

  const hex = maskerOf('dead');
  const digest = `4be1dead${'0'.repeat(56)}`;
  expect(hex.text(`sha256 ${digest}`)).toBe(`sha256 ${digest}`);
  expect(hex.text('-pdead, dead')).toBe('-p[secret], [secret]');
  expect(maskerOf('calvin').text('rootcalvin')).toBe('root[secret]');
});

test('values are masked at any depth, names of members only for long secrets', () => {
  const masker = maskerOf('calvin', 'hunter22');
  const value = {
    calvin: [1, true, null, 'calvin', {deep: ['x hunter22 y']}],
    'the hunter22': 'a',
    __proto__: 'calvin',
  };
  expect(masker.json(JSON.parse(JSON.stringify(value)) as typeof value)).toEqual({
    calvin: [1, true, null, '[secret]', {deep: ['x [secret] y']}],
    'the [secret]': 'a',
  });
});

test('the automaton finds every pattern at every place', () => {
  const word = fc.string({unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5});
  fc.assert(
    fc.property(
      fc.uniqueArray(word, {minLength: 1, maxLength: 8}),
      fc.string({unit: fc.constantFrom('a', 'b', 'c')}),
      (words, text) => {
        const automaton = automatonOf(words.map((word) => Buffer.from(word)));
        let state = 0;
        for (let at = 0; at < text.length; at += 1) {
          state = automaton.next(state, text.charCodeAt(at));
          const found = automaton.found(state).map((index) => words[index] ?? '');
          const seen = text.slice(0, at + 1);
          expect(found.toSorted()).toEqual(words.filter((word) => seen.endsWith(word)).toSorted());
          const begun = words.flatMap((word) =>
            [1, 2, 3, 4, 5].filter((n) => n <= word.length && seen.endsWith(word.slice(0, n))),
          );
          expect(automaton.depth(state)).toBe(Math.max(0, ...begun));
        }
      },
    ),
  );
});
