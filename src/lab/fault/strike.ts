import type {Ailments} from '../bmc/ailment.ts';
import type {Board} from '../bmc/board.ts';
import type {Chassis} from '../machine/chassis.ts';
import type {Link, LinkCondition} from '../machine/link.ts';
import type {LabFault, Moment} from './lab-fault.ts';
import {stageShown} from './stage.ts';

export interface StrikeParts {
  readonly board: Board;
  readonly chassis: Chassis;
  readonly link: Link;
  readonly ailments: Ailments;
  readonly serialConsole: string;
  readonly log: (says: string) => void;
}

/** What is to go wrong, and what waits to. */
export interface Strikes {
  strike(fault: LabFault): void;
  /** Faults whose moment has not come. */
  waiting(): readonly LabFault[];
  /** Takes back what waits. */
  calm(): void;
}

export function strikes({board, chassis, link, ailments, serialConsole, log}: StrikeParts): Strikes {
  const waiting = new Map<LabFault, AbortController>();

  const at = (fault: LabFault, when: Moment, act: () => void): void => {
    const struck = (): void => {
      if (when.at !== 'now' && !waiting.delete(fault)) return;
      log(`fault: ${fault.fault}`);
      act();
    };
    if (when.at === 'now') return struck();
    const calmed = new AbortController();
    waiting.set(fault, calmed);
    if (when.at === 'bytes') return link.whenCarried(when.bytes, struck);
    void stageShown(serialConsole, when.stage, calmed.signal).then((shown) => {
      if (shown) struck();
    });
  };
  const line = (condition: LinkCondition) => () => link.become(condition);
  const calm = (): void => {
    for (const [fault, calmed] of waiting) {
      waiting.delete(fault);
      calmed.abort();
    }
  };

  return {
    calm,
    waiting: () => [...waiting.keys()],
    strike(fault) {
      switch (fault.fault) {
        case 'eject':
          return at(fault, fault.when, () => {
            // At once, between two bytes; the drive follows as soon as QEMU lets it go.
            link.close();
            void board.drop('the remote server does not respond');
          });
        case 'cut':
          return at(fault, fault.when, line({is: 'cut'}));
        case 'stall':
          return at(fault, fault.when, line({is: 'stalled'}));
        case 'throttle':
          return at(fault, fault.when, line({is: 'throttled', bytesPerSecond: fault.bytesPerSecond}));
        case 'power-loss':
          return at(fault, fault.when, () => void chassis.off());
        case 'bmc-500':
          return ailments.failNext(fault.requests);
        case 'bmc-401':
          return ailments.forgetSessions(fault.requests);
        case 'mend':
          calm();
          return link.become({is: 'whole'});
        default:
          return fault satisfies never;
      }
    },
  };
}
