import type {InstallFile} from '../../step/world/target.ts';
import {networkFiles, type HostKey, type Network} from './host-files.ts';
import type {Link} from './ext4.ts';
import {addedKey, planted} from './suspect-plants.ts';

/** The compromised old system of the lab. */
export interface Suspect {
  readonly hostname: string;
  readonly network: Pick<Network, 'mac' | 'address' | 'gateway' | 'ipv6'>;
  readonly hostKey: HostKey;
  /** One authorized_keys line, for root. */
  readonly authorizedKey: string;
  /** What its beacon dials, over and over. */
  readonly beacon: {readonly address: string; readonly port: number};
  /** Whom its spreader tries. */
  readonly neighbours?: readonly string[];
}

/** Only there on the old system: whatever comes after a rebuild must not have it. */
export const suspectMark = '/etc/suspect';

const units = '/etc/systemd/system';

const plain = (path: string, content: string): InstallFile => ({path, mode: 0o644, content});

const wanted = (target: string, unit: string): Link => ({
  path: `${units}/${target}.wants/${unit}`,
  to: `${units}/${unit}`,
});

/** The old system's own files, over a stock image. Harmless: what looks like a worm counts, dials and echoes (`suspect-plants.ts`). */
export function suspectFiles({hostname, network, hostKey, authorizedKey, beacon, neighbours = []}: Suspect): {
  readonly files: readonly InstallFile[];
  readonly links: readonly Link[];
} {
  const plant = planted({beacon, neighbours});
  return {
    files: [
      plain('/etc/hostname', `${hostname}\n`),
      plain('/etc/fstab', 'LABEL=root / ext4 errors=remount-ro 0 1\n'),
      plain(suspectMark, 'This is the old system.\n'),
      {path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: hostKey.privateKey.reveal()},
      plain('/etc/ssh/ssh_host_ed25519_key.pub', `${hostKey.publicLine}\n`),
      {path: '/root/.ssh/authorized_keys', mode: 0o600, content: `${authorizedKey}\n${addedKey()}\n`},
      ...networkFiles({network: {...network, dns: []}}),
      ...plant.files,
    ],
    links: [...plant.links, ...plant.units.map(({name, target}) => wanted(target, name))],
  };
}
