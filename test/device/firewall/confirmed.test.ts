import {expect, test} from 'vitest';
import {confirmed} from '../../../src/device/firewall/confirmed.ts';
import type {Outcome} from '../../../src/device/firewall/dead-man.ts';
import {fault} from '../../../src/fault.ts';
import {failed, ok} from '../../../src/result.ts';
import {VirtualClock} from '../../simulator/clock.ts';

/** What a gateway that answers so, once a second, is said to have made of the change. */
async function told(answer: (asked: number) => Outcome) {
  let asked = 0;
  const settled = await confirmed(
    {token: 'one', seconds: 4},
    {
      clock: new VirtualClock(),
      anew: async () => ok({exec: async () => failed(fault('edge.unreachable', 'not asked here')), close: () => {}}),
      gateway: () => ({confirm: async () => ok({outcome: answer(++asked), listing: [], armed: false})}),
    },
  );
  return {outcome: settled.ok && settled.value.outcome, asked};
}

test('a change that is being taken back is asked for until it is known what became of it', async () => {
  expect(await told((asked) => (asked < 3 ? 'reverting' : 'reverted'))).toEqual({outcome: 'reverted', asked: 3});
});

test('one that never comes to its end is told as that, and is not waited for for ever', async () => {
  const {outcome, asked} = await told(() => 'reverting');
  expect(outcome).toBe('reverting');
  expect(asked).toBeGreaterThan(20);
});
