import {z} from 'zod';
import {durationSeconds, durationShape} from './duration.ts';
import {ipv4, subnet} from './ipv4.ts';
import {isPublicKey, publicKeyShape} from './public-key.ts';
import {bytesPerSecond, rateShape} from './rate.ts';
import type {SecretReference} from './runbook.ts';
import {sizeBytes, sizeShape} from './size.ts';
import type {HostKeyPin, HostName, Serial, Sha256, StepId} from '../brand.ts';
import {hostKeyPin, hostName, stepId} from '../brand.ts';

/**
 * The kinds of text a runbook is made of. Each says in one clause what is expected, without the value found (it may be
 * a secret), and carries a pattern for editors where a pattern can say it.
 */
function format<T extends string = string>(
  name: string,
  expected: string,
  pattern: RegExp,
  accepts: (text: string) => unknown = (text) => pattern.test(text),
): z.ZodType<T, string> {
  return z
    .stringFormat(name, (text) => accepts(text) !== undefined && accepts(text) !== false, {
      error: `expected ${expected}`,
    })
    .meta({pattern: pattern.source}) as unknown as z.ZodType<T, string>;
}

// User and password have no place in an address: addresses are logged.
const bmcUrl = /^https:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/;

export const secretFormat = 'secret-reference';

const eitherFamily = z.union([z.ipv4(), z.ipv6()]);

export const formats = {
  hostName: format<HostName>(
    'host-name',
    'a host name: one DNS label, lower case, such as marruuk',
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    hostName,
  ),
  stepId: format<StepId>('step-id', 'an id such as wipe or wipe-2: lower case', /^[a-z][a-z0-9-]{0,31}$/, stepId),
  /** What a vantage or a disk is called within its runbook. */
  label: format('label', 'a name such as system or worlds-2: lower case', /^[a-z][a-z0-9-]{0,31}$/),
  systemSerial: format(
    'system-serial',
    'the serial number that the BMC reports, at most 64 printable characters',
    /^[!-~](?:[ -~]{0,62}[!-~])?$/,
  ),
  diskSerial: format<Serial>(
    'disk-serial',
    'a serial number of letters, digits and . _ : -, as `lsblk -o SERIAL` prints it',
    /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/,
  ),
  wwn: format(
    'wwn',
    'a world wide name with its prefix, such as naa.5000c500a1b2c3d4 or eui.0025385b71b00001',
    /^(?:(?:0x|naa\.|eui\.)[0-9A-Fa-f]{16}(?:[0-9A-Fa-f]{16})?|uuid\.[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$/,
  ),
  partitionUuid: format(
    'partition-uuid',
    'a partition’s number, or its PARTUUID as `lsblk -o PARTUUID` prints it',
    /^(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{2})$/,
  ),
  size: format('size', 'a size with its unit, such as 480GB, 1.92TB or 894GiB', sizeShape, sizeBytes),
  rate: format('rate', 'a rate such as 170kB/s, 1.3MB/s or 10Mbit/s', rateShape, bytesPerSecond),
  duration: format('duration', 'a duration such as 12h, 90m or 1h30m', durationShape, durationSeconds),
  address: format(
    'address',
    'an IPv4 address such as 203.0.113.20',
    /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/,
    ipv4,
  ),
  /** Of either family. */
  anyAddress: format(
    'any-address',
    'an IPv4 or IPv6 address such as 203.0.113.20 or 2001:db8::20',
    /^(?:[0-9A-Fa-f:]{2,39}|[0-9A-Fa-f:]{0,30}(?:\d{1,3}\.){3}\d{1,3})$/,
    (text) => eitherFamily.safeParse(text).success,
  ),
  addressWithPrefix: format(
    'address-with-prefix',
    'an IPv4 address with its prefix length, such as 203.0.113.20/24',
    /^(?:\d{1,3}\.){3}\d{1,3}\/(?:[1-9]|[12]\d|3[0-2])$/,
    subnet,
  ),
  // The lowest bit of the first byte marks a group address (IEEE 802), which no interface has as its own.
  mac: format(
    'mac',
    'the MAC address of one interface, such as 52:54:00:12:34:56',
    /^[0-9A-Fa-f][02468ACEace](?::[0-9A-Fa-f]{2}){5}$/,
  ),
  bmcUrl: format(
    'bmc-url',
    'an https:// address without user, path or query, such as https://10.9.0.31',
    bmcUrl,
    (text) => bmcUrl.test(text) && URL.canParse(text),
  ),
  certificate: format(
    'certificate',
    'sha256: and the 64 hex digits of the certificate’s SHA-256 fingerprint',
    /^[sS][hH][aA]256:(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
  ),
  hostKey: format<HostKeyPin>(
    'host-key',
    'a fingerprint as `ssh-keygen -lf` prints it: SHA256: and 43 characters',
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    hostKeyPin,
  ),
  secret: format<SecretReference>(
    secretFormat,
    'a reference: a secret is named here, never written here',
    /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:(?:\/|~\/)[ -~]+|command:[!-~][ -~]*)$/,
  ),
  publicKey: format(
    'public-key',
    'one public key line, such as ssh-ed25519 AAAA... lena@jump1, without options',
    publicKeyShape,
    isPublicKey,
  ),
  user: format('user', 'a user name such as root', /^[a-z_][a-z0-9_-]{0,31}$/),
  // IFNAMSIZ is 16 with the closing NUL. The kernel takes almost any character; the firewall's language does not.
  interface: format(
    'interface',
    'a network interface of the gateway, such as lan0: at most 15 characters',
    /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/,
  ),
} as const;

/** `sha256:4B:E1:...` as 64 lower-case digits. */
export const fingerprint = (text: string): Sha256 =>
  text.slice('sha256:'.length).replaceAll(':', '').toLowerCase() as Sha256;

export const tcpPort = z.int().min(1).max(65_535);
