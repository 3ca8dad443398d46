import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {hostKeyOf} from '../../device/ssh/host-key.ts';
import {vantageOver} from '../../device/vantage.ts';
import type {Vantage} from '../../step/world/vantage.ts';
import type {SwitchControl} from './control.ts';
import type {StationName} from './protocol.ts';

/** A login's own limits end it; a vantage has no caller to interrupt it. */
const never = new AbortController().signal;

// Each is a forwarding of slirp's, made and taken away over its monitor.
const atOnce = 64;

/** One of the lab's stations as a vantage: it connects from the station's `address`. */
export function stationVantage(
  name: string,
  {station, address}: {readonly station: StationName; readonly address: string},
  control: Pick<SwitchControl, 'knock' | 'forward'>,
): Vantage {
  const failing = ({fault: {says}}: Extract<Result<never>, {ok: false}>): Result<never> =>
    failed(fault('vantage.failed', `${name}: ${says}`));
  return vantageOver(name, address, {
    lines: [
      {
        atOnce,
        async knock(host, port) {
          const reach = await control.knock({station, address: host, port});
          return reach.ok ? reach : failing(reach);
        },
      },
    ],
    async hostKey(host, port) {
      const local = await control.forward({station, address: host, port});
      return local.ok ? hostKeyOf('127.0.0.1', local.value, never) : failing(local);
    },
    ask: async () => ok({is: 'unable', why: 'the lab’s switch in user space forwards TCP alone'}),
  });
}
