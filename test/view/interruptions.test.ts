import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {read} from '../../src/view/history.ts';
import {interruptionsOf, tollOf, type Interruption} from '../../src/view/interruptions.ts';
import {tollTable} from '../../src/view/toll.ts';
import {story, untilInstall, type Story} from './story.ts';

const of = ({stored}: Story): readonly Interruption[] => interruptionsOf(read(stored)!.ledger);
const boot = 'boot' as StepId;
const install = 'install' as StepId;
const unreached = {code: 'ssh.unreachable', says: 'no SSH server answered at 203.0.113.20'} as const;

/** The install has begun and written some. */
const writing = (): Story =>
  story()
    .begun()
    .started('boot')
    .done('boot', 'light system is up, host key pinned', {bootId: 'b1', isoBytesServed: 39_000_000})
    .started('install')
    .after(10)
    .saved('install', {phase: 'writing', bootId: 'b1'});

const begun = (): Story => story().begun().started('boot').after(60);

const written = (chunks: string, bootId = 'b1') => ({phase: 'writing', image: 'i1', bootId, written: chunks});
/** One chunk every two seconds, ten of them watched; then nobody is there. */
const watched = (): Story =>
  Array.from({length: 10}).reduce<Story>(
    (told, _, index) => told.after(2).saved('install', written(`0-${index + 1}`)),
    writing().saved('install', written('0')),
  );
const resumed = (told: Story): Story =>
  told.tell({type: 'run.resumed', by: 'omar@jump2', pid: 7}).started('install', 2);

describe('a medium lost', () => {
  it('costs what it took to be where it was', () => {
    const told = begun()
      .interrupted('boot', 'medium lost', 'gone', {seconds: 4, bytesAgain: 12e6})
      .saved('boot', {phase: 'missed'})
      .after(12)
      .saved('boot', {phase: 'started', covered: 0})
      .after(86)
      .regained('boot', 102);
    expect(of(told)).toMatchObject([
      {cause: 'medium lost', step: boot, seconds: 102, bytesAgain: 12e6, attempts: 1, over: true},
    ]);
  });

  it('twice before that: no second is counted twice', () => {
    const told = begun()
      .interrupted('boot', 'medium lost', 'gone', {seconds: 4, bytesAgain: 12e6})
      .after(150)
      .interrupted('boot', 'medium unread', 'shown and not read', {seconds: 60, bytesAgain: 3e6})
      .after(100)
      .regained('boot', 160);
    // The minute in which nothing was read any more belongs to the second.
    expect(of(told).map(({seconds}) => seconds)).toEqual([94, 160]);
    expect(of(told).every(({over}) => over)).toBe(true);
    expect(tollOf(of(told))).toEqual({count: 2, seconds: 254, bytesAgain: 15e6});
  });

  it('and never regained is not made up for', () => {
    const told = begun()
      .interrupted('boot', 'medium lost', 'gone', {seconds: 4, bytesAgain: 12e6})
      .after(7)
      .failed('boot', 'media.lost', 'the medium went away in 1 of 1 attempts');
    expect(of(told)).toMatchObject([{seconds: 11, over: false}]);
  });

  it('costs what it has cost so far, while it is not over', () => {
    const told = begun()
      .interrupted('boot', 'medium lost', 'gone', {seconds: 4})
      .after(30)
      .noted('boot', 'still at it');
    expect(of(told)).toMatchObject([{seconds: 34, over: false}]);
  });

  it('that was not needed costs nothing', () => {
    const told = begun().interrupted('boot', 'medium lost', 'not needed', {over: true});
    expect(of(told)).toMatchObject([{seconds: 0, bytesAgain: 0, over: true}]);
  });
});

describe('a dead controller', () => {
  it('is the gap between the last event and the resume', () => {
    const told = writing().after(600).tell({type: 'run.resumed', by: 'omar@jump2', pid: 7});
    expect(of(told)).toMatchObject([{cause: 'controller gone', step: install, seconds: 600, over: true}]);
  });

  it('ends what was being made up for, which the next attempt begins anew', () => {
    const told = story()
      .begun()
      .started('boot')
      .interrupted('boot', 'medium lost', 'gone', {seconds: 4, bytesAgain: 5e6})
      .after(10)
      .noted('boot', 'last words')
      .after(300)
      .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7});
    expect(of(told)).toMatchObject([
      {cause: 'medium lost', seconds: 14, over: false},
      {cause: 'controller gone', seconds: 300},
    ]);
  });

  describe('while the target went on by itself', () => {
    it('costs only what was left of the gap, at the pace that was watched', () => {
      const told = resumed(watched().after(60)).saved('install', written('0-30'));
      expect(of(told)).toMatchObject([
        {cause: 'controller gone', seconds: 20, meanwhile: {chunks: 20, seconds: 40}, over: true},
      ]);
      expect(of(told)[0]?.says).toContain('meanwhile 20 chunks came, 40s of work that is not counted');
    });

    it('costs nothing where it did as much as it ever does', () => {
      const told = resumed(watched().after(60)).saved('install', written('0-200'));
      expect(of(told)).toMatchObject([{seconds: 0, meanwhile: {chunks: 190, seconds: 60}}]);
    });

    it('costs all of it where nothing came, or under another light system', () => {
      for (const after of [written('0-10'), written('0-30', 'b2'), {phase: 'fitting', image: 'i1'}])
        expect(of(resumed(watched().after(60)).saved('install', after))).toEqual([
          expect.not.objectContaining({meanwhile: expect.anything() as object}),
        ]);
    });

    it('the gap itself, a cut and a pause that somebody chose say nothing of the pace', () => {
      const paused = watched().tell({type: 'run.stopped', why: 'asked'}).after(5000);
      const told = resumed(resumed(paused).saved('install', written('0-10')).after(60)).saved(
        'install',
        written('0-30'),
      );
      expect(of(told)).toMatchObject([{seconds: 20, meanwhile: {seconds: 40}}]);
      const cut = watched().after(900).interrupted('install', 'link cut', 'reset', {over: true, seconds: 900});
      const after = resumed(cut.saved('install', written('0-11')).after(60)).saved('install', written('0-31'));
      expect(of(after)[1]).toMatchObject({seconds: 20, meanwhile: {seconds: 40}});
    });
  });

  it('is none where somebody stopped the run as they chose', () => {
    for (const why of ['asked', 'until'] as const) {
      const told = writing().tell({type: 'run.stopped', why}).after(600).tell({type: 'run.resumed', by: 'x', pid: 7});
      expect(of(told)).toEqual([]);
    }
  });
});

describe('a link', () => {
  it('that was cut and came back costs what the transfer says', () => {
    const told = writing()
      .after(8)
      .interrupted('install', 'link cut', 'reset', {seconds: 5, bytesAgain: 4e6, attempts: 2, over: true})
      .saved('install');
    expect(of(told)).toMatchObject([{cause: 'link cut', step: install, seconds: 5, bytesAgain: 4e6, attempts: 2}]);
  });

  it('that stayed away until a person came is a cut, and the wait for the person another thing', () => {
    const told = writing()
      .after(70)
      .failed('install', 'ssh.lost', 'nothing moved for 60 s')
      .tell({type: 'run.stopped', why: 'failed'})
      .after(1000)
      .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
      .after(2)
      .tell({type: 'step.kept', step: boot, proof: {says: 'up', data: {bootId: 'b1'}}})
      .started('install', 2)
      .after(3)
      .saved('install', {phase: 'writing', bootId: 'b1'});
    expect(of(told)).toMatchObject([
      {cause: 'link cut', step: install, seconds: 75, over: true},
      {cause: 'waited', step: install, seconds: 1000, over: true},
    ]);
  });
});

it('a step that failed for a reason of its own costs the work since its last progress', () => {
  const told = writing().after(30).failed('install', 'os.differs', '3 chunks differ from the manifest');
  expect(of(told)).toMatchObject([
    {cause: 'step failed', step: install, seconds: 30, says: 'os.differs: 3 chunks differ from the manifest'},
  ]);
});

it('a target that lost its power shows by another boot id, and costs the boot and what came after', () => {
  const told = writing()
    .after(70)
    .failed('install', 'ssh.unreachable', unreached.says)
    .tell({type: 'run.stopped', why: 'failed'})
    .after(1000)
    .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
    .after(5)
    .tell({type: 'step.kept', step: 'isolate' as StepId, proof: {says: 'closed', data: {}}})
    .after(5)
    .tell({type: 'step.lapsed', step: boot, fault: unreached})
    .started('boot', 2)
    .saved('boot', {phase: 'started', covered: 0})
    .after(200)
    .done('boot', 'light system is up, host key pinned', {bootId: 'b2', isoBytesServed: 40_000_000})
    .tell({type: 'step.kept', step: 'wipe' as StepId, proof: {says: 'read back as zero', data: {}}})
    .started('install', 2)
    .after(5)
    .saved('install', {phase: 'writing', bootId: 'b2'});
  expect(of(told)).toMatchObject([
    {cause: 'target restarted', step: install, seconds: 285, bytesAgain: 40_000_000, attempts: 1, over: true},
    {cause: 'waited', seconds: 1000},
  ]);
});

it('a target that was only out of reach for a check has not restarted', () => {
  const told = writing()
    .after(300)
    .tell({type: 'run.resumed', by: 'omar@jump2', pid: 7})
    .after(5)
    .tell({type: 'step.lapsed', step: boot, fault: unreached})
    .started('boot', 2)
    .after(4)
    .done('boot', 'light system is up, host key pinned', {bootId: 'b1', isoBytesServed: 0})
    .started('install', 2)
    .after(1)
    .saved('install');
  expect(of(told).map(({cause, seconds, bytesAgain}) => ({cause, seconds, bytesAgain}))).toEqual([
    {cause: 'controller gone', seconds: 300, bytesAgain: 0},
    {cause: 'link cut', seconds: 5, bytesAgain: 0},
  ]);
});

it('is quiet about a run in which nothing broke in', () => {
  const told = story().begun().started('isolate').done('isolate', 'closed').tell({type: 'run.done'});
  expect(of(told)).toEqual([]);
});

it('many cuts of one link are one row, with the sum of what they cost', () => {
  let told = writing();
  for (let cut = 0; cut < 25; cut++)
    told = told
      .after(4)
      .interrupted('install', 'link cut', `reset ${cut}`, {seconds: 1, bytesAgain: 1e6, attempts: 1, over: true});
  const rows = tollTable(of(told));
  expect(rows).toHaveLength(3);
  expect(rows[1]).toMatch(/link cut, 25 times\s+install\s+25s\s+25 MB\s+25/);
});

const happenings: fc.Arbitrary<(told: Story) => Story> = fc.oneof(
  fc
    .record({seconds: fc.nat(90), over: fc.boolean(), bytesAgain: fc.nat(1e6)})
    .map((more) => (told: Story) => told.interrupted('install', 'link cut', 'cut', more)),
  fc.nat(500).map((seconds) => (told: Story) => told.regained('install', seconds)),
  fc.nat(500).map((seconds) => (told: Story) => told.after(seconds)),
  fc.constant((told: Story) => told.saved('install')),
  fc.constant((told: Story) => told.tell({type: 'run.resumed', by: 'x', pid: 1})),
  fc.constant((told: Story) => told.failed('install', 'ssh.lost', 'x').tell({type: 'run.stopped', why: 'failed'})),
  fc.constant((told: Story) => told.tell({type: 'step.lapsed', step: boot, fault: unreached})),
  fc.constantFrom('b1', 'b2').map((bootId) => (told: Story) => told.done('boot', 'up', {bootId, isoBytesServed: 1})),
);

it('whatever happened, no cost is negative or no number', () => {
  fc.assert(
    fc.property(fc.array(happenings, {maxLength: 30}), (happened) => {
      const told = happened.reduce((told, happening) => happening(told), untilInstall().started('install'));
      const all = of(told);
      for (const {seconds, bytesAgain, attempts} of all)
        for (const value of [seconds, bytesAgain, attempts]) expect(value >= 0 && Number.isFinite(value)).toBe(true);
    }),
  );
});
