import {homedir} from 'node:os';
import {join} from 'node:path';

/** Where rebuild keeps what it knows (journal, run keys, lab) and what it can make again (packages, images). */
export interface Home {
  readonly state: string;
  readonly cache: string;
}

export function home(environment: NodeJS.ProcessEnv = process.env): Home {
  const state =
    environment['REBUILD_HOME'] ?? join(environment['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'rebuild');
  const cache =
    environment['REBUILD_CACHE'] ?? join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rebuild');
  return {state, cache};
}
