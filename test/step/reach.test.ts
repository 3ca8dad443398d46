import {expect, test} from 'vitest';
import {ok} from '../../src/result.ts';
import {sourcesOf} from '../../src/step/transfer/source.ts';
import {reaching} from '../../src/step/transfer/reach.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

test('the way to the sources is closed again, and who was let in meanwhile stays so', async () => {
  const machine = new Machine(runbook, new VirtualClock());
  const world = {...machine.world(), earlier: () => undefined, forgone: () => false};
  machine.policy = {mode: 'quarantine', admit: ['10.9.0.2']};
  const from = sourcesOf(['http://203.0.113.80/images']);
  const during = await reaching(world, from, handOf().hand, async (sources) => {
    expect(sources).toEqual(from);
    const open = machine.policy;
    if (open) await world.edge.enforce({...open, admit: [...open.admit, '10.9.0.7']});
    return ok(open);
  });
  expect(during).toMatchObject({value: {mode: 'quarantine', reach: ['203.0.113.80:80']}});
  expect(machine.policy).toEqual({mode: 'quarantine', admit: ['10.9.0.2', '10.9.0.7']});
});
