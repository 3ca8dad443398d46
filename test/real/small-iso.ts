import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {runProgram} from '../../src/lab/program.ts';

/** A bootable CD of a few dozen MB (BIOS and UEFI) whose GRUB says `words` on the serial console and then reads on. */
export async function smallIso(directory: string, words: string): Promise<string> {
  const tree = join(directory, 'tree');
  await mkdir(join(tree, 'boot/grub'), {recursive: true});
  await writeFile(join(tree, 'payload'), Buffer.alloc(24 * 2 ** 20, 'rebuild '));
  await writeFile(
    join(tree, 'boot/grub/grub.cfg'),
    `serial --unit=0 --speed=115200
terminal_output serial console
echo "${words}"
while sha256sum /payload; do
  sleep 1
  echo "read"
done
echo "stage=lost"
sleep --interruptible 3600
`,
  );
  const iso = join(directory, 'small.iso');
  const made = await runProgram(['grub-mkrescue', '--output', iso, tree]);
  if (!made.ok) throw new Error(made.fault.says);
  return iso;
}
