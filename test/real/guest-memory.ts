import {createHash} from 'node:crypto';
import {glob, open, readFile} from 'node:fs/promises';

const pieceBytes = 4 << 20;

/** The QEMU process that was given a path, as the kernel lists it. */
async function qemuOf(path: string): Promise<string> {
  for await (const folder of glob('/proc/[0-9]*')) {
    const argv = await readFile(`${folder}/cmdline`, 'utf8').catch(() => '');
    if (argv.startsWith('qemu-system') && argv.includes(path)) return folder;
  }
  throw new Error(`no QEMU was given ${path}`);
}

/**
 * SHA-256 of a stretch of the guest's memory below 4 GiB, read from QEMU itself: nothing in the guest is asked. A q35
 * with at most 2 GiB has all of it in one piece, the largest mapping of its process, from guest address 0 on.
 */
export async function memoryDigest(path: string, from: number, bytes: number): Promise<string> {
  const folder = await qemuOf(path);
  const maps = (await readFile(`${folder}/maps`, 'utf8')).split('\n').flatMap((line) => {
    const [, first, last] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    return first && last ? [{at: Number.parseInt(first, 16), end: Number.parseInt(last, 16)}] : [];
  });
  const {at, end} = maps.reduce((a, b) => (b.end - b.at > a.end - a.at ? b : a));
  if (at + from + bytes > end) throw new Error('the guest has less memory');
  const hash = createHash('sha256');
  await using memory = await open(`${folder}/mem`);
  const piece = Buffer.alloc(pieceBytes);
  for (let done = 0; done < bytes;) {
    const {bytesRead} = await memory.read(piece, 0, Math.min(pieceBytes, bytes - done), at + from + done);
    if (bytesRead === 0) throw new Error('the guest’s memory cannot be read');
    hash.update(piece.subarray(0, bytesRead));
    done += bytesRead;
  }
  return hash.digest('hex');
}
