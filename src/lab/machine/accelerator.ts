import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {spawn} from 'node:child_process';
import {systemClock} from '../../clock.ts';
import {until} from '../../pace.ts';
import {searchPath} from '../program.ts';

const probeMs = 4_000;

/**
 * Whether KVM really runs a guest here. `/dev/kvm` alone proves nothing (nested, forbidden, or broken), so SeaBIOS is
 * started under it and must get as far as its first word on its debug port (0x402).
 */
export async function findAccelerator(): Promise<'kvm' | 'tcg'> {
  if (!existsSync('/dev/kvm')) return 'tcg';
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-kvm-'));
  const words = join(folder, 'words');
  const child = spawn(
    'qemu-system-x86_64',
    [
      ['-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '64', '-nodefaults', '-no-user-config'],
      ['-display', 'none', '-debugcon', `file:${words}`, '-global', 'isa-debugcon.iobase=0x402'],
    ].flat(),
    {stdio: 'ignore', env: {PATH: searchPath}},
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const abort = new AbortController();
  void ended.then(() => abort.abort());
  const spoke = await until(
    async () => ((await readFile(words, 'utf8').catch(() => '')).includes('SeaBIOS') ? true : undefined),
    {everyMs: 50, deadlineMs: probeMs, clock: systemClock, signal: abort.signal},
  );
  if (child.pid !== undefined) {
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, {recursive: true, force: true});
  return spoke.end === 'met' ? 'kvm' : 'tcg';
}
