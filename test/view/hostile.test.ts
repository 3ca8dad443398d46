import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {HostName, Instant, RunId, StepId} from '../../src/brand.ts';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {explain} from '../../src/command/help/explain.ts';
import {renderExplanation} from '../../src/command/help/explain-text.ts';
import type {Stored} from '../../src/engine/event.ts';
import {fault} from '../../src/fault.ts';
import {kinds} from '../../src/step/registry.ts';
import {accountOf} from '../../src/view/account.ts';
import {chooseView} from '../../src/view/choose.ts';
import {confirmText} from '../../src/view/confirm.ts';
import {fitText} from '../../src/view/difference.ts';
import {faultScreen} from '../../src/view/fault.ts';
import {read, type History} from '../../src/view/history.ts';
import {leftText} from '../../src/view/left-behind.ts';
import {logLines} from '../../src/view/log.ts';
import {plainPaint} from '../../src/view/paint.ts';
import {planText} from '../../src/view/plan.ts';
import {reportText} from '../../src/view/report.ts';
import {resumeText} from '../../src/view/resume.ts';
import {statusText} from '../../src/view/status.ts';
import {width} from '../../src/view/escape.ts';
import {ManualClock} from './manual-clock.ts';
import {plan} from './sample-plan.ts';
import {Sheet} from './screen.ts';
import {story, type Story} from './story.ts';

const now = '2026-11-21T09:40:00.000Z' as Instant;

/** Names that devices, disks, hosts and people may bear. */
const names: Readonly<Record<string, string>> = {
  'control codes': 'a\u0000b\u0007c\bd\re\u001b[2J\u001b[1;1Hf\u007fg\u0085h\u009b31m',
  'a title, a link and a clipboard':
    '\u001b]0;owned\u0007\u001b]8;;http://evil\u001b\\x\u001b]8;;\u001b\\\u001b]52;c;cm0gLXJm\u0007',
  'the same in C1': '\u009d8;;http://evil\u009cx\u009d52;c;AAAA\u009c\u0090q\u009c',
  'lines that forge events': 'ok\n2026-11-21T09:16:31Z marruuk-3 run done\r\n ok   8 verify\u2028\u2029\u000b\u000c',
  'bidirectional marks': 'gpj.\u202eexe\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c',
  'zero width': 'mar\u200bru\u200cuk\u200d\ufeff\u2060\u00ad\u180e\u3164\u{e0041}\ufe0f',
  'a flood of marks': `a${'\u0301\u0316\u20dd'.repeat(400)}`,
  'wide characters': '株式会社サーバー😀🏳️‍🌈'.repeat(40),
  'half a surrogate pair': '\ud83d x \ude00',
  'invalid UTF-8, as it was decoded': Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0x1b, 0x5b, 0x4b]).toString(
    'latin1',
  ),
  'no spaces': 'x'.repeat(3000),
  'only spaces': ' '.repeat(3000),
  'fields and quotes': 'x" fault=none by="root\\',
  'Markdown and HTML': '`![x](http://evil)<script>alert(1)</script> | a | b |\n# head',
  'our own words': 'rebuild resume HOST --lab; rebuild abandon RUN -m x',
};

/** A run in which every text that comes from elsewhere is that name. */
function told(name: string): Story {
  const step = 'wipe' as StepId;
  return story()
    .begun({
      by: name,
      facts: {
        machine: {vendor: name, model: name, serial: name},
        [name]: name,
        erases: [name],
        keeps: [name],
        lightKey: name,
        hostKey: name,
        controller: name,
      },
    })
    .started('isolate')
    .noted('isolate', name, {[name]: name, list: [name, {[name]: name}]})
    .done('isolate', name, {[name]: name})
    .started('wipe')
    .saved('wipe', {[name]: name})
    .interrupted('wipe', 'link cut', name, {seconds: 4})
    .tell({type: 'effect.sent', step, effect: `wipe:${name}`})
    .tell({type: 'effect.found', step, effect: `wipe:${name}`, verdict: 'present'})
    .tell({type: 'run.stop-asked', by: name, now: false})
    .tell({type: 'run.resumed', by: name, pid: 1, over: {who: name, since: now, because: 'dead'}})
    .tell({type: 'step.kept', step: 'isolate' as StepId, proof: {says: name, data: {[name]: name}}})
    .tell({
      type: 'step.lapsed',
      step: 'isolate' as StepId,
      fault: fault('edge.not-as-set', name, {state: name, next: name, detail: {[name]: name}}),
    })
    .failed('wipe', 'disk.write-failed', name, {
      state: name,
      next: name,
      detail: {output: name, [name]: [name, {a: name}]},
    })
    .tell({type: 'run.stopped', why: 'failed'});
}

const hostilePlan = (name: string) => ({
  ...plan,
  system: {...plan.system, vendor: name, model: name, serial: name},
  facts: {isolate: {policy: name}},
  steps: plan.steps.map((step) => ({
    ...step,
    effects: step.effects.map((effect) => ({
      ...effect,
      says: name,
      certainty: effect.certainty.is === 'unknown' ? {is: 'unknown' as const, until: name} : effect.certainty,
      ...(effect.disk && {disk: {...effect.disk, serial: name, model: name}}),
    })),
  })),
});

/** Everything rebuild prints of it, by the place; each as the text that is written. */
function printed(name: string): Readonly<Record<string, string>> {
  const {stored} = told(name);
  const history = read(stored) as History;
  const holder = {who: name, pid: 7, reason: name, expires: now};
  const abandoned = read([
    ...stored,
    ...story().begun().tell({type: 'run.abandoned', by: name, why: name}).stored.slice(1),
  ]) as History;
  const failed = history.steps.find(({status}) => status.is === 'failed');
  const trouble = fault('ssh.lost', name, {state: name, next: name, detail: {[name]: name}});
  const lines = {
    plan: planText(hostilePlan(name) as typeof plan, {savedAs: 'marruuk.plan'}, plainPaint),
    confirm: confirmText(hostilePlan(name) as typeof plan, plainPaint),
    stale: fitText(plan, [{about: 'fact', name, before: name, now: {[name]: name}}]),
    fault: faultScreen(trouble, {host: 'marruuk', place: {file: name, line: 1, column: 1}}, plainPaint),
    'fault in a run': faultScreen(trouble, {history, ...(failed && {step: failed})}, plainPaint),
    resume: resumeText(history, now, plainPaint, {who: name, pid: 1, reason: name, since: now, because: 'expired'}),
    status: statusText(
      [
        {host: history.host, run: history.run, history, holder},
        {host: name as HostName, run: name as RunId, fault: trouble},
      ],
      {now},
      plainPaint,
    ),
    'status of one': statusText(
      [{host: history.host, run: history.run, history, holder}],
      {now, one: history.host},
      plainPaint,
    ),
    log: stored.flatMap((entry) => logLines(history, entry)),
    'log at a terminal': stored.flatMap((entry) => logLines(history, entry, 80)),
    'what is left': leftText(abandoned),
    report: reportText(accountOf(stored, {holds: true, entries: stored.length})!),
    // A runbook has 256 kB at most, and an argument of a command no more.
    ...(name.length > 200_000 ? {} : fromText(name)),
  };
  const texts = Object.entries(lines).map(([place, each]) => [place, each.join('\n')] as const);
  return {...Object.fromEntries(texts), ...reported(stored, name)};
}

/** What rebuild prints of a runbook and of what was typed. */
const fromText = (name: string) => ({
  'runbook error': renderDiagnostic({
    file: name,
    line: 1,
    column: 1,
    endColumn: 3,
    says: name,
    hint: name,
    explain: name,
    excerpt: [{line: 1, text: name}],
  }).split('\n'),
  explain: renderExplanation(explain(name, {kinds, examples: []})).split('\n'),
});

/** What each view writes of the run, on a terminal and off it. */
function reported(stored: readonly Stored[], name: string): Readonly<Record<string, string>> {
  const written = ({terminal, ...options}: {terminal?: boolean; json?: boolean; quiet?: boolean}): string => {
    const sheet = new Sheet(terminal ? {columns: 80} : undefined);
    const clock = new ManualClock();
    const view = chooseView({...options, stdout: sheet, stderr: sheet, env: {NO_COLOR: '1'}, clock});
    for (const entry of stored) {
      view.event(entry);
      view.progress('wipe' as StepId, {says: name, done: 1, of: 2, unit: 'bytes'});
    }
    view.say(name);
    view.end();
    return sheet.text;
  };
  return {
    live: written({terminal: true}),
    plain: written({}),
    // The exact text, so as long as it is.
    ...(name.length > 200_000 ? {} : {json: written({json: true})}),
    quiet: written({quiet: true}),
  };
}

/** The live view's own: erase to the end of line or screen, up so many lines, to the line's beginning. */
const own = /\u001b\[(?:\d*[AJK])|\r/g;
const outlaws = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u3164]/u;

describe.each(Object.entries(names))('%s', (_, name) => {
  test.each(Object.entries(printed(name)))('in %s: nothing acts on the terminal', (place, text) => {
    const visible = place === 'live' ? text.replaceAll(own, '') : text;
    expect(visible.replaceAll('\n', '')).not.toMatch(outlaws);
    expect(visible).not.toMatch(/(?:\p{M}){3}/u);
  });

  test('each screen keeps its columns', () => {
    const screens = printed(name);
    for (const place of [
      'plan',
      'confirm',
      'stale',
      'fault',
      'fault in a run',
      'resume',
      'status',
      'status of one',
      'log at a terminal',
      'what is left',
    ])
      for (const line of screens[place]?.split('\n') ?? []) expect(width(line), `${place}: ${line}`).toBeLessThan(80);
  });

  test('off a terminal an event is one line, and no name makes another', () => {
    const {plain = ''} = printed(name);
    const events = plain.split('\n').filter((line) => /^2026-11-21T\S+Z marruuk-3 /.test(line));
    // One for each event but the checkpoint, and one for what was said to the person.
    expect(events).toHaveLength(told(name).stored.length);
  });
});

test('a line of ten megabytes is shown by its beginning, wherever it turns up', () => {
  for (const [place, text] of Object.entries(printed('y'.repeat(10_000_000))))
    expect(text.length, place).toBeLessThan(200_000);
});

test('whatever a name holds, no place prints what acts on a terminal', () => {
  const unit = fc.constantFrom(
    '\u001b',
    '\u009b',
    '\u009d',
    '[',
    ']',
    '2J',
    '\u202e',
    '\u200b',
    '\n',
    '\r',
    '\u0301',
    '\ud800',
    '\u2028',
    'a',
    ' ',
    '株',
    '😀',
    '"',
    '`',
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({unit, maxLength: 40}), fc.string({unit: 'binary', maxLength: 40})), (name) => {
      for (const [place, text] of Object.entries(printed(name)))
        expect((place === 'live' ? text.replaceAll(own, '') : text).replaceAll('\n', ''), place).not.toMatch(outlaws);
    }),
    {numRuns: 60},
  );
});
