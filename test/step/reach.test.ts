import {expect, test} from 'vitest';
import {fault} from '../../src/fault.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import {sourcesOf} from '../../src/step/transfer/source.ts';
import {reaching} from '../../src/step/transfer/reach.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const wholeQuarantine = {mode: 'quarantine', admit: ['10.9.0.2'], resolver: ['203.0.113.53']} as const;

test.each([
  ['as the edge holds it', ok({...wholeQuarantine, reach: ['203.0.113.80:80']})],
  ['though others have changed its rules', failed(fault('edge.not-as-set', 'not our rules'))],
])(
  'the way to the sources is closed again, %s, and the controller is admitted where it is by then',
  async (_, read) => {
    const machine = new Machine(runbook, new VirtualClock());
    const world = {...machine.world(), earlier: () => undefined, forgone: () => false};
    let [address, answer] = ['10.9.0.2', undefined as Result<EdgePolicy | undefined> | undefined];
    const moving = {
      ...world,
      run: {
        ...world.run,
        get controllerAddress() {
          return address;
        },
      },
      edge: {...world.edge, policy: async () => answer ?? world.edge.policy()},
    };
    machine.policy = wholeQuarantine;
    const from = sourcesOf(['http://203.0.113.80/images']);
    const during = await reaching(moving, from, handOf().hand, async (sources) => {
      expect(sources).toEqual(from);
      address = '10.9.0.7';
      answer = read;
      return ok(machine.policy);
    });
    expect(during).toMatchObject({value: {...wholeQuarantine, reach: ['203.0.113.80:80']}});
    expect(machine.policy).toEqual({...wholeQuarantine, admit: ['10.9.0.7']});
  },
);
