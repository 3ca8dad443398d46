import {readFile} from 'node:fs/promises';
import type {BlankLab} from './blank-lab.ts';

/** Seconds of the light system's own uptime at which its serial console showed a stage; of its last start. */
export async function stageAt({lab}: BlankLab, stage: string): Promise<number> {
  const text = await readFile(lab.folder.serialConsole, 'latin1');
  const found = uptimeOf(text, stage);
  if (found === undefined) throw new Error(`the console does not show stage=${stage}`);
  return found;
}

export function uptimeOf(console: string, stage: string): number | undefined {
  const shown = [...console.matchAll(/REBUILD (\d+\.\d+) stage=([a-z-]+)/g)].findLast(([, , name]) => name === stage);
  return shown && Number(shown[1]);
}
