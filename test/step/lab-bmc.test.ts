import {afterEach, beforeEach, expect, it} from 'vitest';
import type {Interruption} from '../../src/step/interruption.ts';
import type {Hand} from '../../src/step/step.ts';
import {targetBoot} from '../../src/step/target-boot.ts';
import {handOf, type Told} from './hand.ts';
import {labBmcStage, type Stage} from './lab-bmc-stage.ts';

// The real client against the lab's BMC, which reads from our real ISO server over the lab's line.

let stage: Stage;
beforeEach(async () => {
  stage = await labBmcStage();
});
afterEach(() => stage.close());

async function boot(more: Partial<Hand> = {}) {
  const {hand, told} = handOf(more);
  const outcome = await targetBoot.apply(stage.world, {attempts: 3}, hand);
  return {outcome, told};
}

const causes = ({interruptions}: Told) => interruptions.map(({cause}) => cause);
const million = 1_000_000;

it('reads the medium once where nothing goes wrong', async () => {
  const {outcome, told} = await boot();
  expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 1, mediaLosses: 0}}});
  expect(told.interruptions).toEqual([]);
  expect(told.watched).toMatchObject([{bytes: stage.iso.bytes, lost: false}]);
  expect(stage.counted).toEqual({starts: 1, insertsWhileOn: 0});
});

it('a medium that goes is found out by the slot, by the log, and by what we served', async () => {
  stage.line.whenCarried(million, () => void stage.mind.drop('the session ended'));
  const {outcome, told} = await boot();
  expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 2, mediaLosses: 1}}});
  expect(causes(told)).toEqual(['medium lost']);
  const [lost] = told.interruptions;
  // What our server handed out may be ahead of the line by what sockets hold.
  expect(lost?.bytesAgain).toBeGreaterThan(million - 100_000);
  expect(lost?.says).toContain('Virtual media connection lost: the session ended.');
  expect(stage.mind.effects()).toMatchObject({inserts: 2, drops: 1});
  expect(stage.counted.insertsWhileOn).toBe(0);
});

it('a slot that goes on showing it: the server’s record decides, and the medium is mounted anew', async () => {
  const heal = stage.ills.give('stale-inserted');
  stage.line.whenCarried(million, () => void stage.mind.drop('the session ended'));
  const {outcome, told} = await boot();
  heal();
  expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 2, mediaLosses: 1}}});
  expect(causes(told)).toEqual(['medium unread']);
  expect(told.interruptions[0]?.says).toContain('shows the medium as inserted');
  expect(stage.mind.effects().inserts).toBe(2);
});

it('a line that swallows everything: nothing is read, and the medium is mounted anew', async () => {
  stage.line.whenCarried(million, () => stage.line.become({passage: 'dropping'}));
  const seen: Interruption[] = [];
  const {outcome} = await boot({
    interrupted: async (interruption) => {
      seen.push(interruption);
      stage.line.become({passage: 'open'});
    },
  });
  expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 2, mediaLosses: 1}}});
  expect(seen.map(({cause}) => cause)).toEqual(['medium unread']);
});

it('a BMC that says it is gone while it is read is not believed', async () => {
  stage.line.whenCarried(million, () => stage.hideMedium(true));
  const {outcome, told} = await boot();
  expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 1, mediaLosses: 0}}});
  expect(causes(told).filter((cause) => cause !== 'medium lost')).toEqual([]);
  expect(told.interruptions.every(({over, seconds}) => over && seconds === 0)).toBe(true);
  expect(stage.counted.starts).toBe(1);
});

it('a server that throws the medium out at every start ends with the BMC’s firmware named', async () => {
  stage.ills.give('eject-on-start');
  const {outcome, told} = await boot();
  expect(outcome).toMatchObject({
    ok: false,
    fault: {code: 'media.lost', next: expect.stringContaining('firmware: it drops the medium at each reset') as string},
  });
  expect(causes(told)).toEqual(['medium lost', 'medium lost', 'medium lost']);
  expect(stage.counted).toEqual({starts: 3, insertsWhileOn: 0});
});
