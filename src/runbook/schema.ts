import {z} from 'zod';
import {durationSeconds} from './duration.ts';
import {fingerprint, formats, tcpPort} from './format.ts';
import {contains, ipv4, ipv4Text, isHost, subnet} from './ipv4.ts';
import type {BmcSpec, DiskSpec, EdgeSpec, GateSpec, NetworkSpec, Runbook, SshSpec, SuspectSpec} from './runbook.ts';
import {wayKinds} from '../step/bmc/state.ts';
import {placeOf} from './place.ts';
import {sizeBytes} from './size.ts';
import {link, mediumPath} from './ways.ts';

// What a runbook file may hold, and how each part becomes its value. The editor schema, `rebuild explain` and this
// parser read the same descriptions.

const host = z
  .strictObject({
    name: formats.hostName.describe('The host’s name: one DNS label. It is what an operator types to begin.'),
    serial: formats.systemSerial.describe(
      'The machine’s serial number. The BMC must report it before anything is touched: a wrong address then costs nothing.',
    ),
    firmware: z
      .enum(['uefi', 'bios'])
      .default('uefi')
      .describe('How the machine starts. The images start both ways; the BMC is told which one to use.'),
    promise: formats.duration
      .exactOptional()
      .describe('What users were told, such as 12h. Every forecast is held against it.'),
  })
  .transform(({promise, ...rest}): Runbook['host'] =>
    promise === undefined ? rest : {...rest, promiseSeconds: durationSeconds(promise) ?? 0},
  )
  .describe('The machine that is rebuilt.');

const controller = z
  .strictObject({
    address: formats.address
      .exactOptional()
      .describe('Where BMC and host reach this controller. By default the address it uses towards each of them.'),
    port: tcpPort
      .exactOptional()
      .describe('TCP port of the server the BMC reads the light ISO from. By default a free one.'),
  })
  .transform(({port, ...rest}): Runbook['controller'] => (port === undefined ? rest : {...rest, mediaPort: port}))
  .prefault({})
  .describe('The machine that rebuild runs on, where its own choice of address and port does not do.');

const bmcName = z.string().regex(/^[!-~](?:[ -~]{0,126}[!-~])?$/, {error: 'expected 1 to 128 printable characters'});

const bmcBaseline = z
  .strictObject({
    accounts: z
      .record(bmcName, bmcName)
      .transform(named)
      .describe('Role of each account by its name, such as {root: Administrator}. Any other account is foreign.'),
    firmware: z
      .record(bmcName, bmcName)
      .transform(named)
      .prefault({})
      .describe(
        'Versions by the id or the name that the BMC’s inventory has, such as {BIOS: "2.1"}. What is not named is not compared.',
      ),
    subscriptions: z
      .array(bmcName)
      .readonly()
      .default([])
      .describe('Where the BMC may send its events to, as it shows them. By default nowhere.'),
    directories: z
      .array(bmcName)
      .readonly()
      .default([])
      .describe(
        'Directories that may vouch for users: ldap, active directory, tacacs+, oauth2, or a provider’s id. By default none.',
      ),
    open: z
      .array(z.enum(wayKinds))
      .readonly()
      .default([])
      .describe('Ways from the host to the BMC that may stay open. By default none.'),
  })
  .describe('What the BMC must say of itself. Take it from a machine that you trust, not from the one that was lost.');

const bmc = z
  .strictObject({
    driver: z.literal('redfish').describe('The protocol the BMC speaks.'),
    url: formats.bmcUrl.describe('The BMC’s address. Only https: a BMC hands out the whole machine.'),
    certificate: formats.certificate.describe(
      'SHA-256 fingerprint of the BMC’s certificate, pinned: nothing is sent to a BMC that shows another one. ' +
        'To read it: openssl s_client -connect ADDRESS:443 </dev/null | openssl x509 -noout -fingerprint -sha256',
    ),
    user: formats.secret.describe('The BMC account, by reference: env:NAME, file:/PATH or command:PROGRAM.'),
    password: formats.secret.describe('Its password, by reference: env:NAME, file:/PATH or command:PROGRAM.'),
    newpassword: formats.secret
      .exactOptional()
      .describe(
        'The password that `bmc.rotate` sets, by reference. Until the run is over both must be there: after a crash a login shows which one holds. Then it takes the place of `password`.',
      ),
    baseline: bmcBaseline.exactOptional(),
    path: mediumPath.exactOptional(),
  })
  .transform((bmc): BmcSpec => ({...bmc, certificate: fingerprint(bmc.certificate)}))
  .describe('The host’s management controller: power, boot order, virtual CD.');

const login = {
  address: formats.address.describe(
    'Its IPv4 address. No name: whoever answers DNS may not be trusted during an incident.',
  ),
  port: tcpPort.default(22).describe('TCP port of its SSH server.'),
  user: formats.user.default('root').describe('The account to log in with.'),
  hostkey: formats.hostKey.describe(
    'Fingerprint of its SSH host key, pinned. To read it there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
  ),
  key: formats.secret.describe(
    'The private key to log in with, by reference: file:/PATH, command:PROGRAM or env:NAME.',
  ),
};

const ssh = ({hostkey, ...rest}: z.output<z.ZodObject<typeof login>>): SshSpec => ({...rest, hostKey: hostkey});

const edge = z
  .strictObject({
    driver: z.literal('nftables').describe('What enforces the rules there.'),
    ...login,
    interface: formats.interface.describe('The gateway’s interface or bridge port that leads to the host.'),
  })
  .transform(({driver, interface: port, ...rest}): EdgeSpec => ({driver, ...ssh(rest), interface: port}))
  .describe('The gateway in front of the host, where its port is isolated from outside.');

const vantages = z
  .record(formats.label, z.strictObject(login).transform(ssh))
  .transform(named)
  .prefault({})
  .describe('Places outside the host from which reachability is tested, by name, beside the controller itself.');

const suspect = z
  .strictObject({
    system: z.enum(['linux', 'windows']).default('linux').describe('What it runs.'),
    ...login,
    address: formats.address.exactOptional().describe('Its IPv4 address, where it is not `network.address`.'),
    user: formats.user.default('root').describe('An account that may read everything, root or an administrator.'),
    key: formats.secret.describe(
      'A private key made for this and thrown away after it, by reference: whoever owns the old system sees all that ' +
        'logs in there. No agent is ever forwarded.',
    ),
  })
  .describe('The old system, as evidence.capture logs in to it: hostile.');

const disks = z
  .record(
    formats.label,
    z
      .strictObject({
        serial: formats.diskSerial
          .optional()
          .describe('Serial number as the drive reports it. Disks are found by it alone: /dev names move.'),
        partition: z
          .union([z.int().min(1).max(128), formats.partitionUuid])
          .optional()
          .describe('Only this partition of it: its number, or its PARTUUID as `lsblk -o PARTUUID` prints it.'),
        ram: z
          .strictObject({
            from: formats.size.default('4GiB').describe('Where in the host’s memory it begins.'),
          })
          .optional()
          .describe('No disk: memory of the host, to stage an installer in that is started from there.'),
        size: formats.size.describe('Size as printed on the drive. A drive that is another size is refused.'),
        wwn: formats.wwn
          .exactOptional()
          .describe(
            'World wide name, from the label or as `lsblk -o WWN` prints it (there 0x stands for naa.). A disk with this serial number that shows another is refused.',
          ),
        keep: z.boolean().default(false).describe('true: no step may write to this disk, whatever it says.'),
      })
      .check(({value, issues}) => {
        if (value.serial === undefined && value.ram === undefined)
          issues.push({code: 'invalid_type', expected: 'string', input: value, path: ['serial']});
        for (const key of ['serial', 'partition', 'wwn'] as const)
          if (value.ram !== undefined && value[key] !== undefined)
            issues.push({code: 'custom', message: `memory has no ${key}`, input: value, path: [key]});
        if (value.partition !== undefined && value.wwn !== undefined)
          issues.push({
            code: 'custom',
            message: 'a partition has no wwn: its disk, which is named by itself, has',
            input: value,
            path: ['wwn'],
          });
      })
      .describe('One disk.'),
  )
  .transform((disks): Runbook['disks'] =>
    named(
      Object.fromEntries(
        Object.entries(disks).map(([name, {size, keep, wwn, ...where}]): [string, DiskSpec] => [
          name,
          {name, sizeBytes: sizeBytes(size) ?? 0, keep, ...(wwn !== undefined && {wwn}), ...placeOf(where)},
        ]),
      ),
    ),
  )
  .describe(
    'Every disk of the host: those that steps may name, and those that must come out untouched. Nothing is erased while the host has one that is not here.',
  );

const network = z
  .strictObject({
    mac: formats.mac.describe(
      'MAC address of the host’s interface: the new system is configured by it, not by a name.',
    ),
    address: formats.addressWithPrefix.describe('The host’s IPv4 address with prefix length.'),
    gateway: formats.address.describe('Its default gateway.'),
    dns: z
      .array(formats.address)
      .max(3)
      .default([])
      .describe('Name servers, at most three (resolv.conf reads no more).'),
    aliases: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(8)
      .exactOptional()
      .describe(
        'Other addresses of the host, IPv4 or IPv6: those its old system had, for one. Nothing may answer there, and ' +
          'port.isolate and host.verify try.',
      ),
    reach: z
      .strictObject({
        address: formats.address.describe('The address that the controller connects to.'),
        port: tcpPort.default(22).describe('The port there.'),
      })
      .exactOptional()
      .describe('Where the controller reaches the host’s SSH, when that is not its own address and port 22.'),
  })
  .superRefine(({address, gateway}, context) => {
    const net = subnet(address);
    const next = ipv4(gateway);
    if (!net || next === undefined) return;
    const range = `${ipv4Text(net.first)}/${net.prefix}`;
    if (!isHost(net, net.address))
      context.addIssue({
        code: 'custom',
        path: ['address'],
        message: `is the network ${range} itself or everyone in it, not a host`,
      });
    // Behind a /32 the gateway is outside by design: hosters route single addresses that way.
    if (net.prefix < 32 && !contains(net, next))
      context.addIssue({code: 'custom', path: ['gateway'], message: `is not in the host’s network ${range}`});
    if (next === net.address)
      context.addIssue({code: 'custom', path: ['gateway'], message: 'is the host’s own address'});
  })
  .transform((net): NetworkSpec => ({...net, mac: net.mac.toLowerCase()}))
  .describe('The network of the new system.');

const access = z
  .strictObject({
    keys: z.array(formats.publicKey).default([]).describe('Public keys, one authorized_keys line each.'),
  })
  .transform(({keys}): Runbook['access'] => ({authorizedKeys: keys}))
  .prefault({})
  .describe('Who may log in to the new system as root, beside the run itself.');

const gate = z
  .strictObject({
    approvers: z
      .int()
      .min(1)
      .max(9)
      .describe('How many people must agree. Whoever began the run is not one of them; nobody counts twice.'),
    within: formats.duration.describe(
      'How long an approval holds, such as 2h: the step it is for must begin before that is over.',
    ),
    for: z
      .array(formats.stepId)
      .min(1)
      .max(64)
      .describe('Ids of the steps that wait for them. The run stops before the first, and resume goes on.'),
    signers: z
      .string()
      .regex(/^[!-~](?:[ -~]{0,254}[!-~])?$/, {error: 'expected a file name of printable characters'})
      .default('allowed_signers')
      .describe(
        'Keys that may approve, and begin the run: a file as ssh-keygen(1) describes under ALLOWED SIGNERS, one line a ' +
          'person, beside the runbook. Such as: lena@example.org namespaces="rebuild-approval" ssh-ed25519 AAAA...',
      ),
  })
  .transform(({approvers, within, for: steps, signers}): GateSpec => ({
    approvers,
    withinSeconds: durationSeconds(within) ?? 0,
    steps,
    signers,
  }))
  .describe(
    'Steps that wait until people have agreed to them, each with an SSH signature over the plan and the disks.',
  );

/** Where the old system is, unless it says otherwise, is where the new one will be. */
export const suspectAt = (
  {address, system, ...rest}: z.output<typeof suspect>,
  network: Pick<NetworkSpec, 'address'>,
): SuspectSpec => ({system, ...ssh({...rest, address: address ?? (network.address.split('/')[0] as string)})});

/** A step before its kind is known: every other key belongs to the kind. */
export const stepEntry = z.looseObject({
  id: formats.stepId.describe('What this step is called in messages, in the log and in --until. Unique in the file.'),
  do: z.string().describe('The step’s kind. To list them: rebuild explain steps'),
});

export const sections = {
  version: z.literal(1).describe('The version of this format.'),
  host,
  controller,
  bmc,
  edge,
  vantages,
  suspect: suspect.exactOptional(),
  disks,
  network,
  link: link.exactOptional(),
  access,
  gate: gate.exactOptional(),
  steps: z.array(stepEntry).min(1).max(64).describe('What is done, in this order.'),
};

export const runbookSchema = z
  .strictObject(sections)
  .describe('A runbook: one host, the devices around it, the steps.');

/** Names come from a file: with no prototype, no name finds anything that was not declared. */
function named<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, record);
}
