import type {BootFile, Launch} from '../../step/world/image.ts';

const file = (word: string, {offset, length, sha256}: BootFile): string => `${word} ${offset} ${length} ${sha256}\n`;

/** The orders as the agent's `launch` reads them (`src/image/light/system/target-launch`). */
export function launchText({kernel, initrd, options}: Launch): string {
  return `${file('kernel', kernel)}${file('initrd', initrd)}options ${options}\nend\n`;
}
