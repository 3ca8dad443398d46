import {newEd25519} from '../../device/ssh-key/ed25519.ts';
import {publicLine} from '../../device/ssh-key/openssh-key.ts';
import type {InstallFile} from '../../step/world.ts';
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

export const plants: readonly Plant[] = [
  {id: 'miner', what: 'a program that burns CPU', item: 'processes', mark: 'while :; do :; done'},
  {id: 'miner-unit', what: 'its systemd unit', item: 'etc', mark: 'Description=Kernel task accounting'},
  {id: 'beacon', what: 'a program that asks for orders, on 80, 443 and DNS', item: 'processes', mark: `${lair}/beacon`},
  {id: 'beacon-file', what: 'its script', item: 'persistence', mark: 'GET /orders'},
  {id: 'spreader', what: 'a program that tries TCP 445 on its neighbours', item: 'processes', mark: `${lair}/share`},
  {id: 'timer', what: 'a systemd timer', item: 'etc', mark: 'OnUnitActiveSec=7min'},
  {id: 'cron', what: 'a cron table', item: 'etc', mark: `*/7 * * * * root ${lair}/update`},
  {id: 'preload', what: 'an entry in ld.so.preload', item: 'etc', mark: '/usr/local/lib/libprocess.so'},
  {id: 'preload-library', what: 'the library it names', item: 'preload', mark: 'usr/local/lib/libprocess.so'},
  {id: 'key', what: 'an SSH key that may log in', item: 'homes', mark: keyName},
  {id: 'transient', what: 'a transient unit, in no file on disk', item: 'run', mark: transient},
  {id: 'odd-name', what: 'a file name of shell characters and escape codes', item: 'names', mark: oddName},
  {id: 'deleted', what: 'a process whose executable was deleted', item: 'deleted', mark: `${gone} (deleted)`},
  {id: 'orders', what: 'what a process knows and no file holds', item: 'memory', mark: orders.join('-')},
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
      program(`${lair}/beacon`, beacon(address, port)),
      program(`${lair}/share`, share(neighbours)),
      program(`${lair}/hide`, hide),
      program(`${lair}/update`, script('exit 0\n')),
      plain(`${units}/beacon.service`, service('Telemetry', `${lair}/beacon`)),
      plain(`${units}/share.service`, service('File share accounting', `${lair}/share`)),
      plain(`${units}/hide.service`, service('Kernel device accounting', `${lair}/hide`)),
      plain(`${units}/telemetry-update.service`, `[Service]\nType=oneshot\nExecStart=${lair}/update\n`),
      plain(`${units}/telemetry-update.timer`, timer),
      plain('/etc/cron.d/telemetry', `*/7 * * * * root ${lair}/update\n`),
      plain('/etc/ld.so.preload', '/usr/local/lib/libprocess.so\n'),
    ],
    // A library that every Debian has and that does nothing by being loaded.
    links: [{path: '/usr/local/lib/libprocess.so', to: '/usr/lib/x86_64-linux-gnu/libcap.so.2'}],
    units: [
      {name: 'beacon.service', target: 'multi-user.target'},
      {name: 'share.service', target: 'multi-user.target'},
      {name: 'hide.service', target: 'multi-user.target'},
      {name: 'telemetry-update.timer', target: 'timers.target'},
    ],
  };
}
