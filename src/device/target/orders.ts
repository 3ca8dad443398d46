import type {Chunk, DiskImage, ImageSource} from '../../step/world/image.ts';

/** The file of an image's packed chunks, below a source's own path. */
export const blobPath = ({path}: ImageSource, {digest}: Pick<DiskImage, 'digest'>): string =>
  `${path}/${digest}/chunks.zst`;

/** Where each chunk begins in the file of packed chunks: they lie there in the image's order, one after the other. */
export function places({chunks}: DiskImage): ReadonlyMap<number, number> {
  let at = 0;
  return new Map(
    chunks.map(({index, packedLength}) => {
      at += packedLength;
      return [index, at - packedLength];
    }),
  );
}

/**
 * The order in which chunks are brought. Each costs the target the same work, whatever it is packed to: while one that is
 * long comes, it does the work of those that were short. With the longest last, the fewest are on their way together in
 * the end, and wait for it.
 */
export function inTurn(want: readonly Chunk[]): readonly Chunk[] {
  return want.toSorted((one, other) => one.packedLength - other.packedLength);
}

/** The orders as the agent's `write` reads them (`src/image/light/system/target-write`). */
export function ordersText(image: DiskImage, want: readonly Chunk[], from: readonly ImageSource[]): string {
  const place = places(image);
  const sources = from.map((source, number) => {
    const {address, port, host} = source;
    return `source ${number} ${address} ${port} ${host} ${blobPath(source, image)}\n`;
  });
  const chunks = inTurn(want).map(({index, offset, length, packedLength, packed, raw}) => {
    const at = place.get(index);
    if (at === undefined) throw new Error(`chunk ${index} is not of image ${image.digest}`);
    return `chunk ${index} ${offset} ${length} ${packedLength} ${packed} ${raw} ${at}\n`;
  });
  return [...sources, ...chunks, 'end\n'].join('');
}
