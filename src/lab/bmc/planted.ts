import type {Plant} from '../../image/os/suspect-plants.ts';

/**
 * What the lab's old system has left in its BMC, as a worm that owns a host does over the ways that lead from it: harmless,
 * and there to be found. Its addresses are none of anybody's (RFC 5737).
 */
export const planted = {
  account: {name: 'support2', role: 'Administrator'},
  /** Where its session comes from: it stays open as if somebody used it. */
  from: '192.0.2.66',
  subscription: 'https://192.0.2.66/events',
} as const;

const {account, from, subscription} = planted;

/** The same, as the evidence must hold it: JSON of the BMC's own, its members in the order of their names. */
export const bmcPlants: readonly Plant[] = [
  {
    id: 'bmc-account',
    what: 'an account more in the BMC',
    item: 'bmc',
    mark: `"RoleId":"${account.role}","UserName":"${account.name}"`,
  },
  {
    id: 'bmc-session',
    what: 'its session, which stays open',
    item: 'bmc',
    mark: `"ClientOriginIPAddress":"${from}"`,
  },
  {
    id: 'bmc-subscription',
    what: 'a subscription to its events',
    item: 'bmc',
    mark: `"Destination":"${subscription}"`,
  },
];
