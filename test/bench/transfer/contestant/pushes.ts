import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Place} from '../place.ts';
import {flush, unpackTo, untilDone, type Contestant} from './contestant.ts';

/** The source sends one file through SSH, and goes on where it was after each cut. */
function sending(
  name: string,
  sends: Contestant['sends'],
  types: string,
  command: (place: Place, from: string, to: string) => Promise<readonly string[]>,
): Contestant {
  return {
    name,
    sends,
    types: `${types}${sends === 'raw' ? '' : '; zstd -dc FILE | dd of=DISK'}`,
    ready: async (place) => {
      const {folder} = place.image;
      const [from, to] =
        sends === 'raw'
          ? [join(folder, 'image.raw'), join(place.folder, 'received')]
          : [join(folder, 'image.zst'), join(place.folder, 'image.zst')];
      await writeFile(to, '');
      const argv = await command(place, from, to);
      return {
        ...(sends === 'raw' && {disk: to}),
        async go(signal) {
          const starts = await untilDone(place, 'source', argv, signal);
          if (sends === 'compressed') return {starts, unpackSeconds: await unpackTo(place, to, signal)};
          await flush(place, to, signal);
          return {starts};
        },
      };
    },
  };
}

/** `--append` sends what is beyond the receiver's length, without reading again what lies before: the fastest there is. */
export const rsync = (sends: Contestant['sends']): Contestant =>
  sending('rsync', sends, 'until rsync --append --inplace FILE TARGET; do :; done', async ({ssh}, from, to) => [
    'rsync',
    '--append',
    '--inplace',
    '--timeout=30',
    '-e',
    ['ssh', '-p', ssh.port, ...ssh.options].join(' '),
    from,
    `${ssh.user}@${ssh.address}:${to}`,
  ]);

export const sftp = (sends: Contestant['sends']): Contestant =>
  sending('sftp', sends, 'until echo reput FILE | sftp -b - TARGET; do :; done', async ({ssh, folder}, from, to) => {
    const batch = join(folder, 'batch');
    await writeFile(batch, `reput ${from} ${to}\n`);
    return ['sftp', '-q', '-b', batch, '-P', String(ssh.port), ...ssh.options, `${ssh.user}@${ssh.address}`];
  });
