import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {RenewedFacts, RenewedLook} from '../step/world/renewed.ts';
import {readInventory} from './inventory.ts';
import type {KeptSession} from './ssh/kept.ts';
import {printable} from './ssh/printable.ts';
import type {SshSession} from './ssh/session.ts';

const idleMs = 30_000;
const never = new AbortController().signal;

/** The new system, asked with read-only commands over a login to the host key that was pinned before it existed. */
export function renewedOver(kept: KeptSession): RenewedLook {
  return {
    async inventory() {
      const session = await kept.session(never);
      return session.ok ? readInventory(session.value) : session;
    },
    async hello() {
      const session = await kept.session(never);
      if (!session.ok) return session;
      const [bootId, hostname, addresses, routes, disks, release, image] = await Promise.all([
        read(session.value, ['cat', '/proc/sys/kernel/random/boot_id'], bootIdText),
        read(session.value, ['cat', '/proc/sys/kernel/hostname'], line),
        read(session.value, ['ip', '-json', 'address'], addressList),
        read(session.value, ['ip', '-json', '-4', 'route', 'show', 'default'], routeList),
        read(session.value, ['lsblk', '--json', '--output', 'NAME,TYPE,SERIAL,MOUNTPOINTS'], diskTree),
        read(session.value, ['cat', '/etc/os-release'], releaseName),
        read(session.value, ['cat', '/etc/rebuild/image'], imageDigest, 'may be missing'),
      ]);
      if (!bootId.ok) return bootId;
      if (!hostname.ok) return hostname;
      if (!addresses.ok) return addresses;
      if (!routes.ok) return routes;
      if (!disks.ok) return disks;
      if (!release.ok) return release;
      if (!image.ok) return image;
      return ok<RenewedFacts>({
        bootId: required(bootId.value),
        hostname: required(hostname.value),
        hostPin: session.value.hostKey,
        addresses: required(addresses.value),
        defaultGateway: routes.value?.[0]?.gateway,
        rootDisk: rootOf(required(disks.value)),
        release: required(release.value),
        image: image.value,
      });
    },
  };
}

/** One command's output in the shape it must have; undefined where the command may fail and did. */
async function read<T>(
  session: SshSession,
  argv: readonly string[],
  shape: z.ZodType<T, string>,
  missing?: 'may be missing',
): Promise<Result<T | undefined>> {
  const output = await session.exec(argv, {idleMs});
  if (!output.ok) return output;
  const {code, stdout, stderr} = output.value;
  const command = argv.join(' ');
  if (code !== 0)
    return missing
      ? ok(undefined)
      : failed(
          fault('host.differs', `${command} failed on the new system: ${printable(stderr)}`, {detail: {code, stderr}}),
        );
  const parsed = shape.safeParse(stdout);
  return parsed.success
    ? ok(parsed.data)
    : failed(
        fault('answer.garbled', `${command} on the new system: ${printable(parsed.error.issues[0]?.message ?? '')}`),
      );
}

// `read` gives undefined only for what may be missing.
const required = <T>(value: T | undefined): T => value as T;

const line = z
  .string()
  .transform((text) => text.trimEnd())
  .pipe(z.string().regex(/^[\x21-\x7e]{1,255}$/));
const bootIdText = line.pipe(z.string().regex(/^[0-9a-f-]{36}$/));
const imageDigest = z.string().transform((text, context) => {
  const [digest] = /\b[0-9a-f]{64}\b/.exec(text) ?? [];
  if (digest === undefined) context.addIssue('names no digest');
  return digest ?? z.NEVER;
});
const releaseName = z.string().transform((text, context) => {
  const name = /^PRETTY_NAME="([\x20-\x7e]{1,100})"$/m.exec(text)?.[1];
  if (name === undefined) context.addIssue('has no PRETTY_NAME');
  return name ?? z.NEVER;
});

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});

/** `ip -json address`: only what is used is named; the loopback has no MAC that matters. */
const addressList = json
  .pipe(
    z.array(
      z.object({
        link_type: z.string(),
        address: z.string().optional(),
        addr_info: z.array(z.object({family: z.string(), local: z.string(), prefixlen: z.number()})),
      }),
    ),
  )
  .transform((links) =>
    Object.fromEntries(
      links
        .filter(({link_type: type, address}) => type === 'ether' && address !== undefined)
        .map(({address = '', addr_info: list}) => [
          address,
          list.filter(({family}) => family === 'inet').map(({local, prefixlen}) => `${local}/${prefixlen}`),
        ]),
    ),
  );
const routeList = json.pipe(z.array(z.object({gateway: z.string().optional()})));

interface BlockDevice {
  readonly type: string;
  readonly serial: string | null;
  readonly mountpoints: readonly (string | null)[];
  readonly children?: readonly BlockDevice[] | undefined;
}
const blockDevice: z.ZodType<BlockDevice> = z.object({
  type: z.string(),
  serial: z.string().nullable(),
  mountpoints: z.array(z.string().nullable()),
  get children() {
    return z.array(blockDevice).optional();
  },
});
const diskTree = json.pipe(z.object({blockdevices: z.array(blockDevice)})).transform(({blockdevices}) => blockdevices);

const holdsRoot = ({mountpoints, children}: BlockDevice): boolean =>
  mountpoints.includes('/') || (children ?? []).some(holdsRoot);

/** Serial number of the only disk under the root file system; undefined where there is not exactly one. */
function rootOf(tree: readonly BlockDevice[]): string | undefined {
  const [disk, another] = tree.filter((device) => device.type === 'disk' && holdsRoot(device));
  return another ? undefined : disk?.serial?.trim() || undefined;
}
