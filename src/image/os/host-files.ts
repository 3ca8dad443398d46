import type {RunId, Sha256} from '../../brand.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {Secret} from '../../secret.ts';
import type {RunFacts} from '../../step/world.ts';
import type {OsImage} from '../../step/world/image.ts';
import type {InstallFile} from '../../step/world/target.ts';

/** The new system's SSH host key, made by the controller before the system exists. */
export interface HostKey {
  /** OpenSSH private key file. */
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA...`, with or without a comment. */
  readonly publicLine: string;
}

/**
 * What makes an image this host. The private key is revealed here: the result goes over SSH to the target and must
 * never be stored.
 */
export function hostFiles(
  runbook: Runbook,
  run: Pick<RunFacts, 'id' | 'controllerKey'>,
  image: Pick<OsImage, 'digest' | 'root'>,
  hostKey: HostKey,
): readonly InstallFile[] {
  const name = oneLine(runbook.host.name);
  const [address] = addressOf(runbook.network.address);
  const keys = [run.controllerKey, ...runbook.access.authorizedKeys].map(oneLine);
  return [
    plain('/etc/hostname', `${name}\n`),
    plain('/etc/hosts', `127.0.0.1 localhost\n${address} ${name}\n::1 localhost ip6-localhost ip6-loopback\n`),
    plain('/etc/fstab', `UUID=${oneLine(image.root.uuid)} / ext4 errors=remount-ro 0 1\n`),
    plain(imageRecordPath, imageRecord(image.digest, run.id)),
    secret('/etc/ssh/ssh_host_ed25519_key', hostKey.privateKey.reveal()),
    plain('/etc/ssh/ssh_host_ed25519_key.pub', `${oneLine(hostKey.publicLine)}\n`),
    secret('/root/.ssh/authorized_keys', `${[...new Set(keys)].join('\n')}\n`),
  ];
}

export type Network = Pick<Runbook['network'], 'mac' | 'address' | 'gateway' | 'dns'> & {
  /** With prefix length. A rebuilt host has none; the lab's old system does. */
  readonly ipv6?: {readonly address: string; readonly gateway: string};
};

/** The network for systemd-networkd: one interface, found by its MAC, static, and no IPv6 unless it is given. */
export function networkFiles({network}: {readonly network: Network}): readonly InstallFile[] {
  const dns = network.dns.map(oneLine);
  const gateway = oneLine(network.gateway);
  const unit = [
    '[Match]',
    `MACAddress=${oneLine(network.mac)}`,
    '',
    '[Network]',
    `Address=${oneLine(network.address)}`,
    ...dns.map((server) => `DNS=${server}`),
    'DHCP=no',
    ...(network.ipv6
      ? [`Address=${oneLine(network.ipv6.address)}`, 'LinkLocalAddressing=ipv6']
      : ['LinkLocalAddressing=no']),
    'IPv6AcceptRA=no',
    '',
    '[Route]',
    `Gateway=${gateway}`,
    // Providers route single addresses through a gateway that lies outside of them.
    ...(within(network.address, gateway) ? [] : ['GatewayOnLink=yes']),
    '',
    ...(network.ipv6 ? ['[Route]', `Gateway=${oneLine(network.ipv6.gateway)}`, ''] : []),
  ];
  return [
    plain('/etc/systemd/network/10-rebuild.network', unit.join('\n')),
    plain('/etc/resolv.conf', dns.map((server) => `nameserver ${server}\n`).join('')),
  ];
}

/** Where the installed system says what it is. */
export const imageRecordPath = '/etc/rebuild/image';

export const imageRecord = (digest: Sha256, run: RunId): string => `digest ${digest}\nrun ${run}\n`;

/** The image's digest in an installed system's own record; undefined where it has none. */
export const recordedDigest = (text: string): string | undefined => /^digest ([0-9a-f]{64})$/m.exec(text)?.[1];

const plain = (path: string, content: string): InstallFile => ({path, mode: 0o644, content});
const secret = (path: string, content: string): InstallFile => ({path, mode: 0o600, content});

/** The runbook's parser lets no such value through; if one gets here, a line of configuration could be smuggled in. */
function oneLine(text: string): string {
  if (text === '' || /[\p{Cc}\u2028\u2029]/u.test(text)) throw new Error('a value for the new system is not one line');
  return text;
}

function addressOf(text: string): readonly [string, number] {
  const [address = '', prefix = '32'] = oneLine(text).split('/');
  return [address, Number(prefix)];
}

function within(network: string, other: string): boolean {
  const [address, prefix] = addressOf(network);
  const divisor = 2 ** (32 - prefix);
  return Math.floor(numberOf(address) / divisor) === Math.floor(numberOf(other) / divisor);
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
