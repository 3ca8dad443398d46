import {chmod, mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Tell} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import {overlay} from './overlay.ts';
import {dpkgOptions, kernelPackage, type OsRecipe} from './recipe.ts';
import {runTool} from '../debian/tool.ts';

/** Every file that a build writes carries at most this time, so that a build tomorrow gives the same bytes. */
export const epoch = 1_700_000_000;

const treeName = 'tree.tar';
// On a slow line the packages alone, 110 MB, take their time.
const limitMs = 60 * 60_000;

export interface Tree {
  readonly tar: string;
  /** `name version` of every package, sorted. */
  readonly packages: readonly string[];
}

/**
 * Installs the recipe's packages into a tar archive. Needs root, or user namespaces with /etc/subuid; mmdebstrap's own
 * choice of mode is told by who runs it.
 */
export async function makeTree(
  recipe: OsRecipe,
  sources: readonly string[],
  work: string,
  {progress, signal}: {readonly progress: Tell; readonly signal?: AbortSignal},
): Promise<Result<Tree>> {
  progress({says: `installing ${recipe.packages.length + 1} packages and what they depend on`});
  await writeOverlay(join(work, 'overlay'));
  const root = process.getuid?.() === 0;
  // In a user namespace mmdebstrap works as a user who may not enter our folder; the system's own /tmp is open to all.
  const env = {SOURCE_DATE_EPOCH: String(epoch), TMPDIR: root ? work : '/tmp'};
  const owned = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', `--mtime=@${epoch}`];
  const packed = await runTool(['tar', '--create', ...owned, '--directory=overlay', '--file=overlay.tar', '.'], {
    cwd: work,
  });
  if (!packed.ok) return packed;
  const built = await runTool(
    [
      'mmdebstrap',
      `--mode=${root ? 'root' : 'unshare'}`,
      '--format=tar',
      '--variant=minbase',
      '--architectures=amd64',
      '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
      // The kernel fills /dev; an ordinary user could not make its nodes. The folder itself is made with the file system.
      '--skip=output/dev',
      `--include=${[...recipe.packages, kernelPackage[recipe.kernel]].join(',')}`,
      ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
      // Before the packages, for the initramfs; after them, over what mmdebstrap copied from this machine.
      '--setup-hook=tar-in overlay.tar /',
      ...finish.map((hook) => `--customize-hook=${hook}`),
      '--customize-hook=tar-in overlay.tar /',
      recipe.suite,
      treeName,
      ...sources,
    ],
    {
      cwd: work,
      env,
      timeoutMs: limitMs,
      heard: (text) => {
        const says = stageOf(text);
        if (says !== undefined) progress({says});
      },
      ...(signal && {signal}),
    },
  );
  if (!built.ok) return built;
  const tar = join(work, treeName);
  const status = await runTool(['tar', '--extract', '--to-stdout', `--file=${tar}`, './var/lib/dpkg/status']);
  return status.ok ? ok({tar, packages: packagesOf(status.value)}) : status;
}

/** What mmdebstrap is at, from the last of its lines: `I: extracting archives...`. It does not say how far. */
export const stageOf = (text: string): string | undefined =>
  [...text.matchAll(/^I: ([a-z][\w /.-]*?)\.*$/gm)].at(-1)?.[1];

// Shell text is mmdebstrap's own interface; these are constants, "$1" is the tree.
const finish: readonly string[] = [
  'chroot "$1" systemctl enable systemd-networkd.service',
  // An unattended machine must not be changed, nor its disk read through, by a timer nobody asked for.
  'chroot "$1" systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service',
  // Identity is made per host, by the controller.
  'rm -f "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id "$1"/var/lib/systemd/random-seed',
  ': > "$1"/etc/machine-id',
  'rm -rf "$1"/var/log/* "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old "$1"/boot/System.map-*',
];

async function writeOverlay(folder: string): Promise<void> {
  for (const {path, mode, content} of overlay) {
    const file = join(folder, path);
    await mkdir(dirname(file), {recursive: true, mode: 0o755});
    await writeFile(file, content);
    await chmod(file, mode);
  }
}

/** `name version` of each installed package in a dpkg status file. */
export function packagesOf(status: string): readonly string[] {
  return status
    .split('\n\n')
    .flatMap((paragraph) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1];
      const [name, version] = [field('Package'), field('Version')];
      return name && version && field('Status')?.endsWith(' installed') ? [`${name} ${version}`] : [];
    })
    .sort();
}
