import type {InstallFile} from '../../step/world.ts';
import {networkFiles, type HostKey, type Network} from './host-files.ts';
import type {Link} from './ext4.ts';

/** The compromised old system of the lab. */
export interface Suspect {
  readonly hostname: string;
  readonly network: Pick<Network, 'mac' | 'address' | 'gateway'>;
  readonly hostKey: HostKey;
  /** One authorized_keys line, for root. */
  readonly authorizedKey: string;
  /** What its beacon dials, over and over. */
  readonly beacon: {readonly address: string; readonly port: number};
}

/** Only there on the old system: whatever comes after a rebuild must not have it. */
export const suspectMark = '/etc/suspect';

const miner = `[Unit]
Description=Kernel task accounting

[Service]
ExecStart=/bin/sh -c 'while :; do :; done'
Nice=19
CPUQuota=5%
Restart=always

[Install]
WantedBy=multi-user.target
`;

const beacon = ({address, port}: Suspect['beacon']) => `[Unit]
Description=Telemetry
After=network.target

[Service]
ExecStart=/bin/bash -c 'while :; do timeout 3 bash -c "exec 3<>/dev/tcp/${address}/${port}"; sleep 5; done'
Restart=always
StandardOutput=null
StandardError=null

[Install]
WantedBy=multi-user.target
`;

const listener = (port: number) => `[Socket]
ListenStream=${port}
Accept=yes
MaxConnections=16

[Install]
WantedBy=sockets.target
`;

const echo = `[Service]
ExecStart=/bin/cat
StandardInput=socket
StandardError=null
`;

const units = '/etc/systemd/system';
const openPorts = [80, 445];

const plain = (path: string, content: string): InstallFile => ({path, mode: 0o644, content});

const wanted = (target: string, unit: string): Link => ({
  path: `${units}/${target}.wants/${unit}`,
  to: `${units}/${unit}`,
});

/** The old system's own files, over a stock image. Harmless: what looks like a worm counts, dials and echoes. */
export function suspectFiles({hostname, network, hostKey, authorizedKey, beacon: dials}: Suspect): {
  readonly files: readonly InstallFile[];
  readonly links: readonly Link[];
} {
  return {
    files: [
      plain('/etc/hostname', `${hostname}\n`),
      plain('/etc/fstab', 'LABEL=root / ext4 errors=remount-ro 0 1\n'),
      plain(suspectMark, 'This is the old system.\n'),
      {path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: hostKey.privateKey.reveal()},
      plain('/etc/ssh/ssh_host_ed25519_key.pub', `${hostKey.publicLine}\n`),
      {path: '/root/.ssh/authorized_keys', mode: 0o600, content: `${authorizedKey}\n`},
      ...networkFiles({network: {...network, dns: []}}),
      plain(`${units}/miner.service`, miner),
      plain(`${units}/beacon.service`, beacon(dials)),
      ...openPorts.flatMap((port) => [
        plain(`${units}/echo-${port}.socket`, listener(port)),
        plain(`${units}/echo-${port}@.service`, echo),
      ]),
    ],
    links: [
      wanted('multi-user.target', 'miner.service'),
      wanted('multi-user.target', 'beacon.service'),
      ...openPorts.map((port) => wanted('sockets.target', `echo-${port}.socket`)),
    ],
  };
}
