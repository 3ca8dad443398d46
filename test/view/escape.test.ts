import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {clip, cut, escape, escapeTo, pad, width, wrap} from '../../src/view/escape.ts';

const bytesOf = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** What was seen to move cursors, forge lines or fill clipboards, and how it reads once it is safe. */
const corpus: readonly (readonly [what: string, text: string | Uint8Array, safe: string])[] = [
  ['plain ASCII', 'NVMe0n1: 64 % done', 'NVMe0n1: 64 % done'],
  ['letters of other scripts', 'Müller 株式会社 Ω', 'Müller 株式会社 Ω'],
  ['a newline that forges a line', 'ok\n ok   8 verify', 'ok\\n ok   8 verify'],
  ['a carriage return that overwrites', 'failed\rok    ', 'failed\\rok    '],
  ['a tab', 'a\tb', 'a\\tb'],
  ['a NUL', 'a\0b', 'a\\0b'],
  ['a backspace', 'rm\b\bls', 'rm\\x08\\x08ls'],
  ['a bell', '\u0007', '\\x07'],
  ['delete', '\u007f', '\\x7f'],
  ['CSI: clear the screen', '\u001b[2J\u001b[H', '\\x1b[2J\\x1b[H'],
  ['CSI in one byte (C1)', '\u009b2J', '\\x9b2J'],
  ['OSC 0: window title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
  ['OSC 8: a link that lies', '\u001b]8;;http://evil\u001b\\ok', '\\x1b]8;;http://evil\\x1b\\ok'],
  ['OSC 52: clipboard', '\u001b]52;c;cm0gLXJm\u001b\\', '\\x1b]52;c;cm0gLXJm\\x1b\\'],
  ['OSC in one byte (C1)', '\u009d52;c;AAAA\u009c', '\\x9d52;c;AAAA\\x9c'],
  ['DCS: sixel or DECRQSS', '\u001bP$q"p\u001b\\', '\\x1bP$q"p\\x1b\\'],
  ['answerback and DA', '\u0005\u001b[c', '\\x05\\x1b[c'],
  ['next line (C1)', 'a\u0085b', 'a\\x85b'],
  ['line and paragraph separator', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['right-to-left override', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
  ['Arabic letter mark', '\u061c', '\\u{61c}'],
  ['zero-width space and joiner', 'mar\u200bruuk\u200d', 'mar\\u{200b}ruuk\\u{200d}'],
  ['byte order mark', '\ufeffmarruuk', '\\u{feff}marruuk'],
  ['soft hyphen', 'mar\u00adruuk', 'mar\\xadruuk'],
  ['Hangul filler', 'a\u3164b', 'a\\u{3164}b'],
  ['variation selector', 'a\ufe0f', 'a\\u{fe0f}'],
  ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
  ['no-break space', 'a\u00a0b', 'a\\xa0b'],
  ['private use', '\ue000', '\\u{e000}'],
  ['unassigned', '\u{1fffd}', '\\u{1fffd}'],
  ['half a surrogate pair', 'a\ud83d', 'a\\u{d83d}'],
  ['stacked marks', `a${'\u0316'.repeat(4)}`, 'a\u0316\u0316\\u{316}\\u{316}'],
  ['a mark that has a letter of its own', 'e\u0301', 'é'],
  ['valid UTF-8 bytes', Buffer.from('Müller 株'), 'Müller 株'],
  ['a stray continuation byte', bytesOf(0x61, 0x80, 0x62), 'a\\x80b'],
  ['a cut sequence', bytesOf(0xe6, 0xa0), '\\xe6\\xa0'],
  ['an overlong slash', bytesOf(0xc0, 0xaf), '\\xc0\\xaf'],
  ['a surrogate in UTF-8', bytesOf(0xed, 0xa0, 0x80), '\\xed\\xa0\\x80'],
  ['beyond U+10FFFF', bytesOf(0xf4, 0x90, 0x80, 0x80), '\\xf4\\x90\\x80\\x80'],
  ['an escape among bad bytes', bytesOf(0xff, 0x1b, 0x5b, 0x4b), '\\xff\\x1b[K'],
  ['a C1 control in UTF-8 bytes', bytesOf(0xc2, 0x9b), '\\x9b'],
];

describe('escape', () => {
  test.each(corpus)('%s', (_, text, safe) => {
    expect(escape(text)).toBe(safe);
  });

  const hostile = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.string({
      unit: fc.constantFrom(
        '\u001b',
        '\u009b',
        '[',
        ']',
        '\u202e',
        '\u200b',
        '\n',
        '\u0301',
        '\ud800',
        'a',
        '株',
        '😀',
      ),
    }),
    fc.uint8Array({maxLength: 64}),
  );

  test('whatever comes in, no control, format or line break comes out', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escape(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('what is safe stays as it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = escape(text);
        expect(escape(once)).toBe(once);
      }),
    );
  });

  test('a line is never wider than asked, whatever is in it', () => {
    fc.assert(
      fc.property(hostile, fc.integer({min: 1, max: 60}), (text, columns) => {
        expect(width(escapeTo(columns, text))).toBeLessThanOrEqual(columns);
        expect(wrap(escape(text), Math.max(2, columns)).every((line) => width(line) <= Math.max(2, columns))).toBe(
          true,
        );
      }),
    );
  });
});

test('a line that is too long is cut and says by how much', () => {
  expect(escapeTo(20, 'x'.repeat(1000))).toBe('xxxxxxxxxxxxx …+987');
  expect(cut('short', 20)).toBe('short');
  expect(cut('too long for five', 5)).toBe('…');
});

test('a gigabyte line costs no more than a short one', () => {
  const line = escapeTo(40, 'y'.repeat(300_000_000));
  expect(line).toMatch(/^y+ …\+2999999\d\d$/);
});

test('wide characters take two columns, marks none', () => {
  expect(width('株式')).toBe(4);
  expect(width('a\u0316')).toBe(1);
  expect(width('😀')).toBe(2);
  expect(pad('株', 4)).toBe('株  ');
  expect(clip('株式会', 5)).toBe('株式');
});

test('text is broken at spaces, long words inside, and leading spaces are kept', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
  expect(wrap('    in', 10)).toEqual(['    in']);
  expect(wrap('', 10)).toEqual(['']);
});
