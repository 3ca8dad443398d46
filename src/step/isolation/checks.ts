import type {JsonObject} from '../../json.ts';
import {notMade, passed, type Check} from '../check.ts';
import type {Tried} from '../port/leak.ts';
import type {Proof} from '../step.ts';
import type {Flows} from '../world/edge.ts';

/** What was looked at to tell whether an isolation lets through what must work, and nothing else. */
export interface IsolationSeen {
  /** Those who may use the host's SSH: whether it answers them, undefined where there is no vantage. */
  readonly admitted: readonly {readonly who: string; readonly open: boolean | undefined}[];
  /** DNS servers that the host may ask. */
  readonly resolver: readonly string[];
  /** Undefined where the edge keeps no such record. */
  readonly flows: Flows | undefined;
  /** Every path that must be closed, and was not found open. */
  readonly tried: readonly Tried[];
}

/**
 * Both sides of the test, each made or not made. A host that is off answers nobody, whatever the gateway lets through:
 * where what must work cannot be seen now, what `earlier` has shown of it stays.
 */
export function isolationChecks(seen: IsolationSeen, earlier: Proof | undefined): readonly Check[] {
  const shown = new Map(passedIn(earlier).map((check) => [check.check, check]));
  const works = [...seen.admitted.map(sshCheck), ...seen.resolver.map((address) => resolverCheck(address, seen.flows))];
  return [
    ...works.map((check) => (check.verdict === 'not made' ? (shown.get(check.check) ?? check) : check)),
    ...closedChecks(seen.tried),
  ];
}

function sshCheck({who, open}: IsolationSeen['admitted'][number]): Check {
  const name = `tcp/22 open from ${who}`;
  if (open === undefined) return notMade(name, 'there is no vantage to try it from');
  return open ? passed(name, 'it answers') : notMade(name, 'nothing answers: the host may be off, or have no SSH');
}

function resolverCheck(address: string, flows: Flows | undefined): Check {
  const name = `DNS to ${address}`;
  if (flows === undefined) return notMade(name, 'the rules let it through; this edge does not tell what has passed');
  const asked = flows.passed.filter(
    ({protocol, address: to, port}) => to === address && port === 53 && (protocol === 'udp' || protocol === 'tcp'),
  );
  const packets = asked.reduce((sum, flow) => sum + flow.packets, 0);
  return packets > 0
    ? passed(name, `${packets} of the host’s packets to it have passed the gateway`)
    : notMade(name, 'the rules let it through; the host has asked nothing since they are in force');
}

function closedChecks(tried: readonly Tried[]): readonly Check[] {
  const places = Map.groupBy(tried, ({from, address}) => `closed to ${from}, ${address}`);
  if (places.size === 0) return [notMade('closed', 'there is no vantage to try it from')];
  return [...places].map(([name, paths]) => {
    const ports = paths.map(({port}) => port).join(', ');
    return paths.every(({reach}) => reach === 'no route')
      ? notMade(name, 'it has no route there')
      : passed(name, `${ports} tried, none open`);
  });
}

function passedIn(proof: Proof | undefined): readonly Check[] {
  const checks = proof?.data['checks'];
  return (Array.isArray(checks) ? (checks as readonly JsonObject[]) : []).flatMap(({check, verdict, says}) =>
    verdict === 'passed' && typeof check === 'string' && typeof says === 'string' ? [passed(check, says)] : [],
  );
}
