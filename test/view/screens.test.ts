import {describe, expect, test} from 'vitest';
import type {HostName, Instant, RunId, Sha256, StepId} from '../../src/brand.ts';
import type {ChainVerdict} from '../../src/journal/journal.ts';
import {fault} from '../../src/fault.ts';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {accountOf} from '../../src/view/account.ts';
import {block} from '../../src/view/block.ts';
import {confirmText} from '../../src/view/confirm.ts';
import {comparedText, fitText} from '../../src/view/difference.ts';
import {ending} from '../../src/view/ending.ts';
import {faultScreen} from '../../src/view/fault.ts';
import {extend, read, type History} from '../../src/view/history.ts';
import {happening} from '../../src/view/happening.ts';
import {logLines} from '../../src/view/log.ts';
import {metered, type Meter} from '../../src/view/meter.ts';
import {colourPaint, paintFor, plainPaint, type Paint} from '../../src/view/paint.ts';
import {planText} from '../../src/view/plan.ts';
import {differencesOf} from '../../src/plan/difference.ts';
import {documentOf, planOf} from '../../src/plan/document.ts';
import {reportText, unreadableText} from '../../src/view/report.ts';
import {resumeText} from '../../src/view/resume.ts';
import {statusText, type Standing} from '../../src/view/status.ts';
import {forecastPlan, hopelessPlan, knownPlan, plan, refusedPlan, withMoving} from './sample-plan.ts';
import {minimal, mistakes} from '../runbook/example.ts';
import {crashedRun, failedRun, story, toTheEnd, untilInstall, wholeRun, type Story} from './story.ts';

const now = '2026-11-21T09:40:00.000Z' as Instant;
const historyOf = (told: Story): History => read(told.stored) as History;
const holds: ChainVerdict = {holds: true, entries: 22};
const broken: ChainVerdict = {
  holds: false,
  seq: 12,
  says: 'entry 12 was changed: its at or event is not what was hashed',
  where: {
    table: 'entries',
    row: 12,
    column: 'at or event',
    event: 'step.done',
    expected: 'sha256 5e1f4d9f2b7c',
    found: 'sha256 7c0a9be3d114',
  },
};
const unproved = failedRun().stored.map(({seq, at, event}) => ({row: seq, seq, at, type: event.type}));

const resumedRun = (): Story =>
  toTheEnd(
    failedRun()
      .after(600)
      .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
      .after(3)
      .tell({type: 'step.kept', step: 'wipe' as StepId, proof: {says: 'read back as zero: system', data: {}}})
      .after(1),
    2,
  );

const standing = (told: Story, holder?: Standing['holder']): Standing => {
  const history = historyOf(told);
  return {host: history.host, run: history.run, history, ...(holder && {holder})};
};
const holder = {who: 'lena@jump1', pid: 4242, reason: 'run marruuk-3', expires: '2026-11-21T09:40:30.000Z' as Instant};
const hosts: readonly Standing[] = [
  standing(wholeRun('atlas-7')),
  standing(failedRun('vega-1')),
  standing(crashedRun('mpex-2')),
  standing(crashedRun(), holder),
  {host: 'orion' as HostName, run: 'orion-1' as Standing['run'], fault: fault('journal.broken', 'entry 4')},
];

/** An hour later: another disk in its bay, another policy at the edge, another image, and no gate any more. */
const changed = documentOf({
  ...knownPlan,
  digest: '77aa0123'.padEnd(64, '0') as Sha256,
  readAt: '2026-11-21T10:02:11.000Z' as Instant,
  facts: {
    ...knownPlan.facts,
    isolate: {policy: 'serving'},
    wipe: {models: {S3Z8NB0K412345: {vendor: 'Intel', model: 'SSDSC2KB480G8'}}},
  },
  keptDisks: knownPlan.keptDisks.slice(0, 1),
  steps: knownPlan.steps.map((step) =>
    step.id === 'install'
      ? {...step, effects: step.effects.map((each) => ({...each, says: 'debian 77aa01234567, 340 MB to send'}))}
      : step,
  ),
});

const far = (done: number) => ({says: 'writing system', done, of: 334e6, unit: 'bytes'}) as const;

/** What a run has left on a terminal, and what is redrawn below it. */
function liveText(told: Story, paint: Paint): readonly string[] {
  let history: History | undefined;
  const above = told.stored.flatMap((stored) => {
    history = extend(history, stored);
    return history ? happening(history, stored, paint, 80) : [];
  });
  if (!history) return above;
  const at = new Date(Date.parse(history.last) + 30_000).toISOString() as Instant;
  const meter = [0, 10, 20, 30].reduce<Meter | undefined>(
    (before, second) => metered(before, far(second * 4e6), second * 1000),
    undefined,
  );
  const forecast = new Map([['network' as StepId, {from: 50, to: 90}]]);
  const size = {columns: 80, rows: 24};
  const hint = 'Ctrl-C: stop after this step. Checkpoints are kept.';
  const {advice} = ending(history, paint);
  return [...above, ...block({history, meter, now: at, ticks: 30_000, forecast, hint, ...size}, paint), ...advice];
}

function logText(told: Story): readonly string[] {
  let history: History | undefined;
  return told.stored.flatMap((stored) => {
    history = extend(history, stored);
    return history ? logLines(history, stored, 80) : [];
  });
}

const mistaken = mistakes(
  minimal
    .replace('disks: [system]', 'disks: [sytem]\n    pases: 2')
    .replace('driver: redfish\n', 'driver: redfish\n  pasword: env:BMC\n'),
);

/** Every screen an operator reads, by the name of its golden transcript. */
const screens: Readonly<Record<string, (paint: Paint) => readonly string[]>> = {
  plan: (paint) => planText(plan, {savedAs: 'marruuk.plan'}, paint),
  'plan-unsaved-lab': (paint) => planText(withMoving({...plan, promiseSeconds: 5}, {}), {lab: true}, paint),
  'plan-refused': (paint) => planText(refusedPlan, {}, paint),
  'plan-forecast': (paint) => planText(forecastPlan, {}, paint),
  'plan-again': (paint) => planText(knownPlan, {}, paint),
  'plan-hopeless': (paint) => planText(hopelessPlan, {}, paint),
  confirm: (paint) => confirmText(plan, paint),
  fits: () => fitText(plan, []),
  stale: () => fitText(plan, differencesOf(documentOf(plan), changed).stale),
  'plan-until': (paint) => planText(knownPlan, {until: 'boot' as StepId}, paint),
  'plan-approving': (paint) => planText(planOf(documentOf(plan)), {underWay: true}, paint),
  'against-stale': (paint) =>
    comparedText(
      {
        file: 'marruuk.plan',
        before: documentOf(plan),
        now: changed,
        differences: differencesOf(documentOf(plan), changed),
      },
      {lab: true},
      paint,
    ),
  'against-fits': (paint) =>
    comparedText(
      {
        file: 'marruuk.plan',
        before: documentOf(plan),
        now: documentOf(knownPlan),
        differences: differencesOf(documentOf(plan), documentOf(knownPlan)),
      },
      {lab: false},
      paint,
    ),
  'resume-failed': (paint) => resumeText(historyOf(failedRun()), now, paint),
  'resume-crashed': (paint) => resumeText(historyOf(crashedRun()), now, paint),
  'fault-in-run': (paint) => {
    const history = historyOf(failedRun());
    const found = fault('disk.write-failed', 'S3Z8NB0K412345: Input/output error', {
      state: 'the erase stands at 64 %, nothing else was begun',
    });
    const step = history.steps[3];
    return faultScreen(found, {history, ...(step && {step})}, paint);
  },
  'fault-before': (paint) =>
    faultScreen(
      fault('bmc.certificate-differs', 'https://10.9.0.31 shows sha256:9a..., pinned is sha256:4b...'),
      {host: 'marruuk', lab: true},
      paint,
    ),
  status: (paint) => statusText(hosts, {now}, paint),
  'status-running': (paint) => statusText([hosts[3]!], {now, one: 'marruuk' as HostName}, paint),
  'status-failed': (paint) => statusText([hosts[1]!], {now, one: 'vega' as HostName}, paint),
  'status-none': (paint) => statusText([], {now, one: 'vega' as HostName, lab: true}, paint),
  report: () => reportText(accountOf(wholeRun().stored, holds)!),
  'report-resumed': () => reportText(accountOf(resumedRun().stored, holds)!),
  'report-crashed': () => reportText(accountOf(crashedRun().stored, holds)!),
  'report-broken': () =>
    reportText(accountOf(failedRun().stored.slice(0, 11), broken, {unproved: unproved.slice(11)})!),
  live: (paint) => liveText(untilInstall().started('install'), paint),
  'live-end': (paint) => liveText(failedRun(), paint),
  log: () => logText(failedRun()),
  'runbook-error': () => mistaken.flatMap((found) => [...renderDiagnostic(found).split('\n'), '']).slice(0, -1),
  'report-unreadable': () =>
    unreadableText({type: 'run.unreadable', run: 'marruuk-3' as RunId, chain: broken, unproved: unproved.slice(0, 2)}),
};

describe.each(Object.entries(screens))('%s', (name, draw) => {
  const plain = draw(plainPaint);

  test('reads as agreed', async () => {
    await expect(`${plain.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test('fits in 80 columns, without trailing spaces', () => {
    // An excerpt of a file uses the terminal's last column too: nothing is redrawn over it.
    const most = name === 'runbook-error' ? 80 : 79;
    for (const line of plain) {
      expect(line.length, line).toBeLessThanOrEqual(most);
      expect(line).toBe(line.trimEnd());
    }
  });

  test('says the same in colour', () => {
    const coloured = draw(colourPaint);
    expect(coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, '').trimEnd())).toEqual(plain);
  });
});

/** Those that an operator meets on every run, as a terminal gets them. */
describe.each(['plan', 'live', 'live-end', 'fault-in-run', 'resume-failed', 'resume-crashed', 'status'])(
  '%s in colour',
  (name) => {
    test('reads as agreed', async () => {
      const lines = screens[name]?.(colourPaint) ?? [];
      expect(lines.join('\n')).toContain('\u001b[');
      await expect(`${lines.join('\n').replaceAll('\u001b', '␛')}\n`).toMatchFileSnapshot(`golden/colour/${name}.txt`);
    });
  },
);

/** A colour carries no meaning of its own, and these have none: they are pasted into tickets, searched and compared. */
describe.each(['log', 'report', 'runbook-error'])('%s', (name) => {
  test('has no colour on any terminal', () => {
    expect(screens[name]?.(colourPaint)).toEqual(screens[name]?.(plainPaint));
  });
});

const same = (paint: Paint): boolean => paint('bad', 'x') === 'x';

test('colour is for terminals that can show it and operators who want it', () => {
  const terminal = {write: () => {}, isTTY: true, getColorDepth: () => 8};
  expect(same(paintFor(terminal, {}))).toBe(false);
  expect(same(paintFor(terminal, {NO_COLOR: '1'}))).toBe(true);
  expect(same(paintFor(terminal, {TERM: 'dumb'}))).toBe(true);
  expect(same(paintFor({write: () => {}}, {}))).toBe(true);
  expect(same(paintFor({write: () => {}}, {FORCE_COLOR: '1'}))).toBe(false);
});

test('where colour helps: the transcript in colour', async () => {
  const coloured = [...planText(plan, {}, colourPaint), '', ...statusText(hosts, {now}, colourPaint)];
  const visible = coloured.join('\n').replaceAll('\u001b', '␛');
  await expect(`${visible}\n`).toMatchFileSnapshot('golden/colour.txt');
});

test('a plan that is longer than what was promised says so', () => {
  expect(planText(withMoving({...plan, promiseSeconds: 5}, {}), {}, plainPaint).join(' ')).toContain(
    'LONGER than the 5s promised',
  );
});

test('names that are too long for the table cost columns, never the run or the command', () => {
  const long = standing(crashedRun(`${'a'.repeat(40)}-12`), {...holder, who: 'someone.with.a.name@a-long-jump-host'});
  const lines = statusText([long], {now}, plainPaint);
  expect(lines.every((line) => line.length < 80)).toBe(true);
  expect(lines[1]).toContain(long.run);
});

test('a run whose history begins in the middle has no report and no screen', () => {
  const headless = wholeRun().stored.slice(1);
  expect(read(headless)).toBeUndefined();
  expect(accountOf(headless, holds)).toBeUndefined();
});

test('foreign text in a report cannot leave its code span or block', () => {
  const told = story()
    .begun({by: 'eve`![x](http://evil.example/x)<script>'})
    .started('isolate')
    .noted('isolate', '```\n# Rebuilt\n<img src=x>');
  const text = reportText(accountOf(told.stored, holds)!).join('\n');
  expect(text).toContain('``eve`![x](http://evil.example/x)<script>``');
  expect(text).not.toMatch(/^# Rebuilt/m);
  expect(text).toContain('````text');
});
