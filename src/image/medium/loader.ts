import {createHash, randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import type {Pool} from '../light/pool.ts';

/** A CD of a megabyte whose GRUB starts one disk of a BIOS machine. */
export interface LoaderIso {
  readonly file: string;
  readonly sha256: Sha256;
  /** What a start from it reads. */
  readonly bootBytes: number;
}

/** A disk that is not there switches the machine off: that is seen from outside, and standing at a prompt is not. */
export const loaderConfig = (uuid: string): string => `\
serial --unit=0 --speed=115200
terminal_input console
terminal_output console serial
echo "REBUILD loader: looking for the staged disk"
if search --no-floppy --fs-uuid --set=root ${uuid}; then
  if chainloader +1; then
    echo "REBUILD loader: starting ($root)"
    boot
  fi
fi
echo "REBUILD loader: no disk can be started, switching off"
sleep 5
halt
`;

const modules = `
  biosdisk boot chain configfile echo halt iso9660 memdisk newc normal reboot search search_fs_uuid serial sleep terminal
  test
`
  .trim()
  .split(/\s+/);

const epoch = new Date(0);

/** Makes the loader for the disk whose file system GRUB knows by `uuid`. The same packages give the same bytes. */
export async function makeLoader(pool: Pool, uuid: string, out: string): Promise<Result<LoaderIso>> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-loader-'));
  const draft = `${out}.${randomBytes(4).toString('hex')}.new`;
  try {
    const [memory, start, image] = ['memory.cpio', 'start.cfg', 'loader.img'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const content = Buffer.from(loaderConfig(uuid));
    await writeFile(memory, cpio([{type: 'file', path: 'grub.cfg', mode: 0o644, content}]));
    // GRUB would offer its prompt after a configuration without a menu; this runs before it gets there.
    await writeFile(start, 'configfile (memdisk)/grub.cfg\nhalt\n');
    const library = join(pool.root, 'usr/lib/grub/i386-pc');
    const given = ['--prefix', '(memdisk)', '--memdisk', memory, '--config', start, '-o', image];
    const made = await pool.run(['grub-mkimage', '-O', 'i386-pc-eltorito', '-d', library, ...given, ...modules]);
    if (!made.ok) return made;
    await utimes(image, epoch, epoch);
    await mkdir(dirname(out), {recursive: true});
    const argv = [
      ['xorriso', '-as', 'mkisofs', '-quiet', '-o', draft, '-V', 'REBUILD_LOADER', '-r', '-graft-points'],
      // Folders that only the medium has would get the time of day. To xorriso a zero is no time at all.
      ['-sysid', '', '-publisher', '', '-p', '', '--set_all_file_dates', '=1'],
      ['-b', 'loader.img', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '-c', 'boot.cat'],
      [`loader.img=${image}`],
    ].flat();
    const assembled = await pool.run(argv, {env: {SOURCE_DATE_EPOCH: '1', HOME: folder}});
    if (!assembled.ok) return assembled;
    const sha256 = createHash('sha256')
      .update(await readFile(draft))
      .digest('hex') as Sha256;
    const {size: bootBytes} = await stat(image);
    await rename(draft, out);
    return ok({file: out, sha256, bootBytes});
  } finally {
    await rm(folder, {recursive: true, force: true});
    await rm(draft, {force: true});
  }
}
