import type {RunId, Serial} from '../../brand.ts';
import {dropbearKey, parsePrivateKey} from '../../device/ssh-key/openssh-key.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Secret} from '../../secret.ts';
import type {Memory} from '../../step/memory.ts';
import type {Entry} from '../cpio.ts';

/** What makes a light ISO this run's: all of it that is not the same for everybody. */
export interface HostOverlay {
  readonly run: RunId;
  /** IPv4 with prefix length. */
  readonly address: string;
  readonly gateway: string;
  /** Lower case, colons. */
  readonly mac: string;
  readonly dns?: readonly string[];
  /** The light system's SSH host key, an OpenSSH private key file: the one secret on the medium. */
  readonly hostKey: Secret;
  /** The controller's public key, one authorized_keys line: nobody else logs in. */
  readonly authorizedKey: string;
  /** Disks that the light system's agent may erase and write. It refuses all others. */
  readonly plan: {readonly wipe: readonly Serial[]; readonly install: readonly Serial[]};
  /** Stretches of memory, in bytes, that the light system's kernel leaves alone. */
  readonly memory?: readonly Memory[];
  /** The serial port that shows the stages beside the screen; ttyS0 unless given. */
  readonly console?: string;
}

// The values end up in files that a shell reads line by line.
const shapes = {
  address: /^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/,
  gateway: /^\d{1,3}(?:\.\d{1,3}){3}$/,
  mac: /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/,
  authorizedKey: /^[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [ -~]*)?$/,
  console: /^ttyS\d$/,
} as const;

/** The host's files in the light system; their folders are in the base. */
export function hostEntries(host: HostOverlay): Result<readonly Entry[]> {
  const wrong = (Object.keys(shapes) as (keyof typeof shapes)[]).find((name) => {
    const value = host[name];
    return value !== undefined && !shapes[name].test(value);
  });
  if (wrong !== undefined) return failed(fault('image.build-failed', `the light system's ${wrong} is malformed`));
  const badServer = (host.dns ?? []).find((server) => !shapes.gateway.test(server));
  if (badServer !== undefined)
    return failed(fault('image.build-failed', `the light system's name server ${badServer} is malformed`));
  const key = parsePrivateKey(host.hostKey.reveal());
  if (!key)
    return failed(fault('image.build-failed', 'the light system’s host key is no Ed25519 key in OpenSSH’s form'));

  const network = [
    ['run', host.run],
    ['mac', host.mac],
    ['address', host.address],
    ['gateway', host.gateway],
  ] as const;
  const plan = [
    ['run', host.run] as const,
    ...host.plan.wipe.map((serial) => ['wipe', serial] as const),
    ...host.plan.install.map((serial) => ['install', serial] as const),
  ];
  return ok([
    file('etc/dropbear/host_ed25519', 0o600, dropbearKey(key)),
    file('etc/rebuild/network', 0o644, lines(network)),
    file('etc/rebuild/plan', 0o644, lines(plan)),
    file('etc/resolv.conf', 0o644, lines((host.dns ?? []).map((server) => ['nameserver', server] as const))),
    file('root/.ssh/authorized_keys', 0o600, Buffer.from(`${host.authorizedKey}\n`)),
  ]);
}

const lines = (pairs: readonly (readonly [string, string])[]): Buffer =>
  Buffer.from(pairs.map(([key, value]) => `${key} ${value}\n`).join(''));

const file = (path: string, mode: number, content: Buffer): Entry => ({type: 'file', path, mode, content});
