import {ok} from '../../result.ts';
import type {Ailments} from '../bmc/ailment.ts';
import type {BmcClock} from '../bmc/bmc-clock.ts';
import type {Board} from '../bmc/board.ts';
import type {BmcServer} from '../bmc/server.ts';
import type {Sessions} from '../bmc/sessions.ts';
import type {Acts} from './act.ts';
import type {FaultName} from './lab-fault.ts';

export interface BmcParts {
  readonly ailments: Ailments;
  readonly board: Board;
  readonly sessions: Sessions;
  readonly server: Pick<BmcServer, 'up' | 'down'>;
  readonly clock: BmcClock;
}

type Name = Extract<FaultName, `bmc-${string}`>;

export function bmcActs({ailments, board, sessions, server, clock}: BmcParts): Acts<Name> {
  return {
    'bmc-401': async ({count}) => ok(ailments.give('forgotten', count)),
    'bmc-500': async ({count}) => ok(ailments.give('error', count)),
    'bmc-503': async ({count}) => ok(ailments.give('busy', count)),
    'bmc-no-mount': async ({count}) => ok(ailments.give('no-mount', count)),
    'bmc-ignore-reset': async ({count}) => ok(ailments.give('ignore-reset', count)),
    'bmc-forget-boot': async ({count}) => ok(ailments.give('forget-boot', count)),
    'bmc-eject-on-reset': async ({count}) => ok(ailments.give('eject-on-start', count)),
    'bmc-stale-inserted': async () => ok(ailments.give('stale-inserted')),
    'bmc-stale-name': async () => ok(ailments.give('stale-name')),
    'bmc-sessions-full': async () => ok(sessions.crowd()),
    async 'bmc-reboot'({clock: time}) {
      server.down();
      sessions.closeAll();
      // The BMC itself is the machine's virtual drive.
      await board.drop('the management controller was reset');
      return ok(async () => {
        if (time === 'back') clock.loseTime();
        await server.up();
      });
    },
  };
}
