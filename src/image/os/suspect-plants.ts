import {newEd25519} from '../../device/ssh-key/ed25519.ts';
import {publicLine} from '../../device/ssh-key/openssh-key.ts';
import type {InstallFile} from '../../step/world/target.ts';
import type {Link} from './ext4.ts';

/**
 * What is planted in the lab's old system: stand-ins of our own for what intruders leave. They count, dial addresses of
 * the lab, throw away what they are answered, and hide; none does anything else.
 */
export interface Plant {
  readonly id: string;
  readonly what: string;
  /** The item of the evidence that must hold it. */
  readonly item: string;
  /** Text of it, as the item holds it once its records are decoded. */
  readonly mark: string;
}

const lair = '/usr/local/lib/telemetry';
const units = '/etc/systemd/system';
const transient = 'kworker-sync.service';
const gone = '/dev/shm/.kdev';
const oddName = '$(touch pwned)\u001b[2J; rm -rf "it\'s"';
const keyName = 'operator@telemetry';
/** Put together only once it is in memory: no file holds it. */
const orders = ['telemetry', 'orders', '7f3a91'];
const updates = 'nothing newer than 7f3a91';
/** Ports that stand open, as the worm's that came in by them. */
const doors = [80, 445];

/** A row of `/proc/net/tcp6`: systemd opens a port without an address on all addresses of both families. State 0A listens. */
const listens = (port: number): string =>
  `${'0'.repeat(32)}:${port.toString(16).toUpperCase().padStart(4, '0')} ${'0'.repeat(32)}:0000 0A`;

export const plants: readonly Plant[] = [
  {id: 'miner', what: 'a program that burns CPU', item: 'processes', mark: 'while :; do :; done'},
  {id: 'miner-unit', what: 'its systemd unit', item: 'etc', mark: 'Description=Kernel task accounting'},
  {id: 'beacon', what: 'a program that asks for orders, on 80, 443 and DNS', item: 'processes', mark: `${lair}/beacon`},
  {id: 'beacon-unit', what: 'its systemd unit', item: 'etc', mark: `ExecStart=${lair}/beacon`},
  {id: 'beacon-file', what: 'its script', item: 'persistence', mark: 'GET /orders'},
  {id: 'spreader', what: 'a program that tries TCP 445 on its neighbours', item: 'processes', mark: `${lair}/share`},
  {id: 'spreader-unit', what: 'its systemd unit', item: 'etc', mark: `ExecStart=${lair}/share`},
  {id: 'spreader-file', what: 'its script', item: 'persistence', mark: '/dev/tcp/"$0"/445'},
  {id: 'timer', what: 'a systemd timer', item: 'etc', mark: 'OnUnitActiveSec=7min'},
  {id: 'timer-unit', what: 'the service that it starts', item: 'etc', mark: `Type=oneshot\nExecStart=${lair}/update`},
  {id: 'cron', what: 'a cron table', item: 'etc', mark: `*/7 * * * * root ${lair}/update`},
  {id: 'update-file', what: 'what timer and cron start', item: 'persistence', mark: updates},
  {id: 'preload', what: 'an entry in ld.so.preload', item: 'etc', mark: '/usr/local/lib/libprocess.so'},
  {id: 'preload-library', what: 'the library it names', item: 'preload', mark: 'usr/local/lib/libprocess.so'},
  {id: 'key', what: 'an SSH key that may log in', item: 'homes', mark: keyName},
  {id: 'hider-unit', what: 'the unit of what hides the following', item: 'etc', mark: `ExecStart=${lair}/hide`},
  {id: 'hider-file', what: 'its script', item: 'persistence', mark: 'systemd-run --quiet'},
  {id: 'transient', what: 'a transient unit, in no file on disk', item: 'run', mark: transient},
  {id: 'transient-process', what: 'its process', item: 'processes', mark: `system.slice/${transient}`},
  {id: 'odd-name', what: 'a file name of shell characters and escape codes', item: 'names', mark: oddName},
  {id: 'odd-file', what: 'that file', item: 'temporary', mark: `var/tmp/${oddName}`},
  {id: 'deleted', what: 'a process whose executable was deleted', item: 'deleted', mark: `${gone} (deleted)`},
  {id: 'orders', what: 'what a process knows and no file holds', item: 'memory', mark: orders.join('-')},
  ...doors.flatMap((port): readonly Plant[] => [
    {id: `door-${port}`, what: `a socket open to all on TCP ${port}`, item: 'network', mark: listens(port)},
    {id: `door-${port}-unit`, what: 'its systemd unit', item: 'etc', mark: `ListenStream=${port}\n`},
    {id: `door-${port}-service`, what: 'the service that answers there', item: 'etc', mark: `echo-${port}@.service`},
  ]),
];

const script = (text: string): string => `#!/bin/bash\n# A stand-in made by rebuild's lab: harmless.\n${text}`;

const beacon = (address: string, port: number): string =>
  script(`ask() { timeout 3 bash -c 'exec 3<>/dev/tcp/"$0"/"$1" && printf "GET /orders HTTP/1.0\\r\\n\\r\\n" >&3 && head -c 4096 <&3' "$1" "$2"; }
name() { printf '\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x06orders\\x04test\\x00\\x00\\x01\\x00\\x01' >/dev/udp/"$1"/53; }
while :; do
  ask ${address} ${port} || ask ${address} 443 || name ${address}
  sleep 5
done
`);

const share = (neighbours: readonly string[]): string =>
  script(`while :; do
  for neighbour in ${neighbours.join(' ')}; do
    timeout 2 bash -c 'exec 3<>/dev/tcp/"$0"/445' "$neighbour"
  done
  sleep 15
done
`);

const hide = script(`systemd-run --quiet --unit=${transient} --property=Nice=19 sleep infinity
printf 'nothing\\n' >${bashWord(`/var/tmp/${oddName}`)}
cp /usr/bin/sleep ${gone}
(sleep 2 && rm -f ${gone}) &
(orders=$(printf '%s-' ${orders.join(' ')}); while :; do sleep 3600; done) &
exec ${gone} infinity
`);

function bashWord(text: string): string {
  return `$'${text.replaceAll("'", "\\'").replaceAll('\u001b', '\\x1b')}'`;
}

const service = (says: string, start: string): string => `[Unit]
Description=${says}
After=network.target

[Service]
ExecStart=${start}
Restart=always
StandardOutput=null
StandardError=null

[Install]
WantedBy=multi-user.target
`;

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

const listener = (port: number): string => `[Socket]
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

const timer = `[Unit]
Description=Telemetry update

[Timer]
OnBootSec=7min
OnUnitActiveSec=7min

[Install]
WantedBy=timers.target
`;

const plain = (path: string, content: string): InstallFile => ({path, mode: 0o644, content});
const program = (path: string, content: string): InstallFile => ({path, mode: 0o755, content});

export interface Planting {
  readonly beacon: {readonly address: string; readonly port: number};
  /** Whom the spreader tries. */
  readonly neighbours: readonly string[];
}

/** The key that was added: its private half is forgotten at once. */
export const addedKey = (): string => publicLine(newEd25519(), keyName);

/** Files and links of what is planted, and the units that start with the system. */
export function planted({beacon: {address, port}, neighbours}: Planting): {
  readonly files: readonly InstallFile[];
  readonly links: readonly Link[];
  readonly units: readonly {readonly name: string; readonly target: string}[];
} {
  return {
    files: [
      plain(`${units}/miner.service`, miner),
      program(`${lair}/beacon`, beacon(address, port)),
      program(`${lair}/share`, share(neighbours)),
      program(`${lair}/hide`, hide),
      program(`${lair}/update`, script(`: ${updates}\n`)),
      plain(`${units}/beacon.service`, service('Telemetry', `${lair}/beacon`)),
      plain(`${units}/share.service`, service('File share accounting', `${lair}/share`)),
      plain(`${units}/hide.service`, service('Kernel device accounting', `${lair}/hide`)),
      plain(`${units}/telemetry-update.service`, `[Service]\nType=oneshot\nExecStart=${lair}/update\n`),
      plain(`${units}/telemetry-update.timer`, timer),
      plain('/etc/cron.d/telemetry', `*/7 * * * * root ${lair}/update\n`),
      plain('/etc/ld.so.preload', '/usr/local/lib/libprocess.so\n'),
      ...doors.flatMap((door) => [
        plain(`${units}/echo-${door}.socket`, listener(door)),
        plain(`${units}/echo-${door}@.service`, echo),
      ]),
    ],
    // A library that every Debian has and that does nothing by being loaded.
    links: [{path: '/usr/local/lib/libprocess.so', to: '/usr/lib/x86_64-linux-gnu/libcap.so.2'}],
    units: [
      {name: 'miner.service', target: 'multi-user.target'},
      {name: 'beacon.service', target: 'multi-user.target'},
      {name: 'share.service', target: 'multi-user.target'},
      {name: 'hide.service', target: 'multi-user.target'},
      {name: 'telemetry-update.timer', target: 'timers.target'},
      ...doors.map((door) => ({name: `echo-${door}.socket`, target: 'sockets.target'})),
    ],
  };
}
