import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import type {Stored} from '../../src/engine/event.ts';
import {forecastLeft} from '../../src/plan/forecast/left.ts';
import {liveReporter} from '../../src/view/live.ts';
import {colourPaint, plainPaint, type Paint} from '../../src/view/paint.ts';
import type {Reporter} from '../../src/view/reporter.ts';
import {ManualClock} from './manual-clock.ts';
import {Screen} from './screen.ts';
import {failedRun, story, untilInstall, wholeRun, type Story} from './story.ts';

const install = 'install' as StepId;
const boot = 'boot' as StepId;

function stand(screen = new Screen(), paint: Paint = plainPaint, earlier: readonly Stored[] = []) {
  const clock = new ManualClock();
  const forecast = new Map([[install, {from: 360, to: 660}]]);
  const hint = 'Ctrl-C: stop after this step. Checkpoints are kept.';
  const view = liveReporter({stdout: screen, stderr: screen, clock, paint, earlier, forecast, hint});
  return {screen, clock, view};
}

/** Plays a story at its own pace. */
async function play(told: Story, {clock, view}: {clock: ManualClock; view: Reporter}): Promise<void> {
  for (const stored of told.stored) {
    await clock.pass((Date.parse(stored.at) - Date.parse(clock.now())) / 1000);
    view.event(stored);
  }
}

const atInstall = (): Story => untilInstall().started('install');

test('finished lines stay, and the running block below shows progress, rate and time left', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  for (let done = 0; done <= 120; done += 2) {
    view.progress(install, {says: 'writing system', done: done * 1e6, of: 334e6, unit: 'bytes'});
    await clock.pass(1);
  }
  await expect(`${(await screen.shows()).join('\n')}\n`).toMatchFileSnapshot('golden/live-install.txt');
});

/** Of a medium that is read at 170 kB/s over a path that loses one every half an hour in the mean. */
function leftOf(sizeBytes: number, done: number) {
  const bytesPerSecond = 170_000;
  const left = forecastLeft({
    sizeBytes,
    leftBytes: sizeBytes - done,
    bytesPerSecond,
    losses: {known: 'mean', seconds: 1800},
    mountedSeconds: done / bytesPerSecond,
  });
  return left && {left};
}

test('while the big ISO is read straight from the virtual CD: that it has no chance, and what it comes to', async () => {
  const {screen, clock, view} = stand();
  await play(story().begun().started('boot'), {clock, view});
  const of = 5_400_000_000;
  for (let second = 0; second <= 40; second++) {
    const done = second * 170_000;
    view.progress(boot, {says: 'installer: reading', done, of, unit: 'bytes', medium: {lost: 2, ...leftOf(of, done)}});
    await clock.pass(1);
  }
  const shown = await screen.shows();
  expect(shown.join('\n')).toContain('installer: reading, chance under 1 %');
  await expect(`${shown.join('\n')}\n`).toMatchFileSnapshot('golden/live-hopeless.txt');
});

test('while a medium is read: rate, time left, and the chance to get through before the next loss', async () => {
  const {screen, clock, view} = stand();
  await play(story().begun().started('boot'), {clock, view});
  const of = 25_800_000;
  for (let second = 0; second <= 40; second++) {
    const done = second * 170_000;
    view.progress(boot, {says: 'light iso: reading', done, of, unit: 'bytes', medium: {lost: 0, ...leftOf(of, done)}});
    await clock.pass(1);
  }
  await expect(`${(await screen.shows()).join('\n')}\n`).toMatchFileSnapshot('golden/live-medium.txt');
});

test('a run that went well leaves its lines and the result, and nothing of the block', async () => {
  const {screen, clock, view} = stand();
  await play(wholeRun(), {clock, view});
  view.end();
  await expect(`${(await screen.shows()).join('\n')}\n`).toMatchFileSnapshot('golden/live-done.txt');
  expect(screen.listeners).toBe(0);
});

test('a run that failed ends with what, where, what it means, the state, and what to type', async () => {
  const {screen, clock, view} = stand();
  await play(failedRun(), {clock, view});
  view.end();
  await expect(`${(await screen.shows()).join('\n')}\n`).toMatchFileSnapshot('golden/live-failed.txt');
});

test('colour changes nothing but colour', async () => {
  const plain = stand();
  const coloured = stand(new Screen(), colourPaint);
  for (const one of [plain, coloured]) {
    await play(failedRun(), one);
    one.view.end();
  }
  expect(await coloured.screen.shows()).toEqual(await plain.screen.shows());
  expect(coloured.screen.sent).toContain('\u001b[31m');
  expect(plain.screen.sent).not.toMatch(/\u001b\[[\d;]*m/);
});

test('each frame is one write, and there is none while nothing changes', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  const before = screen.writes;
  // Frames come four times a second; the seconds shown change once.
  await clock.pass(10);
  expect(screen.writes - before).toBe(10);
});

test('a terminal that falls behind gets no frames, and later every finished line once', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  const before = finished(await screen.shows());
  screen.behind = true;
  const writes = screen.writes;
  view.say('a line to the person');
  view.event(atInstall().after(60).done('install', 'every chunk read back').stored.at(-1)!);
  await clock.pass(30);
  expect(screen.writes).toBe(writes);
  screen.behind = false;
  await clock.pass(1);
  const shown = await screen.shows();
  expect(shown.join('\n')).toMatch(/a line to the person\n ok +5 install +every chunk read back/);
  expect(finished(shown)).toEqual([...(before ?? []), 'ok    5 install ']);
});

test('a terminal that is behind to the end still gets the end', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  screen.behind = true;
  for (const stored of wholeRun().stored.slice(atInstall().stored.length)) view.event(stored);
  view.end();
  const shown = (await screen.shows()).join('\n');
  expect(shown.match(/^ ok +\d/gm)).toHaveLength(8);
  expect(shown).toContain('rebuild report marruuk-3');
  expect(shown).not.toContain('>>');
});

test('nothing is blank between two frames: no frame erases before it writes', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  const before = screen.sent.length;
  await clock.pass(5);
  expect(screen.sent.slice(before)).not.toMatch(/\r\u001b\[J|\u001b\[2J|\u001b\[2K/);
});

test.each([
  [100, 30],
  [62, 24],
  [80, 6],
])('after a resize to %i columns and %i rows the block is there once', async (columns, rows) => {
  const {shown, after} = await resized(columns, rows);
  expect(shown.join('\n').match(/>> +5 inst/g)).toHaveLength(1);
  expect(shown.join('\n').match(/Ctrl-C/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(after.join('\n')).not.toMatch(/>>|Ctrl-C/);
});

// xterm.js counts rows that fold below the cursor as if they were above it, so a stale row may stay: but none is eaten.
test.each([
  [41, 24],
  [20, 10],
])('a resize to %i columns and %i rows, which folds the block, loses no finished line', async (columns, rows) => {
  const {before, shown, after} = await resized(columns, rows);
  expect(finished(before)).toHaveLength(7);
  expect(finished(shown)).toEqual(finished(before));
  expect(finished(after)).toEqual(finished(before));
  expect(shown.at(-1)).toMatch(/^ +Ctrl-C/);
  expect(shown.every((line) => line.length <= columns)).toBe(true);
});

const finished = (lines: readonly string[]) => lines.join('').match(/(ok|\.\.|!!) +\d \w+ /g);

async function resized(columns: number, rows: number) {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  view.progress(install, {says: 'writing system', done: 10e6, of: 334e6, unit: 'bytes'});
  await clock.pass(4);
  const before = await screen.shows();
  await screen.resize(columns, rows);
  await clock.pass(4);
  const shown = await screen.shows();
  view.end();
  return {before, shown, after: await screen.shows()};
}

test('the block never scrolls itself away on a screen with few rows', async () => {
  const {screen, clock, view} = stand(new Screen(80, 4));
  await play(wholeRun(), {clock, view});
  view.end();
  const shown = await screen.shows();
  expect(shown.filter((line) => line.includes('>>'))).toEqual([]);
  expect(shown.filter((line) => / ok +\d /.test(line))).toHaveLength(8);
});

test('a link that stopped says so, and claims no time left', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  for (let second = 0; second < 10; second++) {
    view.progress(install, {says: 'writing system', done: second * 1e6, of: 334e6, unit: 'bytes'});
    await clock.pass(1);
  }
  expect((await screen.shows()).join('\n')).toMatch(/~6min left[^]*1 MB\/s/);
  await clock.pass(45);
  const shown = (await screen.shows()).join('\n');
  expect(shown).toContain('not moved for 46s');
  expect(shown).not.toContain(' left');
});

test('the work of another step does not lend its rate, and a late report of an ended step is dropped', async () => {
  const {screen, clock, view} = stand();
  const told = atInstall();
  await play(told, {clock, view});
  view.progress(install, {says: 'writing system', done: 1e6, of: 2e6, unit: 'bytes'});
  view.progress('wipe' as StepId, {says: 'erasing', done: 1, of: 2, unit: 'items'});
  await clock.pass(1);
  const shown = (await screen.shows()).join('\n');
  expect(shown).toContain('writing system');
  expect(shown).not.toContain('erasing');
});

test('on resume the earlier sitting is known and not shown again', async () => {
  const earlier = failedRun().stored;
  const {screen, clock, view} = stand(new Screen(), plainPaint, earlier);
  const told = failedRun()
    .after(60)
    .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
    .tell({type: 'step.kept', step: 'wipe' as StepId, proof: {says: 'read back as zero: system', data: {}}})
    .started('install', 2);
  for (const stored of told.stored.slice(earlier.length)) view.event(stored);
  await clock.pass(1);
  const shown = await screen.shows();
  expect(shown[0]).toBe('marruuk-3 resumed by omar@jump2');
  expect(shown[2]).toBe('');
  expect(shown[1]).toMatch(/^ keep {2}4 wipe {7}still true: read back as zero/);
  expect(shown[3]).toMatch(/^ >> {4}5 install {4}attempt 2/);
});

test('what a device says cannot move the cursor or forge a line', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  const evil = '\u001b[2J\u001b]52;c;cm0gLXJm\u0007\r ok   8 verify \u202eall well\n';
  view.progress(install, {says: evil});
  view.event({...told(evil), at: clock.now()});
  view.say(evil);
  await clock.pass(1);
  expect(screen.sent).not.toContain('\u001b[2J');
  expect(screen.sent).not.toContain('\u001b]');
  expect(screen.sent).not.toContain('\u202e');
  const shown = await screen.shows();
  expect(shown.filter((line) => /^ ok +8/.test(line))).toEqual([]);
});

const told = (says: string): Stored => atInstall().noted('install', says).stored.at(-1) as Stored;

test('a line to the person stands above the block', async () => {
  const {screen, clock, view} = stand();
  await play(atInstall(), {clock, view});
  view.say('stops after this step; its checkpoints are kept. Ctrl-C again: stop now, the step becomes unsure');
  const shown = await screen.shows();
  const said = shown.findIndex((line) => line.startsWith('stops after'));
  expect(said).toBeGreaterThan(0);
  expect(shown.findIndex((line) => line.includes('>>'))).toBeGreaterThan(said);
});

test('ending twice, or before anything began, is harmless', async () => {
  const {screen, view} = stand();
  view.end();
  view.end();
  view.event(atInstall().stored[0] as Stored);
  view.say('late');
  expect(await screen.shows()).toEqual([]);
});
