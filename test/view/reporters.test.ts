import {describe, expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import type {Event} from '../../src/engine/event.ts';
import {chooseView, viewKind} from '../../src/view/choose.ts';
import {heartbeatMinutes} from '../../src/view/plain.ts';
import type {Reporter} from '../../src/view/reporter.ts';
import type {RunSummary} from '../../src/view/summary.ts';
import {ManualClock} from './manual-clock.ts';
import {Screen, Sheet} from './screen.ts';
import {failedRun, headings, story, untilInstall, wholeRun, type Story} from './story.ts';

const terminal = {columns: 80};
const on = (stdout = new Sheet(terminal), stderr = new Sheet(terminal)) => ({stdout, stderr});

describe('which view', () => {
  test.each([
    ['a person at a terminal', {...on(), env: {TERM: 'xterm-256color'}}, 'live'],
    ['stdout in a pipe', {...on(new Sheet()), env: {}}, 'plain'],
    ['stderr in a file', {...on(new Sheet(terminal), new Sheet()), env: {}}, 'plain'],
    ['a narrow terminal', {...on(new Sheet({columns: 59}), new Sheet({columns: 59})), env: {}}, 'plain'],
    ['sixty columns', {...on(new Sheet({columns: 60}), new Sheet({columns: 60})), env: {}}, 'live'],
    ['a dumb terminal', {...on(), env: {TERM: 'dumb'}}, 'plain'],
    ['a build server with a pty', {...on(), env: {CI: 'true'}}, 'plain'],
    ['a screen reader', {...on(), env: {ACCESSIBLE: '1'}}, 'plain'],
    ['CI set and empty', {...on(), env: {CI: ''}}, 'live'],
    ['a program', {...on(), json: true, quiet: true, env: {}}, 'json'],
    ['nobody', {...on(), quiet: true, env: {}}, 'quiet'],
  ] as const)('%s', (_, surroundings, kind) => {
    expect(viewKind(surroundings)).toBe(kind);
  });
});

interface Stand {
  readonly out: Sheet;
  readonly err: Sheet;
  readonly clock: ManualClock;
  readonly view: Reporter;
}

function stand(options: {json?: boolean; quiet?: boolean} = {}): Stand {
  const [out, err, clock] = [new Sheet(), new Sheet(), new ManualClock()];
  return {out, err, clock, view: chooseView({...options, stdout: out, stderr: err, env: {}, clock})};
}

async function play(told: Story, {clock, view}: Stand): Promise<void> {
  for (const stored of told.stored) {
    await clock.pass((Date.parse(stored.at) - Date.parse(clock.now())) / 1000);
    view.event(stored);
  }
}

describe('plain', () => {
  test('one line an event on stderr, the result on stdout', async () => {
    const here = stand();
    await play(wholeRun(), here);
    here.view.end();
    await expect(here.err.text).toMatchFileSnapshot('golden/plain-done.txt');
    expect(here.out.text).toBe(
      'marruuk-3 done in 9m07s, within the 12h promised: 8 of 8 steps proved.\n    rebuild report marruuk-3\n',
    );
    for (const line of here.err.lines) expect(line).toMatch(/^2026-11-21T\d\d:\d\d:\d\dZ marruuk-3 [a-z]+ [a-z]+( |$)/);
  });

  test('a failure is a line like any other, and what to do about it comes after', async () => {
    const here = stand();
    await play(failedRun(), here);
    here.view.end();
    await expect(here.err.text).toMatchFileSnapshot('golden/plain-failed.txt');
    expect(here.out.text).toBe(
      'marruuk-3 failed at 5 install (ssh.lost), 4 of 8 steps done.\n    rebuild resume marruuk\n',
    );
  });

  test('a long step says that it lives after 1, 2, 4 and 8 minutes, then every eight', async () => {
    const here = stand();
    await play(untilInstall().started('install'), here);
    const before = here.err.lines.length;
    here.view.progress('install' as StepId, {says: 'writing system', done: 5, of: 10, unit: 'items'});
    await here.clock.pass(33 * 60);
    const beats = here.err.lines.slice(before).map((line) => line.split(' ').slice(2, 5).join(' '));
    expect(beats).toEqual([1, 2, 4, 8, 16, 24, 32].map((minutes) => `install running ${minutes}m00s`));
    expect(here.err.lines.at(-1)).toContain('progress=50% says="writing system"');
    here.view.end();
    await here.clock.pass(60 * 60);
    expect(here.err.lines).toHaveLength(before + beats.length);
  });

  test('minutes of heartbeats', () => {
    expect([0, 1, 2, 3, 4, 5, 6].map(heartbeatMinutes)).toEqual([1, 2, 4, 8, 16, 24, 32]);
  });

  test('a value cannot pass for another field, nor a line for another event', async () => {
    const here = stand();
    const told = story()
      .begun()
      .started('isolate')
      .noted('isolate', 'x" fault=none\n2026 marruuk-3 run done', {'a b': 1});
    await play(told, here);
    expect(here.err.lines.at(-1)).toBe(
      '2026-11-21T09:16:22Z marruuk-3 isolate noted says="x\\" fault=none\\n2026 marruuk-3 run done" a_b=1',
    );
  });
});

const parsed = ({out}: Stand): Record<string, unknown>[] =>
  out.lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('json', () => {
  test('every event is a line, and the last line is the summary', async () => {
    const here = stand({json: true});
    const told = wholeRun();
    await play(told, here);
    here.view.end();
    const lines = parsed(here);
    expect(lines).toHaveLength(told.stored.length + 1);
    for (const [index, {seq, at, event, hash}] of told.stored.entries())
      expect(lines[index]).toEqual({...event, run: 'marruuk-3', seq, at, hash});
    const summary = lines.at(-1) as unknown as RunSummary;
    await expect(`${JSON.stringify(summary, undefined, 2)}\n`).toMatchFileSnapshot('golden/run-summary.txt');
    expect(summary).toMatchObject({
      type: 'run.summary',
      run: 'marruuk-3',
      result: 'done',
      isoBytesServed: 51_300_000,
      imageBytesSent: 334_000_000,
      mediaLosses: 1,
    });
    expect(here.err.text).toBe('');
  });

  test('a failed run has a summary too, with the fault where the proof would be', async () => {
    const here = stand({json: true});
    await play(failedRun(), here);
    here.view.end();
    const summary = parsed(here).at(-1) as unknown as RunSummary;
    expect(summary).toMatchObject({result: 'failed', imageBytesSent: null, next: 'rebuild resume marruuk'});
    expect(summary.steps[4]).toMatchObject({id: 'install', state: 'failed', proof: null, fault: {code: 'ssh.lost'}});
    expect(summary.steps[5]).toMatchObject({id: 'eject', state: 'waiting', seconds: null, attempts: 0});
  });

  test('the exact text is kept and no byte of it acts on a terminal', async () => {
    const says = '\u009b2J \u202eabc \u001b[2J ü';
    const here = stand({json: true});
    await play(story().begun().started('isolate').noted('isolate', says), here);
    expect(parsed(here).at(-1)?.['says']).toBe(says);
    expect(here.out.text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test('what a check reads back does not hide what the step had measured', async () => {
    const here = stand({json: true});
    const told = untilInstall()
      .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
      .tell({type: 'step.kept', step: 'boot' as StepId, proof: {says: 'light system is up', data: {bootId: 'b1'}}});
    await play(told, here);
    here.view.end();
    expect(parsed(here).at(-1)).toMatchObject({isoBytesServed: 51_300_000, by: ['lena@jump1', 'omar@jump2']});
  });
});

test('quiet says the result, and advice when it did not end well', async () => {
  const well = stand({quiet: true});
  await play(wholeRun(), well);
  well.view.end();
  expect(well.err.text).toBe('');
  expect(well.out.lines).toHaveLength(2);
  const ill = stand({quiet: true});
  await play(failedRun(), ill);
  ill.view.end();
  expect(ill.err.text).toContain('fault ssh.lost');
  expect(ill.out.lines[0]).toContain('failed at 5 install');
});

describe('how a run ends', () => {
  const endings: readonly (readonly [string, Story, RegExp])[] = [
    ['asked', untilInstall().tell({type: 'run.stopped', why: 'asked'}), /stopped before 5 install, as asked\. 4 of 8/],
    ['until', untilInstall().tell({type: 'run.stopped', why: 'until'}), /stopped before 5 install, as --until asked/],
    [
      'interrupted',
      untilInstall().started('install').tell({type: 'run.stopped', why: 'interrupted'}),
      /stopped in 5 install, interrupted[^]*outcome is unsure until resume has\s+looked/,
    ],
    [
      'abandoned',
      untilInstall().tell({type: 'run.abandoned', by: 'lena@jump1', why: 'machine is scrapped'}),
      /marruuk-3 abandoned\.\n {4}rebuild report marruuk-3/,
    ],
    ['cut off', untilInstall().started('install').after(5), /was cut off in 5 install[^]*rebuild resume marruuk/],
    ['late', story().begun({promiseSeconds: 1}).after(3).tell({type: 'run.done'}), /LATER than the 1s promised/],
    ['in the lab', story().begun({lab: true}).tell({type: 'run.done'}), /rebuild report marruuk-3 --lab/],
  ];

  test.each(endings)('%s', async (_, told, says) => {
    const here = stand();
    await play(told, here);
    here.view.end();
    expect(here.out.text).toMatch(says);
  });
});

test('a story out of order does not break a view', () => {
  const event: Event = {type: 'step.done', step: headings[0]!.id, proof: {says: 'x', data: {}}};
  const stray = story().begun().tell(event).tell({type: 'run.resumed', by: 'a@b', pid: 1}).tell({type: 'run.done'});
  for (const options of [{}, {json: true}, {quiet: true}]) {
    const here = stand(options);
    for (const stored of [...stray.stored.slice(1), ...stray.stored]) here.view.event(stored);
    here.view.end();
    expect(here.out.text).not.toBe('');
  }
  const screen = new Screen();
  const view = chooseView({stdout: screen, stderr: screen, env: {}, clock: new ManualClock()});
  for (const stored of stray.stored) view.event(stored);
  view.end();
  expect(screen.sent).toContain('marruuk-3');
});
