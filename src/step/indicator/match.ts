import {contains, ipv4, subnet} from '../../runbook/ipv4.ts';
import {flowText} from '../port/leak.ts';
import type {Flow} from '../world/edge.ts';
import type {TreeEntry} from '../system/tree.ts';
import type {Indicator} from './indicator.ts';

/** Files that an indicator names, by digest, name or path; one text each. */
export function inFiles(indicators: readonly Indicator[], entries: Iterable<TreeEntry>): readonly string[] {
  const of = (kind: Indicator['kind']) =>
    new Set(indicators.filter((each) => each.kind === kind).map(({value}) => value));
  const [digests, names, paths] = [of('sha256'), of('name'), of('path')];
  const found: string[] = [];
  for (const {path, sha256} of entries) {
    if (sha256 !== undefined && digests.has(sha256)) found.push(`${path} has the digest of an indicator`);
    if (names.has(path.slice(path.lastIndexOf('/') + 1))) found.push(`${path} has the name of an indicator`);
    if (paths.has(path)) found.push(`${path} is an indicator`);
  }
  return found;
}

/** What went, or was to go, to an address among the indicators. */
export function inFlows(indicators: readonly Indicator[], flows: readonly Flow[]): readonly string[] {
  const addresses = indicators.filter(({kind}) => kind === 'address').map(({value}) => value);
  return flows
    .filter(({address}) => addresses.some((wanted) => isAt(wanted, address)))
    .map((flow) => `${flow.packets} packets of ${flowText(flow)}`);
}

function isAt(wanted: string, address: string): boolean {
  if (!wanted.includes('/')) return wanted === address.toLowerCase();
  const [net, at] = [subnet(wanted), ipv4(address)];
  return net !== undefined && at !== undefined && contains(net, at);
}
