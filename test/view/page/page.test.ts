import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {ChainVerdict} from '../../../src/journal/journal.ts';
import {accountOf, type Account} from '../../../src/view/account.ts';
import {pageText} from '../../../src/view/page/page.ts';
import {crashedRun, failedRun, story, wholeRun, type Story} from '../story.ts';
import {openBrowser, type Browser} from './browser.ts';
import {fullRun} from './full-run.ts';
import {evil, hostile, poisoned} from './hostile.ts';

const holds: ChainVerdict = {holds: true, entries: 22};
const broken: ChainVerdict = {
  holds: false,
  seq: 12,
  says: 'entry 12 was changed: its event is not what was hashed',
  where: {
    table: 'entries',
    row: 12,
    column: 'event',
    event: null,
    expected: `sha256 ${'5e'.repeat(32)}`,
    found: `sha256 ${'7c'.repeat(32)}`,
  },
};
const accounts: Readonly<Record<string, Account>> = Object.fromEntries(
  Object.entries({
    done: wholeRun(),
    failed: failedRun(),
    crashed: crashedRun(),
    begun: story().begun(),
    full: fullRun(),
  } satisfies Record<string, Story>).map(([name, {stored}]) => [name, accountOf(stored, holds)!]),
);
const brokenAccount = accountOf(failedRun().stored.slice(0, 11), broken, {
  unproved: [{row: 12, seq: 12, at: '2026-11-21T09:22:43.200Z', type: null}],
})!;

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), 'page-'));
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

async function show(text: string, look: {width: number; dark?: boolean; print?: boolean} = {width: 1280}) {
  const file = join(folder, 'report.html');
  writeFileSync(file, text);
  const url = pathToFileURL(file).href;
  await browser.open(url, look);
  return url;
}

/** Every shape and text of the pictures that leaves its picture, and every element that is wider than the window. */
const misfits = `(() => {
  const out = [];
  for (const svg of document.querySelectorAll('svg.drawing')) {
    const frame = svg.getBoundingClientRect();
    const room = 10;
    for (const part of svg.querySelectorAll('rect.bar, rect.rail, text, path, line')) {
      if (part.closest('defs')) continue;
      const box = part.getBoundingClientRect();
      if (box.left < frame.left - room || box.right > frame.right + room || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        out.push(part.outerHTML.slice(0, 120));
    }
    for (const text of svg.querySelectorAll('text:not(.number)'))
      if (text.getBoundingClientRect().right > frame.right + 1) out.push('cut: ' + text.textContent);
  }
  if (document.documentElement.scrollWidth > innerWidth) out.push('page is ' + document.documentElement.scrollWidth + ' wide');
  for (const element of document.querySelectorAll('h1, p, dd, td, th, li, figcaption'))
    // Heads of a table that is stacked are for screen readers alone.
    if (!(element.closest('thead')?.getBoundingClientRect().width <= 1) && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline' && element.clientWidth > 0)
      out.push('overflows: ' + element.textContent.slice(0, 80));
  return out;
})()`;

/** Labels of one picture that lie on each other. */
const collisions = `(() => {
  const out = [];
  for (const svg of document.querySelectorAll('svg.drawing')) {
    const texts = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [index, [name, a]] of texts.entries())
      for (const [other, b] of texts.slice(index + 1))
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) out.push(name + ' / ' + other);
  }
  return out;
})()`;

const count = (selector: string) =>
  browser.evaluate<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

const poisonedPage = (text: string): string => {
  const stored = fullRun().stored.map((entry) => poisoned(entry, text) ?? entry);
  return pageText(accountOf(stored, {holds: false, seq: 3, says: text})!);
};

/** The tags of our own that a page of this run has, however often. */
const tagsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...page.replace(/<style>[^]*<\/style>/, '').matchAll(/<\/?[!a-z][^>\s]*/gi)].map(([tag]) => tag.toLowerCase()),
  );

describe.each(Object.keys(accounts))('the page of a run: %s', (name) => {
  const text = pageText(accounts[name]!);

  test.each([320, 400, 768, 1280])(
    'fits into %d columns: nothing leaves a picture, nothing is cut off',
    async (width) => {
      await show(text, {width});
      expect(await browser.evaluate(misfits)).toEqual([]);
      expect(await browser.evaluate(collisions)).toEqual([]);
    },
  );

  test('asks nobody for anything, and its own policy refuses none of it', async () => {
    const url = await show(text);
    expect(browser.requests()).toEqual([url]);
    expect(browser.complaints()).toEqual([]);
    expect(
      await browser.evaluate(`document.querySelectorAll('script, link, img, iframe, a, [src], [href]').length`),
    ).toBe(0);
    // The style took: a page without it would pass for one that asks nothing, too.
    expect(await browser.evaluate(`getComputedStyle(document.querySelector('h2')).borderTopStyle`)).toBe('solid');
  });

  test('can be read without the pictures', async () => {
    await show(text);
    const pictures = await browser.evaluate<readonly string[]>(
      `[...document.querySelectorAll('svg.drawing')].map((svg) => svg.getAttribute('role') + ':' + svg.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id)?.textContent.length > 10))`,
    );
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.every((picture) => picture === 'img:true,true')).toBe(true);
    expect(
      await browser.evaluate(
        `[...document.querySelectorAll('table')].every((table) => table.querySelector('th[scope=col]'))`,
      ),
    ).toBe(true);
    expect(
      await browser.evaluate(
        `new Set([...document.querySelectorAll('[id]')].map(({id}) => id)).size === document.querySelectorAll('[id]').length`,
      ),
    ).toBe(true);
    expect(await browser.evaluate('document.documentElement.lang')).toBe('en');
  });
});

describe('what the picture shows', () => {
  test('each attempt is a bar, each loss and cut a mark, each wait, pause and absence a bar of its own', async () => {
    const account = accounts['full']!;
    await show(pageText(account));
    const bars = 'svg[aria-labelledby^=drawing] .bar';
    const {attempts, summary, sittings} = account;
    const of = (end: string) => attempts.filter((attempt) => attempt.end === end).length;
    expect(await count(`${bars}.done`)).toBe(of('done'));
    expect(await count(`${bars}.failed`)).toBe(of('failed'));
    expect(await count(`${bars}.left`)).toBe(of('left'));
    expect(await count(`${bars}.here`)).toBe(sittings.length);
    expect(await count(`${bars}.gone`)).toBe(1);
    expect(await count(`${bars}.waited`)).toBe(1);
    // Once at the step, once at the controller.
    expect(await count(`${bars}.gate`)).toBe(2);
    expect(await count(`${bars}.down`)).toBe(2);
    const causes = summary.interruptions.map(({cause}) => cause);
    expect(await count('svg[aria-labelledby^=drawing] .mark.medium')).toBe(
      causes.filter((cause) => cause === 'medium lost').length,
    );
    expect(await count('svg[aria-labelledby^=drawing] .mark.link')).toBe(
      causes.filter((cause) => cause === 'link cut').length,
    );
    // An hour and a half at the gate and the promise of one hour: folded, and the line within.
    expect(await count('.fold rect')).toBeGreaterThan(0);
    expect(await count('svg[aria-labelledby^=drawing] line.promise')).toBe(1);
  });

  test('bars stand where their time is: in order, and in proportion', async () => {
    const account = accounts['done']!;
    await show(pageText(account));
    const lanes = await browser.evaluate<readonly {left: number; width: number}[]>(
      `[...document.querySelectorAll('svg[aria-labelledby^=drawing] .bar.done')].map((bar) => { const {left, width} = bar.getBoundingClientRect(); return {left, width}; })`,
    );
    const {attempts, summary} = account;
    const [frame] = await browser.evaluate<readonly {left: number; width: number}[]>(
      `[...document.querySelectorAll('svg.drawing')].map((svg) => { const {left, width} = svg.getBoundingClientRect(); return {left, width}; })`,
    );
    for (const [index, {begun, ended}] of attempts.entries()) {
      const from = (Date.parse(begun) - Date.parse(summary.begun)) / 1000 / summary.seconds;
      const long = (Date.parse(ended ?? '') - Date.parse(begun)) / 1000 / summary.seconds;
      expect(((lanes[index]?.left ?? 0) - frame!.left) / frame!.width).toBeCloseTo(from, 1);
      if (long > 0.01) expect((lanes[index]?.width ?? 0) / frame!.width).toBeCloseTo(long, 1);
    }
    expect(lanes).toHaveLength(8);
  });

  test('light and dark are two grounds, and both can be read; paper is white', async () => {
    const contrast = `(() => {
      const light = (colour) => { const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => { const c = part / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = light(getComputedStyle(document.documentElement).backgroundColor);
      const of = (selector, property) => { const ink = light(getComputedStyle(document.querySelector(selector))[property]); return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05); };
      return {text: of('p', 'color'), soft: of('figcaption', 'color'), svg: of('svg .name', 'fill'), bar: of('.bar.done', 'fill'), gone: of('.bar.here', 'fill'), mark: of('.mark.medium', 'fill'), ground};
    })()`;
    const text = pageText(accounts['full']!);
    for (const dark of [false, true]) {
      await show(text, {width: 1280, dark});
      const {ground, ...inks} = await browser.evaluate<Record<string, number>>(contrast);
      expect(ground! > 0.5).toBe(!dark);
      // WCAG 2.2: 4.5 for text, 3 for what is drawn.
      for (const [name, ratio] of Object.entries(inks))
        expect([name, ratio >= (/text|soft|svg/.test(name) ? 4.5 : 3)]).toEqual([name, true]);
    }
    await show(text, {width: 800, dark: true, print: true});
    expect(await browser.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    expect((await browser.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });
});

test('a broken chain is told before all else, with the place', async () => {
  await show(pageText(brokenAccount), {width: 400});
  expect(await browser.evaluate(`document.body.firstElementChild.getAttribute('role')`)).toBe('alert');
  const said = await browser.evaluate<string>(
    `[...document.querySelectorAll('.alert p, .alert dt, .alert dd')].map((each) => each.textContent.trim().replace(/\\s+/g, ' ')).join(' ')`,
  );
  expect(said).toContain('does not hold at entry 12: entry 12 was changed');
  for (const part of [
    'row 12',
    'column event',
    `expected sha256 ${'5e'.repeat(32)}`,
    `found sha256 ${'7c'.repeat(32)}`,
  ])
    expect(said).toContain(part);
  expect(await browser.evaluate(misfits)).toEqual([]);
  const unreadable = {
    type: 'run.unreadable',
    run: 'marruuk-3',
    chain: broken,
    unproved: brokenAccount.unproved,
  } as never;
  await show(pageText(unreadable), {width: 400});
  expect(await browser.evaluate(`document.body.firstElementChild.getAttribute('role')`)).toBe('alert');
});

describe('hostile text', () => {
  const own = tagsOf(pageText({...accounts['full']!, chain: broken, unproved: brokenAccount.unproved}));

  test.each(hostile)('in every text of every event leaves no tag, no attribute, no address: %j', async (text) => {
    const page = poisonedPage(text);
    expect([...tagsOf(page)].filter((tag) => !own.has(tag))).toEqual([]);
    expect(page).not.toContain('://');
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
    const url = await show(page, {width: 400});
    expect(browser.requests()).toEqual([url]);
    expect(browser.complaints()).toEqual([]);
    expect(
      await browser.evaluate(`document.querySelectorAll('script, link, img, iframe, a, base, form, [src], [href], [style]').length
        + [...document.querySelectorAll('*')].filter((each) => [...each.attributes].some(({name}) => name.startsWith('on'))).length`),
    ).toBe(0);
    expect(await browser.evaluate(`[...document.querySelectorAll('style')].length`)).toBe(1);
    expect(await browser.evaluate(misfits)).toEqual([]);
  });

  test('is shown all the same, as text', async () => {
    await show(poisonedPage(hostile[0]!));
    expect(await browser.evaluate('document.body.textContent')).toContain(
      `<script>fetch('http:\u200b//${evil}/')</script>`,
    );
  });

  // Without this, a browser that reports no request at all would pass everything above.
  test('a page that does ask for something is seen to', async () => {
    const url = await show(`<!doctype html><img src="http://127.0.0.1:9/${evil}">`);
    expect(browser.requests()).toEqual([url, `http://127.0.0.1:9/${evil}`]);
  });
});
