import {describe, expect, test} from 'vitest';
import {median, meets, row} from './result.ts';
import {plotText, type Panel} from './plot.ts';
import {tableText} from './table.ts';

const measured = {name: 'cut: rebuild', unit: 'ratio', conditions: 'a link'} as const;

describe('a row', () => {
  test('has the middle of its values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(median([])).toBeUndefined();
  });

  test('meets a target or misses it', () => {
    expect(meets(1.15, {atMost: 1.15})).toBe(true);
    expect(meets(1, {below: 1})).toBe(false);
    expect(row({...measured, values: [1.3, 1.1, 1.12345678], target: {atMost: 1.15}})).toEqual({
      ...measured,
      values: [1.3, 1.1, 1.123],
      median: 1.123,
      target: {atMost: 1.15},
      met: true,
      rounds: 3,
    });
  });

  test('of which half was given up meets nothing', () => {
    const given = row({...measured, values: [1, 2.5], givenUp: [false, true], target: {atMost: 5}});
    expect(given).toMatchObject({atLeast: true, met: false});
    expect(row({...measured, values: [1, 1, 2.5], givenUp: [false, false, true]})).not.toHaveProperty('atLeast');
  });

  test('without a value says so', () => {
    expect(row({...measured, values: [], target: {atMost: 1}})).toMatchObject({median: null, met: null, rounds: 0});
  });

  test('is a line of the table', () => {
    const rows = [
      row({...measured, values: [1.1, 1.2, 1.3], target: {atMost: 1.15}}),
      row({name: 'cut: curl', unit: 'ratio', conditions: '', values: [2.5], givenUp: [true]}),
      row({name: 'sent twice', unit: 'bytes', conditions: '', values: [0], target: {atMost: 0}}),
    ];
    expect(tableText('transfer', rows)).toBe(`transfer
  cut: rebuild  1.20 (1.10 to 1.30, 3 rounds)  at most 1.15: MISSED
  cut: curl     > 2.50
  sent twice    0 kB                           at most 0 kB: met
`);
  });
});

describe('the plot', () => {
  const panels: readonly Panel[] = [
    {
      title: 'BBR & <cuts>',
      bars: [
        {name: 'rebuild', value: 1.1, low: 1.05, high: 1.2, ours: true},
        {name: 'curl', value: 2.5, low: 2.5, high: 2.5, atLeast: true},
      ],
    },
  ];
  const svg = plotText(panels, {title: 'Times', axis: 'ratio', marks: [{at: 1, says: 'ideal'}], upTo: 2.5});

  test('draws each bar as long as its value', () => {
    const lengths = [...svg.matchAll(/<rect class="(\w+)"[^>]* width="([\d.]+)"/g)].map(([, kind, length]) => [
      kind,
      Number(length),
    ]);
    expect(lengths.map(([kind]) => kind)).toEqual(['ours', 'peer']);
    expect(Number(lengths[0]?.[1]) / Number(lengths[1]?.[1])).toBeCloseTo(1.1 / 2.5, 2);
    expect(svg.match(/class="spread"/g)).toHaveLength(1);
  });

  test('names everything, escaped', () => {
    expect(svg).toContain('>1.10</text>');
    expect(svg).toContain('>&gt; 2.50</text>');
    expect(svg).toContain('>BBR &amp; &lt;cuts&gt;</text>');
  });
});
