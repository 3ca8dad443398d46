import {expect, test} from 'vitest';
import type {HostName, Instant, Serial, Sha256, StepId} from '../../src/brand.ts';
import {accountOf} from '../../src/view/account.ts';
import {holdWords} from '../../src/view/hold.ts';
import {read, type History} from '../../src/view/history.ts';
import {plainPaint} from '../../src/view/paint.ts';
import {reportText} from '../../src/view/report.ts';
import {statusText} from '../../src/view/status.ts';
import {verdictData, type Verdict} from '../../src/step/evidence/verdict.ts';
import {fullRun} from './page/full-run.ts';
import {story, type Story} from './story.ts';

const now = '2026-11-21T09:40:00.000Z' as Instant;
const hold = 'isolate' as StepId;

/** The first step is a hold of a day. */
function held(): Story {
  const told = story().begun();
  const [first, ...rest] = told.stored;
  if (first?.event.type !== 'run.begun') throw new Error('a story begins');
  const steps = first.event.steps.map((step) => (step.id === hold ? {...step, kind: 'evidence.hold'} : step));
  (told.stored as unknown[]).splice(0, told.stored.length, {...first, event: {...first.event, steps}}, ...rest);
  const until = '2026-11-22T09:16:22.000Z';
  return told
    .started(hold)
    .saved(hold, {until})
    .tell({type: 'step.noted', step: hold, says: `held until ${until}: the police look`, data: {until}});
}

const deviations = (told: Story) =>
  accountOf(told.stored, {holds: true, entries: told.stored.length})?.deviations ?? [];
const status = (told: Story): string => {
  const history = read(told.stored) as History;
  return statusText([{host: history.host, run: history.run, history}], {now, one: 'marruuk' as HostName}, plainPaint)
    .join('\n')
    .replaceAll(/\s+/g, ' ');
};

test('status tells until when a hold lasts, how long that is, why, and how it is ended', () => {
  const history = read(held().stored) as History;
  const [step] = history.steps;
  expect(holdWords(step!, now)).toBe('held until 2026-11-22 09:16Z, 23h36m more at the most: the police look');
  expect(status(held())).toContain('held until 2026-11-22');
  expect(status(held())).toContain('rebuild release marruuk -m WHY');
  const late = '2026-11-22T10:00:00.000Z' as Instant;
  expect(holdWords(step!, late)).toContain('which is over');
  expect(status(story().begun().started(hold))).not.toContain('release');
});

test('a hold that somebody ended, a disk that somebody left out', () => {
  const told = held()
    .tell({type: 'hold.released', step: hold, by: 'omar@jump2', why: 'they are done'})
    .tell({type: 'disk.forgone', disk: 'S3Z8NB0K412345' as Serial, by: 'lena@jump1', why: 'dead'});
  expect(deviations(told)).toMatchObject([
    {kind: 'hold ended', step: hold, says: 'before its time, by omar@jump2: they are done'},
    {kind: 'disk left out', says: 'S3Z8NB0K412345 is not erased, by lena@jump1: dead'},
    {kind: 'left'},
  ]);
});

test('evidence that nobody keeps, or keeps whole, once for each thing and by name', () => {
  const manifest = 'ab'.repeat(32) as Sha256;
  const verdicts: readonly Verdict[] = [
    {profile: 'none', standing: {is: 'waived', by: 'Lena', reason: 'a test machine'}},
    {profile: 'image', disk: 'S-1' as Serial, standing: {is: 'waived', by: 'Omar', reason: 'empty'}},
    {profile: 'flash', standing: {is: 'failed', says: 'no answer'}},
    {
      profile: 'triage',
      standing: {is: 'accepted', manifest, says: '1 of 21 not whole: a (b)', by: 'Eva', reason: 'enough'},
    },
  ];
  const told = story().begun();
  const [first, ...rest] = told.stored;
  if (first?.event.type !== 'run.begun') throw new Error('a story begins');
  const steps = first.event.steps.map((step, index) => (index < 2 ? {...step, kind: 'evidence.capture'} : step));
  (told.stored as unknown[]).splice(0, told.stored.length, {...first, event: {...first.event, steps}}, ...rest);
  for (const id of ['isolate', 'mount']) told.started(id).done(id, 'waived', verdictData(verdicts));
  expect(deviations(told).filter(({kind}) => kind.startsWith('evidence '))).toMatchObject([
    {kind: 'evidence waived', step: 'isolate', says: 'of the host, by Lena: a test machine'},
    {kind: 'evidence waived', step: 'isolate', says: 'of disk S-1, by Omar: empty'},
    {kind: 'evidence accepted', step: 'isolate', says: 'of the host, 1 of 21 not whole: a (b), by Eva: enough'},
  ]);
});

test('what was insisted on, and waits for people, are told in the report', () => {
  const told = fullRun();
  const account = accountOf(told.stored, {holds: true, entries: told.stored.length})!;
  expect(account.deviations).toMatchObject([
    {kind: 'again', says: 'although marruuk-2 had rebuilt the host'},
    {kind: 'forced', step: 'mount', says: 'the vendor insists'},
    ...Array.from({length: account.deviations.length - 2}, () => ({})),
  ]);
  // The approval in this story is for another plan: it was brought, and did not count.
  expect(account.deviations.filter(({kind}) => kind === 'approval void')).toMatchObject([
    {says: expect.stringMatching(/^of omar@example\.org: it is for plan aaaaaaaa/)},
  ]);
  expect(account.summary.gateWaitedSeconds).toBeGreaterThanOrEqual(5400);
  expect(account.summary.gates).toMatchObject([{step: 'install'}]);
  expect(reportText(account).join('\n')).toMatch(/people {2,}1h30m/);
});
