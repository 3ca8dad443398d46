import {fault} from '../../src/fault.ts';
import {failed, ok, type Result} from '../../src/result.ts';
import type {World} from '../../src/step/world.ts';
import type {BmcEvent} from '../../src/step/world/bmc.ts';
import type {LightIso} from '../../src/step/world/image.ts';
import type {VirtualClock} from './clock.ts';
import type {Machine} from './machine.ts';
import {pins} from './runbook.ts';

/** What the BMC and its medium do at one start of the host. `at`: after so many bytes of the medium. */
export type Act =
  | {readonly is: 'well'}
  /** The medium goes, and the slot says so. */
  | {readonly is: 'lost'; readonly at: number}
  /** Reading stops, and the slot goes on showing the medium. */
  | {readonly is: 'stale'; readonly at: number}
  /** As stale, but the BMC's log tells of an ejection by a reset. */
  | {readonly is: 'logged'; readonly at: number}
  /** The slot reads as empty from there on, and the medium is read to its end all the same. */
  | {readonly is: 'seems gone'; readonly at: number}
  /** The slot reads as empty once, in between. */
  | {readonly is: 'odd reading'; readonly at: number}
  /** The medium is never read. */
  | {readonly is: 'unread'}
  /** The boot override is forgotten: the old system comes up. */
  | {readonly is: 'other system'}
  /** All is read, and nothing answers. */
  | {readonly is: 'hangs'}
  /** The BMC answers nothing while the medium is to be mounted. */
  | {readonly is: 'away'};

export interface Counted {
  starts: number;
  inserts: number;
  /** Media that were mounted while the host was on. */
  mountedWhileOn: number;
  /** Bytes handed out in starts that brought no light system. */
  inVain: number;
}

const postMs = 30_000;
const unpackMs = 20_000;
const bytesPerSecond = 400_000;

/**
 * The machine's world behind a BMC that may lie about its medium. Reading takes time on the virtual clock, and what is
 * handed out is counted here, apart from what the controller believes.
 */
export function lyingBmc(
  machine: Machine,
  clock: VirtualClock,
  script: readonly Act[],
): {readonly world: World; readonly counted: Counted} {
  const plain = machine.world();
  const {iso} = machine;
  const counted: Counted = {starts: 0, inserts: 0, mountedWhileOn: 0, inVain: 0};
  const log: BmcEvent[] = [];
  let on = true;
  let slot: string | undefined;
  let act: Act = {is: 'other system'};
  let started = 0;
  let fromCd = false;
  let once = false;
  let servedBefore = 0;
  let covered = 0;
  let logged = false;
  let odd = false;

  const next = (): Act => script[counted.starts] ?? {is: 'well'};
  /** Bytes read since the host was started, by what the act allows. */
  const reading = (): number => {
    if (!on || !fromCd) return covered;
    const {is} = act;
    const most =
      is === 'unread' || is === 'other system'
        ? 0
        : is === 'lost' || is === 'stale' || is === 'logged'
          ? act.at
          : iso.bootBytes;
    const far = Math.max(0, ((clock.ticks() - started - postMs) / 1000) * bytesPerSecond);
    covered = Math.min(most, Math.floor(far));
    return covered;
  };
  const up = (): boolean =>
    on &&
    fromCd &&
    (act.is === 'well' || act.is === 'seems gone' || act.is === 'odd reading') &&
    reading() >= iso.bootBytes &&
    clock.ticks() - started > postMs + (iso.bootBytes / bytesPerSecond) * 1000 + unpackMs;
  const off = (): void => {
    const read = reading();
    if (on && fromCd && !up()) counted.inVain += read;
    servedBefore += read;
    covered = 0;
    on = false;
    fromCd = false;
  };
  const shown = (): string | undefined => {
    const read = reading();
    if (act.is === 'lost' && fromCd && read >= act.at) return (slot = undefined);
    if (act.is === 'seems gone' && fromCd && read >= act.at) return undefined;
    if (act.is === 'logged' && fromCd && read >= act.at && !logged) {
      logged = true;
      log.push({
        is: 'ejected',
        by: 'reset',
        code: '35.169',
        says: 'Scriptable virtual media ejected by: Server_Reboot.',
      });
    }
    if (act.is === 'odd reading' && fromCd && read >= act.at && !odd) {
      odd = true;
      return undefined;
    }
    return slot;
  };
  const away = failed(fault('bmc.unreachable', '10.9.0.31 did not answer (ETIMEDOUT)'));
  const mounted = (url: string): Result<{state: 'attached'; image: string}> => {
    counted.inserts++;
    if (on) counted.mountedWhileOn++;
    slot = url;
    return ok({state: 'attached', image: url});
  };

  return {
    counted,
    world: {
      ...plain,
      earlier: () => undefined,
      forgone: () => false,
      bmc: {
        ...plain.bmc,
        system: async () => {
          const system = await plain.bmc.system();
          return system.ok ? ok({...system.value, power: on ? 'on' : 'off'}) : system;
        },
        media: async () => {
          const image = shown();
          return ok(image === undefined ? {state: 'detached'} : {state: 'attached', image});
        },
        events: async (mark) => {
          shown();
          return ok({events: mark === undefined ? [] : log.slice(Number(mark)), mark: String(log.length)});
        },
        insert: async (url) => {
          if (next().is !== 'away') return mounted(url);
          counted.starts++;
          return away;
        },
        power: async (want) => {
          if (want === 'off') off();
          else if (!on) {
            act = next();
            counted.starts++;
            [on, started, fromCd, logged, odd] = [true, clock.ticks(), once && slot !== undefined, false, false];
            once = false;
          }
          return ok(undefined);
        },
        bootCdOnce: async () => {
          once = true;
          return ok(undefined);
        },
      },
      shelf: {
        ...plain.shelf,
        light: async () => ok<LightIso>(iso),
        served: () => ({bytes: servedBefore + reading(), requests: 1, covered: reading()}),
        recount: () => {
          covered = 0;
        },
      },
      target: {
        ...plain.target,
        hello: async () => {
          if (up())
            return ok({
              run: 'marruuk-1',
              bootId: `light-${counted.starts}`,
              uptimeSeconds: 9,
              memoryBytes: 1e9,
              mediumNeeded: false,
            });
          if (on && act.is === 'other system' && clock.ticks() - started > postMs)
            return failed(fault('ssh.host-key-differs', `another key answers: ${pins.old}`));
          return failed(fault('ssh.unreachable', 'nothing answers'));
        },
      },
    },
  };
}
