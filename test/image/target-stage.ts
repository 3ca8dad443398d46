import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {cp, glob, mkdir, mkdtemp, open, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {quote} from '../../src/device/ssh/quote.ts';
import {changing} from '../../src/device/target/link.ts';

/**
 * The light system's agent as it is, in a mount namespace of its own: files stand in for disks under /dev, and /sys/block,
 * /run and /etc are the stage's. The agent has no switch for tests, so nothing in the image can be weakened by one.
 * What only a real kernel has (partitions, mounts, write-zeroes) is in test/real.
 */
export interface Stage {
  readonly folder: string;
  disk(name: string): string;
  addDisk(disk: StageDisk): Promise<void>;
  plan(lines: readonly string[]): Promise<void>;
  /** A program for sshd's ForceCommand: what is asked over SSH happens on the stage. */
  entrance(): Promise<string>;
  /** argv as it runs on the stage. */
  at(argv: readonly string[]): readonly string[];
  run(verb: readonly string[], stdin?: string | Uint8Array): Promise<Ran>;
  start(verb: readonly string[]): ChildProcess;
  /** What was in RAM is gone: /run is empty, and whatever was at work is no more. */
  restart(): Promise<void>;
  remove(): Promise<void>;
}

export interface StageDisk {
  readonly name: string;
  readonly bytes: number;
  /** Path below /sys/block/NAME and content. */
  readonly attributes: Readonly<Record<string, string | Uint8Array>>;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const system = join(import.meta.dirname, '../../src/image/light/system');
/** As the first controller of all would ask. */
const leased = (verb: readonly string[]): readonly string[] =>
  changing.has(verb[0] ?? '') ? ['lease', '1', ...verb] : verb;
/** Where the stage holds the agent. */
const agent = '/mnt/target';
/** What a login asked of the agent, for a shell: in the light system it lies at a path that this machine does not have. */
export const agentAsked = `${agent}\${SSH_ORIGINAL_COMMAND#"'/usr/lib/rebuild/target'"}`;

/** `unshare --mount` needs CAP_SYS_ADMIN. */
export const canStage = ((): boolean => {
  try {
    execFileSync('unshare', ['--mount', '--propagation', 'private', 'true'], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
})();

/** A writer outlives the connection that started it, and must not outlive its stage. */
function endSession(leader: string): void {
  try {
    process.kill(-Number(leader), 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

// The agent's `settle` powers the machine off through sysrq: on the stage that is a file, or nothing starts.
const setting = `set -eu
stage=$1; shift
# The firmware's variables are this machine's own, which no test may touch.
while umount /sys/firmware/efi/efivars 2>/dev/null; do :; done
[ ! -e /proc/sysrq-trigger ] || mount --bind "$stage/sysrq" /proc/sysrq-trigger
mount --bind "$stage/block" /sys/block
for device in null zero; do mount --bind "/dev/$device" "$stage/dev/$device"; done
mount --rbind "$stage/dev" /dev
mount --bind "$stage/etc" /etc
mount --bind "$stage/run" /run
mount --bind "$stage/lib" /mnt
# Programs of the stage's own stand in for those that talk to a real drive.
[ ! -e "$stage/tools" ] || mount --bind "$stage/tools" /usr/sbin
`;

/** The stage's mount namespace, held by a process that ends with this one: what is asked costs no mounts of its own. */
async function standing(folder: string): Promise<{readonly pid: number; end(): Promise<void>}> {
  const argv = ['--mount', '--propagation', 'private', 'sh', '-c', `${setting}echo set && exec cat`, 'sh', folder];
  const holder = spawn('unshare', argv, {stdio: ['pipe', 'pipe', 'pipe']});
  let said = '';
  holder.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = once(holder, 'close');
  const set = await Promise.race([once(holder.stdout, 'data'), ended.then(() => undefined)]);
  if (set === undefined || holder.pid === undefined) throw new Error(`the stage cannot be set: ${said}`);
  holder.unref();
  return {
    pid: holder.pid,
    async end() {
      holder.ref();
      holder.stdin.end();
      await ended;
    },
  };
}

/** `tools`: programs, by name and text, that alone are in /usr/sbin. */
export async function makeStage(tools: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-stage-'));
  for (const name of ['block', 'dev', 'etc/rebuild', 'etc/dropbear', 'run', 'lib'])
    await mkdir(join(folder, name), {recursive: true});
  for (const name of ['dev/null', 'dev/zero', 'sysrq']) await writeFile(join(folder, name), '');
  if (Object.keys(tools).length > 0) await mkdir(join(folder, 'tools'));
  for (const [name, text] of Object.entries(tools)) await writeFile(join(folder, 'tools', name), text, {mode: 0o755});
  await writeFile(join(folder, 'etc/dropbear/host_ed25519'), 'the run’s own host key');
  await cp(system, join(folder, 'lib'), {recursive: true});
  const set = await standing(folder);
  const enter = (argv: readonly string[]): readonly [string, ...string[]] => [
    'nsenter',
    `--mount=/proc/${set.pid}/ns/mnt`,
    '--',
    ...argv,
  ];
  const start = (verb: readonly string[]): ChildProcess => {
    const [file, ...args] = enter([agent, ...leased(verb)]);
    return spawn(file, args, {stdio: 'pipe'});
  };
  const endWriters = async (): Promise<void> => {
    for await (const file of glob(join(folder, 'run/rebuild/write-*/worker'))) endSession(await readFile(file, 'utf8'));
  };
  return {
    folder,
    start,
    at: enter,
    async entrance() {
      const path = join(folder, 'enter');
      await writeFile(path, `#!/bin/sh\nexec ${quote(enter(['sh', '-c']))} "${agentAsked}"\n`, {mode: 0o755});
      return path;
    },
    disk: (name) => join(folder, 'dev', name),
    async addDisk({name, bytes, attributes}) {
      // Should the stage ever be left, the name must lead nowhere.
      if (existsSync(join('/dev', name))) throw new Error(`this machine has a /dev/${name} of its own`);
      const file = await open(join(folder, 'dev', name), 'w');
      await file.truncate(bytes);
      await file.close();
      const defaults = {size: `${bytes / 512}`, ro: '0', removable: '0', 'queue/rotational': '0', 'device/.there': ''};
      for (const [path, content] of Object.entries({...defaults, ...attributes})) {
        await mkdir(join(folder, 'block', name, path, '..'), {recursive: true});
        await writeFile(join(folder, 'block', name, path), content);
      }
      await mkdir(join(folder, 'block', name, 'holders'));
    },
    async plan(lines) {
      await writeFile(join(folder, 'etc/rebuild/plan'), lines.map((line) => `${line.replace(' ', '\t')}\n`).join(''));
    },
    async run(verb, stdin = '') {
      const child = start(verb);
      let [stdout, stderr] = ['', ''];
      child.stdout?.on('data', (data: Buffer) => (stdout += data.toString('latin1')));
      child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
      child.stdin?.on('error', () => {});
      child.stdin?.end(stdin);
      const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 128)));
      return {code, stdout, stderr};
    },
    async restart() {
      await endWriters();
      await rm(join(folder, 'run/rebuild'), {recursive: true, force: true, maxRetries: 5});
    },
    async remove() {
      await endWriters();
      await set.end();
      await rm(folder, {recursive: true, force: true, maxRetries: 5});
    },
  };
}
