import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {join} from 'node:path';
import {device} from '../stage-disk.ts';
import type {Contestant} from './contestant.ts';
import type {Order, Told} from './engine.ts';

/**
 * The real thing: the controller's code as a process at the source, at the target the light system's own SSH server and
 * agent, with a file for a disk. When the clock starts, the process has read its image, the disk carries the latch of the
 * wipe, and the one connection is open over which a rebuild has wiped it and asks what is there; none that carries the
 * image is.
 */
export const ours = (way: Order['way']): Contestant => ({
  name: `rebuild, ${way}`,
  types: 'rebuild HOST',
  sends: 'compressed',
  needs: 'agent',
  ready: async (place) => {
    const {light, image, http, link} = place;
    if (!light) throw new Error('there is no agent');
    const order: Order = {
      way,
      dir: image.stored.dir,
      bytes: image.bytes,
      login: light.login,
      http,
    };
    const engine = join(import.meta.dirname, 'engine.ts');
    const [program, ...words] = link.at('source', [process.execPath, engine, JSON.stringify(order)]);
    const child = spawn(program, words, {stdio: ['pipe', 'pipe', 'inherit']});
    const lines = createInterface({input: child.stdout});
    const next = async (): Promise<string> => {
      const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
      if (line === undefined) throw new Error('the engine ended');
      return line;
    };
    if ((await next()) !== 'ready') throw new Error('the engine is not ready');
    return {
      disk: light.stage.disk(device),
      async go(signal) {
        const stop = () => void child.kill('SIGKILL');
        signal.addEventListener('abort', stop, {once: true});
        const line = next();
        child.stdin.write('go\n');
        const told = JSON.parse(await line) as Told;
        signal.removeEventListener('abort', stop);
        if (told.fault !== undefined) throw new Error(told.fault);
        return {...told.counts};
      },
      async close() {
        child.kill('SIGKILL');
      },
    };
  },
});
