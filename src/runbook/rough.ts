import type {HostKeyPin, HostName, Serial, Sha256} from '../brand.ts';
import type {Json} from '../json.ts';
import type {DiskSpec, Runbook} from './runbook.ts';
import {sections} from './schema.ts';
import type {TypedStep} from './steps.ts';
import {mapping} from './value-at.ts';

const login = {
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  hostKey: 'SHA256:' as HostKeyPin,
  key: 'env:NONE',
} as const;

// Documentation addresses (RFC 5737): they never reach a device, because a runbook with mistakes is never run.
const standIn: Omit<Runbook, 'disks' | 'steps' | 'version'> = {
  host: {name: '' as HostName, serial: '', firmware: 'uefi'},
  controller: {},
  bmc: {driver: 'redfish', url: '', certificate: '' as Sha256, user: 'env:NONE', password: 'env:NONE'},
  edge: {driver: 'nftables', ...login, interface: ''},
  vantages: {},
  network: {mac: '', address: '192.0.2.2/24', gateway: '192.0.2.1', dns: []},
  access: {authorizedKeys: []},
};

/**
 * The runbook as far as it can be read, with stand-ins for what cannot: so that a mistake in one part does not hide the
 * mistakes of another. Only ever used to look for mistakes.
 */
export function roughly(value: Json, typed: readonly TypedStep[]): Runbook {
  const raw = mapping(value);
  const part = <K extends keyof typeof standIn>(key: K): Runbook[K] => {
    const parsed = sections[key].safeParse(raw[key]);
    return (parsed.success ? parsed.data : standIn[key]) as Runbook[K];
  };
  return {
    version: 1,
    host: part('host'),
    controller: part('controller'),
    bmc: part('bmc'),
    edge: part('edge'),
    vantages: part('vantages'),
    disks: disks(raw['disks']),
    network: part('network'),
    // Whether there is one is all that a step asks.
    ...(raw['suspect'] !== undefined && {suspect: {system: 'linux', ...login} as const}),
    access: part('access'),
    steps: typed.map(({id, kind, params}) => ({id, kind: kind.kind, params, place: {file: '', line: 1, column: 1}})),
  };
}

/** Each disk by itself: that one has a mistake does not make its name unknown, nor lift its `keep`. */
function disks(value: Json | undefined): Runbook['disks'] {
  const found = Object.create(null) as Record<string, DiskSpec>;
  for (const [name, entry] of Object.entries(mapping(value))) {
    const parsed = sections.disks.safeParse({[name]: entry});
    const disk = parsed.success ? parsed.data[name] : undefined;
    const raw = mapping(entry);
    // A partition's own name is not its disk's.
    const serial = typeof raw['serial'] === 'string' && raw['partition'] === undefined ? raw['serial'] : '';
    found[name] = disk ?? {name, serial: serial as Serial, sizeBytes: 0, keep: (raw['keep'] ?? false) !== false};
  }
  return found;
}
