import {expect, it} from 'vitest';
import {hostRecord} from '../../src/command/host-record.ts';
import type {RunId, StepId} from '../../src/brand.ts';
import type {Event} from '../../src/engine/event.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {ok} from '../../src/result.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {runbook} from '../simulator/runbook.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {kinds} from '../../src/step/registry.ts';

const run = 'marruuk-1' as RunId;
const install = 'install' as StepId;

/** A journal whose only run has done so much of an install, a minute between its events. */
async function recorded(...events: readonly Event[]): Promise<Journal> {
  const clock = new VirtualClock();
  const journal = {...memoryJournal(clock), runs: async () => ok([run])};
  const steps = runbook.steps.map(({id, kind, place}) => ({
    id,
    kind,
    place,
    irreversible: false,
    heldUntil: [...kinds.get(kind)!.heldUntil],
  }));
  const begun = {
    type: 'run.begun',
    run,
    host: runbook.host.name,
    by: 'lena@jump1',
    rebuild: '0',
    lab: false,
    facts: {},
    steps,
  };
  for (const event of [{...begun, plan: 'f'.repeat(64), runbook: 'f'.repeat(64)} as unknown as Event, ...events]) {
    await journal.append(run, event);
    await clock.sleep(60_000, new AbortController().signal);
  }
  return journal;
}

const started: Event = {type: 'step.started', step: install, attempt: 1};
const cut: Event = {
  type: 'step.interrupted',
  step: install,
  cause: 'link cut',
  says: 'nothing moved on the connection',
  seconds: 20,
  bytesAgain: 1000,
  attempts: 2,
  over: true,
};
const done: Event = {
  type: 'step.done',
  step: install,
  proof: {says: 'installed', data: {bytesSent: 24_000_000, moved: {bytes: 17_000_000, seconds: 100}}},
};

it('the link by what an install moved while nothing broke in, and every cut of it', async () => {
  const {link, path, runs} = await hostRecord(await recorded(started, cut, cut, done, {type: 'run.done'}), runbook);
  expect(link).toEqual({
    bytesPerSecond: 170_000,
    rateFrom: 'earlier runs',
    losses: {known: 'seen', losses: 2, seconds: 180},
  });
  // All of it, with what it takes besides: two attempts' bytes in the three minutes of the step.
  expect(runs).toMatchObject([{steps: {install: {seconds: 180, bytesPerSecond: 24_000_000 / 180}}}]);
  // The way on which images come says nothing of the one over which the BMC reads.
  expect(path).toEqual({rateFrom: 'nothing', losses: {known: 'nothing'}});
});

it('a run that has not ended counts for the link, and for no time', async () => {
  const {link, runs} = await hostRecord(await recorded(started, cut), runbook);
  expect(link).toMatchObject({rateFrom: 'nothing', losses: {known: 'seen', losses: 1}});
  expect(runs).toEqual([]);
});

it('the runbook’s word comes first', async () => {
  const known = {...runbook, link: {bytesPerSecond: 5000, cutSeconds: 60}};
  const {link} = await hostRecord(await recorded(started, cut, done, {type: 'run.done'}), known);
  expect(link).toEqual({bytesPerSecond: 5000, rateFrom: 'runbook', losses: {known: 'mean', seconds: 60}});
});

it('a proof with other things in their place is passed over', async () => {
  const odd: Event = {
    ...done,
    proof: {says: 'installed', data: {bytesSent: 'many', moved: {bytes: -1, seconds: null}}},
  };
  const {link, runs} = await hostRecord(await recorded(started, odd, {type: 'run.done'}), runbook);
  expect(link.rateFrom).toBe('nothing');
  expect(runs[0]?.steps['install']).not.toHaveProperty('bytesPerSecond');
});
