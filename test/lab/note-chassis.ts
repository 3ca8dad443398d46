import type {Chassis} from '../../src/lab/machine/chassis.ts';
import {whole} from '../../src/lab/machine/line-condition.ts';
import {ok} from '../../src/result.ts';

export interface Notes {
  readonly did: (what: string) => void;
  readonly power: () => 'on' | 'off';
  readonly turn: (to: 'on' | 'off') => void;
  /** A start looks where it is to start from, as the real one does. */
  readonly start?: () => void;
}

/** What such a machine shows: a PNG of which there is the beginning. */
export const screen = Buffer.from('89504e470d0a1a0a0000000d49484452000002d000000190', 'hex');

/** A machine that only notes what is done to it. */
export function noteChassis({did, power, turn, start = () => {}}: Notes): Chassis {
  const act = (name: string, change: () => void = () => {}) => {
    did(name);
    change();
    return Promise.resolve(ok(undefined));
  };
  const on = (): void => {
    turn('on');
    start();
  };
  return {
    power,
    starts: () => 0,
    on: () => act('on', on),
    off: async () => void (await act('off', () => turn('off'))),
    restart: () => act('restart', on),
    reset: () => act('reset', start),
    freeze: () => act('freeze'),
    thaw: () => act('thaw'),
    setClock: (seconds) => did(`clock ${seconds}`),
    async ail(disk, ailment) {
      did(`disk ${disk} ${ailment.is}`);
      return ok(async () => did(`disk ${disk} healed of ${ailment.is}`));
    },
    cable: {
      condition: () => whole,
      become: ({passage}) => act(`cable ${passage}`),
      attach: () => act('attach'),
      detach: () => {},
    },
    pressButton: () => act('button'),
    load: (url) => act(`load ${url}`),
    unload: () => act('unload'),
    counts: () => Promise.resolve(ok({})),
    async screenshot() {
      did('screenshot');
      return ok(screen);
    },
  };
}
