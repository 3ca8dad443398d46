import {rulesOf} from '../../device/firewall/rules.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {knock, type Station} from './knock.ts';
import {enforceOrder, pathOrder, switchRoutes, type PathOrder, type Standing, type StationName} from './protocol.ts';
import type {Switch} from './switch.ts';

export interface SwitchParts {
  readonly lan: Switch;
  readonly host: string;
  readonly stations: Readonly<Record<StationName, Station>>;
}

/** Answers one request to the keeper that is about the switch; undefined where it is about something else. */
export function switchAnswers({lan, host, stations}: SwitchParts) {
  // A forwarding that was asked for stays: whoever asked connects through it again and again.
  const forwards = new Map<string, Promise<Result<number>>>();

  const standing = (): Standing => {
    const policy = lan.policy();
    return {...(policy && {policy}), refused: lan.refused(), flows: lan.flows()};
  };
  const forward = async ({station, port}: PathOrder): Promise<Result<number>> => {
    const key = `${station} ${port}`;
    const asked = forwards.get(key) ?? stations[station].slirp.forward(port);
    forwards.set(key, asked);
    const local = await asked;
    if (!local.ok) forwards.delete(key);
    return local;
  };
  const path = async (body: unknown, take: (order: PathOrder) => Promise<Result<object>>): Promise<Result<object>> => {
    const order = pathOrder.safeParse(body);
    if (!order.success) return refuse('a path wants a station, an address and a TCP port');
    if (order.data.address !== host) return refuse(`the lab's stations reach ${host} alone, not ${order.data.address}`);
    return take(order.data);
  };

  return async (route: string, body: unknown): Promise<Result<object> | undefined> => {
    switch (route) {
      case switchRoutes.standing:
        return ok(standing());
      case switchRoutes.enforce: {
        const order = enforceOrder.safeParse(body);
        if (!order.success) return refuse('the switch does not know this policy');
        const rules = order.data.policy && rulesOf(order.data.policy);
        if (order.data.policy && rules === undefined) return refuse('only IPv4 addresses can be admitted');
        lan.enforce(rules);
        return ok(standing());
      }
      case switchRoutes.knock:
        return path(body, async ({station, port}) => {
          const reach = await knock(stations[station], lan, port);
          return reach.ok ? ok({reach: reach.value}) : reach;
        });
      case switchRoutes.forward:
        return path(body, async (order) => {
          const local = await forward(order);
          return local.ok ? ok({local: local.value}) : local;
        });
      default:
        return undefined;
    }
  };
}

const refuse = (says: string): Result<never> => failed(fault('lab.failed', says));
