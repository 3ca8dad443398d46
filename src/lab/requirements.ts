import {accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fault} from '../fault.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import {ovmf} from './machine/firmware.ts';
import {runProgram, searchPath} from './program.ts';
import type {NetworkKind} from './userspace/choice.ts';

/** A Debian package and what of it is used: program names are looked up, paths must be there. */
export interface Requirement {
  readonly debian: string;
  readonly needs: readonly string[];
  /** The one kind of network that wants it; both unless given. */
  readonly network?: NetworkKind;
}

/** Everything the lab and the image builders take from Debian; the one place that says so. */
export const requirements: readonly Requirement[] = [
  {debian: 'qemu-system-x86', needs: ['qemu-system-x86_64', '/usr/share/seabios/bios-256k.bin']},
  {debian: 'qemu-utils', needs: ['qemu-img']},
  // QEMU's HTTP driver, with which the CD drive reads its medium.
  {debian: 'qemu-block-extra', needs: ['/usr/lib/x86_64-linux-gnu/qemu/block-curl.so']},
  {debian: 'ovmf', needs: Object.values(ovmf).flatMap(({code, variables}) => [code, variables])},
  {debian: 'xorriso', needs: ['xorriso']},
  {debian: 'mtools', needs: ['mformat', 'mcopy']},
  {debian: 'grub-common', needs: ['grub-mkimage']},
  {debian: 'grub-pc-bin', needs: ['/usr/lib/grub/i386-pc/boot.img']},
  {debian: 'grub-efi-amd64-bin', needs: ['/usr/lib/grub/x86_64-efi/normal.mod']},
  {debian: 'mmdebstrap', needs: ['mmdebstrap']},
  // With which mmdebstrap is root in a user namespace of its own.
  {debian: 'uidmap', needs: ['newuidmap'], network: 'userspace'},
  {debian: 'nftables', needs: ['nft'], network: 'namespaces'},
  {debian: 'iproute2', needs: ['ip', 'ss'], network: 'namespaces'},
  {debian: 'util-linux', needs: ['nsenter', 'setpriv', 'prlimit']},
  {debian: 'openssh-server', needs: ['/usr/sbin/sshd'], network: 'namespaces'},
  {debian: 'openssh-client', needs: ['ssh']},
  {debian: 'openssl', needs: ['openssl']},
  {debian: 'zstd', needs: ['zstd']},
  {debian: 'fdisk', needs: ['sfdisk']},
  {debian: 'e2fsprogs', needs: ['mkfs.ext4', 'e2fsck', 'chattr']},
  {debian: 'dosfstools', needs: ['mkfs.vfat']},
  {debian: 'ca-certificates', needs: ['/etc/ssl/certs/ca-certificates.crt']},
  {debian: 'debian-archive-keyring', needs: ['/usr/share/keyrings/debian-archive-keyring.gpg']},
];

export const requirementsOf = (kind: NetworkKind): readonly Requirement[] =>
  requirements.filter(({network = kind}) => network === kind);

/** The packages whose parts are not on this machine; the answer takes milliseconds where all are. */
export const missingPackages = (
  wanted: readonly Requirement[] = requirements,
  found: (need: string) => boolean = isThere,
): readonly string[] => wanted.filter(({needs}) => !needs.every(found)).map(({debian}) => debian);

function isThere(need: string): boolean {
  if (need.startsWith('/')) return existsSync(need);
  return searchPath.split(':').some((directory) => {
    try {
      accessSync(join(directory, need), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const install = ['apt-get', 'install', '--yes', '--no-install-recommends'];

/** What a person would type to install `packages`. */
export const installCommand = (packages: readonly string[]): string =>
  `sudo apt-get update && sudo apt-get install --no-install-recommends ${packages.join(' ')}`;

export interface RequirementsRun {
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
  readonly packages?: readonly string[];
}

const installMs = 15 * 60_000;

/** Installs what is missing where this is root; otherwise a fault with the exact command. */
export async function ensureRequirements({
  progress = () => {},
  signal,
  packages = missingPackages(),
}: RequirementsRun = {}): Promise<Result<void>> {
  if (packages.length === 0) return ok(undefined);
  const missing = (says: string): Result<never> =>
    failed(fault('lab.missing-tools', says, {next: installCommand(packages)}));
  if (process.getuid?.() !== 0) return missing(`missing on this machine: ${packages.join(', ')}`);
  progress({says: `installing ${packages.length} packages from Debian: ${packages.join(' ')}`});
  const how = {
    timeoutMs: installMs,
    env: {DEBIAN_FRONTEND: 'noninteractive'},
    ...(signal && {signal}),
  };
  const patient = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const updated = await runProgram(['apt-get', ...patient, 'update'], how);
  if (!updated.ok) return missing(updated.fault.says);
  const installed = await withoutServices(() => runProgram([...install, ...patient, ...packages], how));
  if (!installed.ok) return missing(installed.fault.says);
  const still = missingPackages().filter((name) => packages.includes(name));
  return still.length === 0 ? ok(undefined) : missing(`installed, and yet incomplete: ${still.join(', ')}`);
}

// Debian asks this program before a package starts its service; 101 forbids it (invoke-rc.d(8)). Only sshd's program
// is wanted here, never a server on this machine's own addresses.
const policy = '/usr/sbin/policy-rc.d';
const policyText = '#!/bin/sh\n# rebuild: no service starts while it installs programs\nexit 101\n';

async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const ours = !existsSync(policy) || readFileSync(policy, 'utf8') === policyText;
  if (ours) writeFileSync(policy, policyText, {mode: 0o755});
  try {
    return await work();
  } finally {
    if (ours) rmSync(policy, {force: true});
  }
}
