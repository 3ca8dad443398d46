import {createHash} from 'node:crypto';
import type {InstallFile} from '../../step/world/target.ts';

/** Files as the agent's `put` reads them: `file MODE LENGTH SHA256 PATH`, then the bytes. */
export function packFiles(files: readonly InstallFile[]): Uint8Array {
  return Buffer.concat(
    files.flatMap(({path, mode, content}) => {
      const bytes = Buffer.from(content, 'utf8');
      const digest = createHash('sha256').update(bytes).digest('hex');
      const octal = mode.toString(8).padStart(3, '0');
      return [Buffer.from(`file ${octal} ${bytes.length} ${digest} ${path}\n`), bytes];
    }),
  );
}
