import {stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import type {Progress} from '../../progress.ts';
import type {Deb} from './fetch.ts';

/** How much of `debs` lies in `dir`, or is on its way there: apt writes below `partial` what is not whole yet. */
export async function downloaded(debs: readonly Deb[], dir: string): Promise<Progress> {
  const sizes = await Promise.all(
    debs.map(async ({file, bytes}) => {
      const places = [file, join(dir, 'partial', basename(file))];
      const found = await Promise.all(places.map(sizeOf));
      return Math.min(bytes, Math.max(...found));
    }),
  );
  return {says: 'fetching packages', done: sum(sizes), of: sum(debs.map(({bytes}) => bytes)), unit: 'bytes'};
}

const sum = (all: readonly number[]): number => all.reduce((total, size) => total + size, 0);

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({size}) => size,
    () => 0,
  );
