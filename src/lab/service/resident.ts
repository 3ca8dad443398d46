import {type ChildProcess, spawn, type StdioOptions} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {searchPath} from '../program.ts';

/** A program that lives on one of the lab's stations for as long as the keeper does. */
export interface Resident {
  readonly child: ChildProcess;
  /** Ends it and waits for its end. */
  end(): Promise<void>;
}

export interface ResidentProgram {
  readonly argv: readonly string[];
  /** The station's argv prefix. */
  readonly on: readonly string[];
  readonly log: string;
  /** Opens Node's message channel to it. */
  readonly channel?: boolean;
}

/** Starts it so that the kernel ends it when the keeper goes, however it goes (prctl(2), PR_SET_PDEATHSIG). */
export function settle({argv, on, log, channel = false}: ResidentProgram): Resident {
  const output = openSync(log, 'a', 0o600);
  const stdio: StdioOptions = channel ? ['ignore', output, output, 'ipc'] : ['ignore', output, output];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...on, ...argv], {
    stdio,
    env: {PATH: searchPath, LC_ALL: 'C.UTF-8'},
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    child,
    async end() {
      if (child.pid === undefined) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
