import {describe, expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import type {ChainVerdict} from '../../src/journal/journal.ts';
import {accountOf, type Account} from '../../src/view/account.ts';
import {figureTexts} from '../../src/view/figures-text.ts';
import {crashedRun, failedRun, story, toTheEnd, untilInstall, wholeRun, type Story} from './story.ts';

const holds: ChainVerdict = {holds: true, entries: 1};
const of = ({stored}: Story): Account => accountOf(stored, holds)!;
const step = (id: string): StepId => id as StepId;
const resumed = {type: 'run.resumed', by: 'omar@jump2', pid: 7} as const;

const kinds = (told: Story): readonly string[] => of(told).deviations.map(({kind, step}) => `${step ?? 'run'} ${kind}`);

describe('the numbers', () => {
  test('machine and service are down from the power-off and the quarantine on, up to the proof of the opposite', () => {
    expect(of(wholeRun()).figures).toMatchObject({
      machineDown: {from: '2026-11-21T09:16:31.200Z', to: '2026-11-21T09:24:58.200Z', seconds: 507},
      serviceDown: {from: '2026-11-21T09:16:22.000Z', to: '2026-11-21T09:25:29.200Z', seconds: 547.2},
    });
  });

  test('what is still down counts up to the end of the record', () => {
    const {machineDown, serviceDown} = of(failedRun()).figures;
    expect(machineDown).toMatchObject({to: null, seconds: 506});
    expect(serviceDown).toMatchObject({to: null, seconds: 515.2});
  });

  test('nothing was down where nothing was begun', () => {
    expect(of(story().begun()).figures).toMatchObject({machineDown: null, serviceDown: null});
  });

  test('work lost is told by cause, the most expensive first, and its sum is that of the interruptions', () => {
    const told = toTheEnd(failedRun().after(600).tell(resumed).after(4), 2);
    const {figures, summary} = of(told);
    expect(figures.lost).toEqual([
      {cause: 'waited', times: 1, seconds: 600, bytesAgain: 0},
      {cause: 'link cut', times: 1, seconds: 138, bytesAgain: 0},
      {cause: 'medium lost', times: 1, seconds: 102, bytesAgain: 12e6},
    ]);
    expect(figures.lostSeconds).toBe(summary.interruptedSeconds);
    expect(figures.bytes).toEqual({isoServed: 51_300_000, imageSent: 334_000_000, staged: null, again: 12_000_000});
  });

  test('a pause that somebody chose is no work lost, and a wait at the gate within it is not counted twice', () => {
    const paused = untilInstall().tell({type: 'run.stopped', why: 'asked'}).after(3600).tell(resumed);
    expect(of(toTheEnd(paused)).figures).toMatchObject({pausedSeconds: 3600, gateWaitedSeconds: 0});
    const gated = untilInstall()
      .tell({type: 'gate.reached', step: step('install'), has: 0, needs: 1})
      .tell({type: 'run.stopped', why: 'gate'})
      .after(900)
      .tell({type: 'run.handed-over', by: 'lena@jump1', epoch: 4})
      .after(100)
      .tell({type: 'run.taken-over', by: 'omar@jump2', epoch: 5})
      .after(50)
      .tell(resumed)
      .tell({type: 'gate.opened', step: step('install'), by: ['omar@example.org']});
    expect(of(toTheEnd(gated)).figures).toMatchObject({pausedSeconds: 0, gateWaitedSeconds: 1050});
  });

  test.each([
    [12 * 3600, {errorSeconds: -42_652.8, kept: true}],
    [60, {errorSeconds: 487.2, kept: false}],
  ])('the promise of %d s is held against what it took', (promiseSeconds, promise) => {
    expect(of(toTheEnd(untilInstallPromised(promiseSeconds))).figures.promise).toMatchObject(promise);
  });

  test('a run that has not ended may still keep it; one that was given up has not', () => {
    expect(of(failedRun()).figures.promise).toMatchObject({kept: null});
    const given = failedRun().tell({type: 'run.abandoned', by: 'lena@jump1', why: 'new hardware'});
    expect(of(given).figures.promise).toMatchObject({kept: false});
    expect(figureTexts(of(given).figures).find(({name}) => name === 'promise')?.says).toMatch(
      /^broken: given up after/,
    );
  });

  test('what was forecast when it began is held against what it took, step by step', () => {
    const forecast = {isolate: {from: 1, to: 10}, install: {from: 100, to: 200}, network: {from: 10, to: 40}};
    const told = toTheEnd(untilInstallPromised(3600, {forecast}));
    expect(of(told).figures.forecast).toMatchObject({
      fromSeconds: 111,
      toSeconds: 250,
      tookSeconds: 140.2,
      errorSeconds: 0,
      steps: [
        {step: 'isolate', errorSeconds: 0},
        {step: 'install', errorSeconds: -40},
        {step: 'network', errorSeconds: 31},
      ],
      without: ['mount', 'boot', 'wipe', 'eject', 'verify'],
    });
  });

  test('every boot had its own bytes of the light ISO', () => {
    const again = untilInstall().started('boot', 2).done('boot', 'up', {bootId: 'b2', isoBytesServed: 34_000_000});
    expect(of(again).figures.bytes.isoServed).toBe(85_300_000);
  });

  test('no forecast on record is none, and not a range of nothing', () => {
    expect(of(wholeRun()).figures.forecast).toBeNull();
  });
});

/** As `untilInstall`, with another promise and more facts. */
function untilInstallPromised(promiseSeconds: number, facts: object = {}): Story {
  const told = untilInstall();
  const [first, ...rest] = told.stored;
  if (first?.event.type !== 'run.begun') throw new Error('a story begins');
  const begun = {...first, event: {...first.event, promiseSeconds, facts: {...first.event.facts, ...facts}}};
  (told.stored as unknown[]).splice(0, told.stored.length, begun, ...rest);
  return told;
}

describe('deviations', () => {
  test('what was insisted on when the run began', () => {
    const told = untilInstallPromised(3600, {forced: {mount: 'the vendor insists'}, again: {run: 'marruuk-2'}});
    expect(of(told).deviations.slice(0, 2)).toMatchObject([
      {kind: 'again', says: 'although marruuk-2 had rebuilt the host'},
      {kind: 'forced', step: 'mount', says: 'the vendor insists'},
    ]);
  });

  test('that the lab was struck on purpose, from the beginning or from a resume on', () => {
    const told = untilInstallPromised(3600, {faults: 'direct.faults.yaml'})
      .tell({type: 'run.stopped', why: 'asked'})
      .tell({...resumed, faults: 'light.faults.yaml'});
    expect(of(told).deviations.filter(({kind}) => kind === 'faults')).toMatchObject([
      {says: 'the lab was struck as direct.faults.yaml says'},
      {says: 'the lab was struck as light.faults.yaml says'},
    ]);
  });

  test('every stop that somebody chose, not the last alone; what an abandoned run never began', () => {
    const told = untilInstall()
      .tell({type: 'run.stopped', why: 'until'})
      .after(60)
      .tell(resumed)
      .tell({type: 'run.stopped', why: 'asked'})
      .tell({type: 'run.abandoned', by: 'omar@jump2', why: 'new hardware'});
    expect(kinds(told)).toEqual([
      'boot medium lost',
      'run stopped',
      'run resumed',
      'run stopped',
      'run abandoned',
      'install skipped',
      'eject skipped',
      'network skipped',
      'verify skipped',
    ]);
  });

  test('a link that came back by itself, and a light ISO that another machine had to make', () => {
    const told = untilInstall()
      .started('install')
      .after(1)
      .interrupted('install', 'link cut', 'reset', {over: true, seconds: 4, attempts: 1})
      .after(1)
      .done('install', 'every chunk read back')
      .after(1)
      .tell({type: 'run.stopped', why: 'asked'})
      .after(1)
      .tell({...resumed, iso: 'a'.repeat(64) as never});
    expect(kinds(told)).toEqual([
      'boot medium lost',
      'install link cut',
      'run stopped',
      'run resumed',
      'run iso made anew',
      'run left',
    ]);
  });

  test('what a step could not look at, when the step was done', () => {
    const verdicts = [
      {check: 'tcp over IPv4 from outside', verdict: 'passed', says: 'tcp/22'},
      {check: 'udp over IPv4 from outside', verdict: 'not made', says: 'bash there ended with 1'},
    ];
    const told = story()
      .begun()
      .started('verify')
      .after(5)
      .done('verify', 'looked', {checks: verdicts})
      .after(60)
      .tell({type: 'run.stopped', why: 'asked'})
      .tell(resumed)
      .tell({type: 'step.kept', step: step('verify'), proof: {says: 'new key', data: {}}});
    expect(of(told).deviations[0]).toEqual({
      at: '2026-11-21T09:16:27.000Z',
      kind: 'not made',
      step: 'verify',
      says: 'udp over IPv4 from outside: bash there ended with 1',
    });
    expect(kinds(told).filter((kind) => kind === 'verify not made')).toHaveLength(1);
  });

  test('a record that does not hold says nothing of how its controller ended', () => {
    const broken: ChainVerdict = {holds: false, seq: 10, says: 'entry 10 is missing'};
    const account = accountOf(crashedRun().stored, broken)!;
    expect(account.deviations).toEqual([]);
    expect(account.summary).toMatchObject({result: 'unsure', interruptions: []});
  });
});

const headed = (...kinds: readonly string[]): Story =>
  story().begun({
    steps: kinds.map((kind, index) => ({
      id: step(`${kind.replace('.', '-')}-${index}`),
      kind,
      irreversible: false,
      heldUntil: [],
      place: {file: 'runbooks/marruuk.yaml', line: index + 1, column: 1},
    })),
  });
const all = (...kinds: readonly string[]): Story =>
  kinds.reduce(
    (told, kind, index) => {
      const id = `${kind.replace('.', '-')}-${index}`;
      return told.started(id).after(1).done(id, 'done').after(1);
    },
    headed(...kinds),
  );
const bmc = (told: Story) => of(told).notDone.filter((says) => says.includes('BMC') && !says.startsWith('Firmware'));
const capture = (...profiles: readonly ('triage' | 'memory' | 'image')[]): Story => {
  const standing = {is: 'verified', manifest: 'a'.repeat(64)} as const;
  const verdicts = profiles.map((profile) => ({profile, standing}));
  return headed('evidence.capture').started('evidence-capture-0').done('evidence-capture-0', 'sealed', {verdicts});
};
const evidence = (told: Story) => of(told).notDone.filter((says) => says.startsWith('Evidence'));

describe('what was not done', () => {
  test('the BMC, as far as it was left as it is', () => {
    expect(bmc(all('media.mount'))).toEqual([
      'Accounts and settings of the BMC: not audited.',
      'Password of the BMC: not changed.',
    ]);
    expect(bmc(all('bmc.audit', 'media.mount'))).toEqual(['Password of the BMC: not changed.']);
    expect(bmc(all('media.mount', 'bmc.audit', 'bmc.rotate'))).toEqual([
      'The BMC was trusted with a medium before it was first audited.',
    ]);
    expect(bmc(all('bmc.audit', 'bmc.rotate', 'media.mount', 'bmc.audit'))).toEqual([]);
  });

  test('copies of disks and memory, but those that were sealed', () => {
    expect(evidence(capture('triage'))).toEqual([
      'Evidence: no copy of the old disks or the old memory was taken by this run.',
    ]);
    expect(evidence(capture('memory'))).toEqual(['Evidence: no copy of the old disks was taken by this run.']);
    expect(evidence(capture('memory', 'image'))).toEqual([]);
  });
});

test('attempts, each with its end', () => {
  const told = failedRun().after(600).tell(resumed).started('install', 2);
  expect(of(told).attempts.slice(-2)).toEqual([
    {
      step: 'install',
      number: 1,
      begun: '2026-11-21T09:22:43.200Z',
      ended: '2026-11-21T09:24:57.200Z',
      end: 'failed',
      saved: 1,
      fault: {code: 'ssh.lost', says: 'nothing moved on the connection to 203.0.113.20 for 60 s'},
    },
    {step: 'install', number: 2, begun: '2026-11-21T09:34:57.200Z', ended: null, end: 'open', saved: 0, fault: null},
  ]);
});

test('what no journal knows is asked, and never answered', () => {
  for (const told of [wholeRun(), crashedRun()]) {
    expect(of(told).prompts.map(({id}) => id)).toContain('cause');
    expect(of(told).prompts.every(({answer}) => answer === null)).toBe(true);
  }
});
