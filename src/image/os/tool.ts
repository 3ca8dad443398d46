import {access, constants} from 'node:fs/promises';
import {delimiter, join} from 'node:path';
import {execa} from 'execa';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';

// An ordinary user's PATH lacks the sbin folders, where Debian keeps mke2fs and sfdisk.
const path = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Kills the program after this; what it does is bounded, so it hangs. */
  readonly limitMs?: number;
}

/** Runs a local program; its output, or a fault with the last line it complained with. */
export async function tool(
  argv: readonly [string, ...string[]],
  options: ToolOptions = {},
): Promise<Result<{readonly stdout: string; readonly stderr: string}>> {
  const [program, ...rest] = argv;
  const {cwd, env = {}, input, signal, limitMs = 15 * 60_000} = options;
  const ended = await execa(program, rest, {
    reject: false,
    env: {...env, PATH: path, LC_ALL: 'C', TZ: 'UTC'},
    timeout: limitMs,
    ...(cwd === undefined ? {} : {cwd}),
    ...(input === undefined ? {stdin: 'ignore'} : {input}),
    ...(signal === undefined ? {} : {cancelSignal: signal}),
  });
  if (signal?.aborted) return failed(fault('run.interrupted', 'interrupted while building an image'));
  if (!ended.failed) return ok({stdout: ended.stdout, stderr: ended.stderr});
  const said = ended.stderr.trim().split('\n');
  const last = said.findLast((line) => line.startsWith('E: ')) ?? said.at(-1);
  return failed(
    fault('image.build-failed', `${program}: ${last || ended.shortMessage}`, {detail: {output: said.slice(-20)}}),
  );
}

/** `argv` such that it may make files of any owner: as it is for root, else in a user namespace. */
export function asOwner(argv: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return process.getuid?.() === 0 ? argv : ['unshare', '--map-root-user', '--map-auto', '--', ...argv];
}

/** Where GRUB's packages put their modules. */
export const grubFolder = '/usr/lib/grub';

const packages: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  mformat: 'mtools',
  mcopy: 'mtools',
  'grub-mkimage': 'grub-common',
  [`${grubFolder}/i386-pc/boot.img`]: 'grub-pc-bin',
  [`${grubFolder}/x86_64-efi/linux.mod`]: 'grub-efi-amd64-bin',
  mke2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
  dumpe2fs: 'e2fsprogs',
  sfdisk: 'fdisk',
  tar: 'tar',
};

/** A fault that names the one command which installs what is missing here, if anything is. */
export async function checkTools(): Promise<Result<void>> {
  const needed = {...packages, ...(process.getuid?.() === 0 ? {} : {unshare: 'util-linux', newuidmap: 'uidmap'})};
  const missing = new Set<string>();
  for (const [program, from] of Object.entries(needed)) if (!(await present(program))) missing.add(from);
  if (missing.size === 0) return ok(undefined);
  const command = `apt-get install --no-install-recommends ${[...missing].sort().join(' ')}`;
  return failed(fault('image.build-failed', `programs are missing; as root: ${command}`, {next: command}));
}

async function present(program: string): Promise<boolean> {
  const places = program.startsWith('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  for (const place of places) {
    try {
      await access(place, program.startsWith('/') ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      // Not here.
    }
  }
  return false;
}
