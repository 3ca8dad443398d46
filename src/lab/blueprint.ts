import {z} from 'zod';
import {hostKeyPin, hostName, sha256, type HostKeyPin, type HostName, type Sha256} from '../brand.ts';
import {stations} from './network/layout.ts';

const branded = <T extends string>(parse: (text: string) => T | undefined, what: string) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue(`not ${what}`);
    return z.NEVER;
  });

const pin = branded<HostKeyPin>(hostKeyPin, 'a host key fingerprint');
const digest = branded<Sha256>(sha256, 'a SHA-256 digest');

const disk = z.object({
  name: z.string(),
  serial: z.string(),
  sizeBytes: z.number(),
  bus: z.enum(['virtio', 'nvme', 'sata']),
  path: z.string(),
  keep: z.boolean(),
  /** Those that the runbook names; `uuid` where it names one by its PARTUUID. */
  partitions: z
    .array(
      z.object({
        name: z.string(),
        number: z.number(),
        uuid: z.string().optional(),
        firstByte: z.number(),
        sizeBytes: z.number(),
      }),
    )
    .readonly()
    .default([]),
});
export type LabDisk = Readonly<z.infer<typeof disk>>;

/**
 * What a lab is made of: written by `lab up`, read by the keeper, kept until `lab down`. It holds paths of secrets and
 * no secret.
 */
export const blueprintSchema = z.object({
  host: branded<HostName>(hostName, 'a host name'),
  serial: z.string(),
  uuid: z.string(),
  mac: z.string(),
  firmware: z.enum(['uefi', 'bios']),
  /** It starts only what is signed; UEFI's alone. */
  secureBoot: z.boolean().default(false),
  accelerator: z.enum(['kvm', 'tcg']),
  cdDrive: z.enum(['ide', 'usb']),
  memoryMiB: z.number(),
  cpus: z.number(),
  disks: z.array(disk).readonly(),
  /** Namespaces are called `<prefix>-gw` and so on. */
  prefix: z.string(),
  layout: z.object({
    management: z.object({prefix: z.number(), gateway: z.string(), controller: z.string(), bmc: z.string()}),
    lan: z.object({prefix: z.number(), gateway: z.string(), host: z.string(), neighbour: z.string()}),
    wan: z.object({prefix: z.number(), gateway: z.string(), outside: z.string()}),
    hostPort: z.string(),
  }),
  /** The network is a switch in user space: where on 127.0.0.1 the BMC and the host's SSH are. */
  userspace: z.object({bmcPort: z.number(), sshPort: z.number()}).optional(),
  certificate: digest,
  /** Whoever owned the old system has left an account, a session and a subscription in the BMC. */
  intruded: z.boolean().default(false),
  /** Host keys of the lab's own SSH servers. */
  pins: z.object({gateway: pin, neighbour: pin, outside: pin}),
});
export type Blueprint = Readonly<z.infer<typeof blueprintSchema>>;

/** Where the controller finds the BMC. */
export const bmcUrl = ({layout, userspace}: Blueprint): string =>
  `https://${layout.management.bmc}${userspace ? `:${userspace.bmcPort}` : ''}`;

/** Where the controller finds the host's SSH. */
export const hostSsh = ({layout, userspace}: Blueprint): {readonly address: string; readonly port: number} =>
  userspace ? {address: '127.0.0.1', port: userspace.sshPort} : {address: layout.lan.host, port: 22};

export const sshStations = ['gateway', 'neighbour', 'outside'] as const satisfies readonly (typeof stations)[number][];
export type SshStation = (typeof sshStations)[number];

/** The old system as it answered before anything was done to it. */
export const suspectSchema = z.object({
  hostPin: pin,
  bootId: z.string(),
  /** Digests of the kept disks, by name: `diskDigest`. */
  kept: z.record(z.string(), digest),
});
export type SuspectFacts = Readonly<z.infer<typeof suspectSchema>>;
