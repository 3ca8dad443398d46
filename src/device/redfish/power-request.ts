import type {Power} from '../../step/world/bmc.ts';
import type {Write} from './client.ts';
import {list, text, texts} from './tree.ts';

const types: Readonly<Record<Power, readonly string[]>> = {
  // ForceOn is On without the checks some chassis managers make. PushPowerButton toggles, so it is right only from off.
  on: ['On', 'ForceOn', 'PushPowerButton'],
  // Never graceful: the old system gets no word in its end.
  off: ['ForceOff'],
};

/** PowerState as on or off; what is on its way still counts as where it came from. */
export function powerOf(system: unknown): Power | undefined {
  const state = text(system, 'PowerState') ?? '';
  if (['On', 'PoweringOff', 'Paused'].includes(state)) return 'on';
  return ['Off', 'PoweringOn'].includes(state) ? 'off' : undefined;
}

export const resetInfo = (system: unknown): string | undefined =>
  text(system, 'Actions', '#ComputerSystem.Reset', '@Redfish.ActionInfo');

/** The reset that brings the wanted state; undefined where the BMC offers none. Pure. */
export function powerRequest(system: unknown, actionInfo: unknown, want: Power): Write | undefined {
  const reference = text(system, 'Actions', '#ComputerSystem.Reset', 'target');
  if (reference === undefined) return undefined;
  const offered = [
    ...texts(system, 'Actions', '#ComputerSystem.Reset', 'ResetType@Redfish.AllowableValues'),
    ...list(actionInfo, 'Parameters')
      .filter((parameter) => text(parameter, 'Name') === 'ResetType')
      .flatMap((parameter) => texts(parameter, 'AllowableValues')),
  ];
  const type = types[want].find((name) => offered.length === 0 || offered.includes(name));
  return type === undefined ? undefined : {method: 'POST', reference, body: {ResetType: type}};
}
