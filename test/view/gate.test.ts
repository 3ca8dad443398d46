import {describe, expect, test} from 'vitest';
import type {HostName, Instant, RunId, Serial, Sha256, StepId} from '../../src/brand.ts';
import type {GateTerms, Signed} from '../../src/gate/gate.ts';
import type {Approval} from '../../src/gate/statement.ts';
import {accountOf} from '../../src/view/account.ts';
import {block} from '../../src/view/block.ts';
import {ending} from '../../src/view/ending.ts';
import {eventLine} from '../../src/view/event-line.ts';
import {approvedText, gateText, statementText, tallyOf} from '../../src/view/gate.ts';
import {happening} from '../../src/view/happening.ts';
import {extend, read, type History} from '../../src/view/history.ts';
import {leftText} from '../../src/view/left-behind.ts';
import {colourPaint, plainPaint, type Paint} from '../../src/view/paint.ts';
import {planText} from '../../src/view/plan.ts';
import {reportText} from '../../src/view/report.ts';
import {resumeText} from '../../src/view/resume.ts';
import {statusText} from '../../src/view/status.ts';
import {summarise} from '../../src/view/summary.ts';
import {signature} from '../gate/sample.ts';
import {plan} from './sample-plan.ts';
import {crashedRun, story, toTheEnd, wholeRun, type Story} from './story.ts';

const wipe = 'wipe' as StepId;
const disks = ['S3Z8NB0K412345'] as Serial[];
const signers = 'b'.repeat(64) as Sha256;
const subject = {version: 1, host: 'marruuk' as HostName, machine: '8FQ2K93', disks} as const;
const key = (letter: string): string => `SHA256:${letter.repeat(43)}`;
const [first] = wholeRun().stored;
const planDigest = first?.event.type === 'run.begun' ? first.event.plan : signers;
const now = '2026-11-21T09:40:00.000Z' as Instant;

const terms: GateTerms = {
  approvers: 2,
  withinSeconds: 7200,
  steps: [wipe],
  machine: subject.machine,
  disks,
  signers,
  requester: {
    statement: {
      ...subject,
      type: 'rebuild-request',
      plan: planDigest,
      run: 'marruuk-3' as RunId,
      by: 'lena@jump1',
      at: '2026-11-21T09:16:20.000Z' as Instant,
    },
    signature,
    principal: 'lena@example.org',
    key: key('L'),
  },
};

/** Begun by lena with a gate before the erasure, and standing before it. */
function waiting(): Story {
  return story()
    .begun({
      gate: terms,
    })
    .started('isolate')
    .after(9)
    .done('isolate', 'closed when tried from neighbour and outside')
    .started('mount')
    .after(38)
    .done('mount', 'virtual cd holds 4be1a90c1d22, digest checked')
    .started('boot')
    .after(60)
    .done('boot', 'light system is up, host key pinned')
    .tell({type: 'gate.reached', step: wipe, has: 0, needs: 2})
    .tell({type: 'run.stopped', why: 'gate'});
}

function approval(person: string, at: string, why: string, letter: string): Signed<Approval> {
  const expires = new Date(Date.parse(at) + 7_200_000).toISOString() as Instant;
  return {
    statement: {
      ...subject,
      type: 'rebuild-approval',
      plan: planDigest,
      steps: [wipe],
      seen: {run: 'marruuk-3' as RunId},
      by: `${person}@jump2`,
      at: at as Instant,
      expires,
      why,
    },
    signature,
    principal: `${person}@example.org`,
    key: key(letter),
  };
}

const omar = approval('omar', '2026-11-21T09:20:00.000Z', 'serial numbers compared by telephone, ticket 4711', 'O');
const vera = approval('vera', '2026-11-21T09:23:00.000Z', '', 'V');
const stale = approval('nils', '2026-11-21T06:00:00.000Z', 'yes', 'N');
const hostile = approval('omar', '2026-11-21T09:25:00.000Z', '\u001b[2J\u202eok\nmarruuk-3: approved by root', 'O');

const brought = (told: Story, ...approvals: Signed<Approval>[]): Story =>
  approvals.reduce((so, each) => so.after(200).tell({type: 'gate.approved', approval: each, signers}), told);

const approved = (): Story =>
  toTheEnd(
    brought(waiting(), omar, vera)
      .after(60)
      .tell({
        type: 'run.resumed',
        by: 'omar@jump2',
        pid: 77,
        over: {who: 'lena@jump1', since: '2026-11-21T09:16:22.000Z' as Instant, because: 'expired'},
      })
      .after(2)
      .tell({type: 'gate.opened', step: wipe, by: ['omar@example.org', 'vera@example.org']})
      .started('wipe')
      .after(100)
      .done('wipe', 'read back as zero: system', {erased: {S3Z8NB0K412345: 'write zeroes'}, level: 'clear'}),
  );

const handed = (): Story =>
  brought(waiting(), omar, vera).after(10).tell({type: 'run.handed-over', by: 'lena@jump1', epoch: 4});

const historyOf = (told: Story): History => read(told.stored) as History;
const standing = (told: Story) => {
  const history = historyOf(told);
  return {host: history.host, run: history.run, history};
};
const one = {now, one: 'marruuk' as HostName};
const log = (told: Story): readonly string[] => {
  let history: History | undefined;
  return told.stored.flatMap((stored) => {
    history = extend(history, stored);
    return history ? [eventLine(history, stored)] : [];
  });
};
const from = {
  who: 'lena@jump1',
  pid: 4242,
  reason: 'run marruuk-3',
  since: '2026-11-21T09:16:22.000Z' as Instant,
  because: 'expired',
} as const;

const screens: Readonly<Record<string, (paint: Paint) => readonly string[]>> = {
  'gate-plan': (paint) => planText({...plan, gate: {approvers: 2, withinSeconds: 7200, steps: [wipe]}}, {}, paint),
  'gate-waits': (paint) => ending(historyOf(waiting()), paint).result.split('\n'),
  'gate-half': (paint) => statusText([standing(brought(waiting(), omar, stale))], one, paint),
  'gate-enough': (paint) => statusText([standing(brought(waiting(), omar, vera))], one, paint),
  'gate-approved': (paint) => [
    ...statementText(omar.statement),
    '',
    ...approvedText('marruuk-3', omar, tallyOf(historyOf(brought(waiting(), omar)), now)!, false),
    '',
    ...gateText(historyOf(brought(waiting(), omar)), now, paint),
  ],
  'gate-hostile': () => [
    ...statementText(hostile.statement),
    ...happening(
      historyOf(waiting()),
      {at: now, event: {type: 'gate.approved', approval: hostile, signers}},
      plainPaint,
    ),
  ],
  'gate-report': () => reportText(accountOf(approved().stored, {holds: true, entries: 31})!),
  'gate-handed-over': (paint) => statusText([standing(handed())], one, paint),
  'resume-takes-over': (paint) => resumeText(historyOf(crashedRun()), now, paint, from),
  'left-behind': () =>
    leftText(
      historyOf(
        brought(waiting()).started('wipe').tell({type: 'effect.sent', step: wipe, effect: 'wipe:S3Z8NB0K412345'}),
      ),
    ),
};

const ahead = (told: Story): string => {
  const scene = {meter: undefined, now, ticks: 0, forecast: new Map(), columns: 80, rows: 24, hint: ''};
  return block({...scene, history: historyOf(told)}, plainPaint).join('\n');
};

test('a live run says which of the steps to come wait for people, until enough have agreed', () => {
  const before = story().begun({gate: terms}).started('isolate');
  expect(ahead(before)).toContain('4 wipe (waits for people)   5 install');
  expect(ahead(brought(before, omar, stale))).toContain('4 wipe (waits for people)');
  expect(ahead(brought(before, omar, vera))).toContain('4 wipe   5 install');
});

describe.each(Object.entries(screens))('%s', (name, draw) => {
  const plain = draw(plainPaint);

  test('reads as agreed', async () => {
    await expect(`${plain.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test('fits in 80 columns, without trailing spaces, and nothing of it is unseen', () => {
    for (const line of plain) {
      expect(line.length, line).toBeLessThan(80);
      expect(line).toBe(line.trimEnd());
      expect(line).toMatch(/^[ -~\u00a1-\u2fff]*$/);
    }
  });

  test('says the same in colour', () => {
    const coloured = draw(colourPaint);
    expect(coloured.map((line) => line.replaceAll(/\u001b\[\d+m/g, '').trimEnd())).toEqual(plain);
  });
});

test('one line an event, for the log', async () => {
  await expect(`${log(approved()).join('\n')}\n`).toMatchFileSnapshot('golden/gate-log.txt');
});

test('the summary tells each wait and who ended it', () => {
  const {gates, gateWaitedSeconds, result, next} = summarise(historyOf(approved()));
  expect(gates).toEqual([
    {
      step: 'wipe',
      needs: 2,
      approvedBy: ['omar@example.org', 'vera@example.org'],
      reached: '2026-11-21T09:18:09.000Z',
      opened: '2026-11-21T09:25:51.000Z',
      waitedSeconds: 462,
    },
  ]);
  expect({gateWaitedSeconds, result, next}).toEqual({
    gateWaitedSeconds: 462,
    result: 'done',
    next: 'rebuild report marruuk-3',
  });
  const before = summarise(historyOf(brought(waiting(), omar)));
  expect(before).toMatchObject({result: 'waits', next: 'rebuild approve marruuk', gates: [{opened: null}]});
  expect(summarise(historyOf(wholeRun()))).toMatchObject({gates: [], gateWaitedSeconds: 0});
});

test('a list of signers that changed while a run waited is a deviation', () => {
  const told = waiting().tell({type: 'gate.approved', approval: omar, signers: 'c'.repeat(64) as Sha256});
  expect(accountOf(told.stored, {holds: true, entries: 1})?.deviations).toContainEqual(
    expect.objectContaining({kind: 'signers', says: 'the list of allowed signers is not the one it was before'}),
  );
});
