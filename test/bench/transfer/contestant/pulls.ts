import {join} from 'node:path';
import {flush, unpackTo, untilDone, type Contestant} from './contestant.ts';

/** The target fetches one file over HTTP, and goes on where it was after each cut. */
function fetching(
  name: string,
  sends: Contestant['sends'],
  command: (url: string, folder: string, file: string) => readonly string[],
): Contestant {
  return {
    name,
    sends,
    types: `until ${command('URL', 'FOLDER', 'FILE').join(' ')}; do :; done${sends === 'raw' ? '' : '; zstd -dc FILE | dd of=DISK'}`,
    ready: async (place) => {
      const [url, file] =
        sends === 'raw' ? [place.url('image.raw'), 'received'] : [place.url('image.zst'), 'image.zst'];
      const received = join(place.folder, file);
      return {
        ...(sends === 'raw' && {disk: received}),
        async go(signal) {
          const starts = await untilDone(place, 'target', command(url, place.folder, file), signal);
          if (sends === 'compressed') return {starts, unpackSeconds: await unpackTo(place, received, signal)};
          await flush(place, received, signal);
          return {starts};
        },
      };
    },
  };
}

export const curl = (sends: Contestant['sends']): Contestant =>
  fetching('curl', sends, (url, folder, file) => ['curl', '-sSf', '-C', '-', '-o', join(folder, file), url]);

export const aria2 = (sends: Contestant['sends']): Contestant =>
  fetching('aria2c', sends, (url, folder, file) => [
    'aria2c',
    ...'-q -c -x 8 -s 8 -k 1M --file-allocation=none --allow-overwrite=true --max-tries=0 --retry-wait=0'.split(' '),
    '-d',
    folder,
    '-o',
    file,
    url,
  ]);

/** Reads the image over HTTP onto the disk as it comes; it knows no going on. */
export const bmaptool = (sends: Contestant['sends']): Contestant => ({
  name: 'bmaptool',
  sends,
  types: 'until bmaptool copy --bmap FILE URL DISK; do :; done',
  ready: async (place) => ({
    async go(signal) {
      const argv = ['bmaptool', '-q', 'copy', '--bmap', join(place.image.folder, 'image.bmap')];
      const url = place.url(sends === 'raw' ? 'image.raw' : 'image.zst');
      return {starts: await untilDone(place, 'target', [...argv, url, place.disk], signal)};
    },
  }),
});
