import {expect, test} from 'vitest';
import {colourPaint, plainPaint, type Paint} from '../../src/view/paint.ts';
import {openWork} from '../../src/view/work.ts';
import {ManualClock} from './manual-clock.ts';
import {Screen, Sheet} from './screen.ts';

function onTerminal(paint: Paint = plainPaint, screen = new Screen()) {
  const clock = new ManualClock();
  return {screen, clock, ...openWork({stream: screen, clock, paint, kind: 'live'})};
}

function onPipe() {
  const sheet = new Sheet();
  const clock = new ManualClock();
  return {sheet, clock, ...openWork({stream: sheet, clock, paint: plainPaint, kind: 'plain'})};
}

const fetching = (done: number) => ({says: 'light iso: fetching packages', done, of: 334e6, unit: 'bytes'}) as const;

async function build({tell, clock}: Pick<ReturnType<typeof onTerminal>, 'tell' | 'clock'>, seconds = 40) {
  tell({says: 'light iso: asking Debian for its package lists'});
  await clock.pass(4);
  for (let second = 0; second < seconds; second++) {
    tell(fetching(second * 2.4e6));
    await clock.pass(1);
  }
}

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

test('on a terminal: a bar with rate and time left; what is over leaves its line', async () => {
  const here = onTerminal();
  await build(here);
  await expect(text(await here.screen.shows())).toMatchFileSnapshot('golden/work-live.txt');
  expect((await here.screen.shows()).every((line) => line.length < 80)).toBe(true);
  here.pause();
  await expect(text(await here.screen.shows())).toMatchFileSnapshot('golden/work-over.txt');
});

test('in colour it says the same', async () => {
  const [plain, coloured] = [onTerminal(), onTerminal(colourPaint)];
  await build(plain);
  await build(coloured);
  expect(await coloured.screen.shows()).toEqual(await plain.screen.shows());
  expect(coloured.screen.sent).toContain('\x1b[2m');
  expect(plain.screen.sent).not.toContain('\x1b[2m');
});

test('without a terminal: a line for each piece, then one after a minute, two, four; nothing is redrawn', async () => {
  const here = onPipe();
  await build(here, 130);
  await here.clock.pass(1);
  here.pause();
  await expect(here.sheet.text).toMatchFileSnapshot('golden/work-plain.txt');
  expect(here.sheet.text).not.toMatch(/[\r\x1b]/);
});

test('where nobody knows how much it is: what is done and for how long, and no bar', async () => {
  const here = onTerminal();
  here.tell({says: 'lab: starting the old system'});
  await here.clock.pass(31);
  expect(await here.screen.shows()).toEqual([expect.stringMatching(/^lab: starting the old system +31s$/)]);
});

test('what takes no two seconds leaves nothing', async () => {
  const [screen, pipe] = [onTerminal(), onPipe()];
  for (const here of [screen, pipe]) {
    here.tell({says: 'comparing it with its digest', done: 1, of: 2, unit: 'bytes'});
    await here.clock.pass(1.5);
    here.pause();
    await here.clock.pass(600);
  }
  expect(await screen.screen.shows()).toEqual([]);
  expect(pipe.sheet.text).toBe('');
});

test('after a pause nothing is written any more, and what comes next stands below', async () => {
  const here = onTerminal();
  await build(here, 5);
  here.pause();
  const {writes} = here.screen;
  await here.clock.pass(60);
  expect(here.screen.writes).toBe(writes);
  here.screen.write('the plan\n');
  expect((await here.screen.shows()).at(-1)).toBe('the plan');
});

test('time itself moves at one second a second', async () => {
  const here = onTerminal();
  here.tell({says: 'watching', done: 5, of: 20, unit: 'seconds'});
  await here.clock.pass(0.5);
  expect(text(await here.screen.shows())).toContain('5s of 20s');
  expect(text(await here.screen.shows())).toContain('~15s left');
});

test('what a program says of itself reaches no terminal as it is', async () => {
  for (const here of [onTerminal(), onPipe()]) {
    here.tell({says: 'unpacking \x1b]52;c;AAAA\x07 \u202e'});
    await here.clock.pass(5);
    here.pause();
    const sent = 'screen' in here ? here.screen.sent : here.sheet.text;
    expect(sent).not.toMatch(/\x1b\]|\x07|\u202e/);
  }
});
