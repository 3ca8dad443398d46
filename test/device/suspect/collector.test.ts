import {spawn, spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {chmod, copyFile, mkdir, mkdtemp, readFile, rm, rmdir, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {collectorScript} from '../../../src/device/suspect/collector/collector.ts';

// The collector's own script on this machine, in a mount namespace of the test's: what it must see, and that what it did
// not get is told by how it ends.

/** Its place, as on a suspect: in memory. */
let scratch: string;
/** What the test plants. */
let lair: string;
beforeEach(async () => {
  scratch = await mkdtemp('/dev/shm/ours-');
  lair = await mkdtemp('/tmp/lair-');
  await writeFile(join(scratch, 'b'), collectorScript);
  await copyFile('/usr/bin/busybox', join(scratch, 'busybox'));
  await chmod(join(scratch, 'busybox'), 0o755);
});
afterEach(async () => {
  await rm(scratch, {recursive: true, force: true});
  await rm(lair, {recursive: true, force: true});
});

/** An applet that does something else: the lines of a POSIX shell's `case` over its name. */
const without = (broken: string): string => `#!/bin/sh\ncase $1 in\n${broken}\nesac\nexec /usr/bin/busybox "$@"\n`;

interface Told {
  readonly code: number | null;
  readonly out: Buffer;
  readonly said: string;
}

/** `world` is done to the machine first, in a namespace of mounts that nobody else sees. */
async function collect(
  verb: readonly string[],
  {world = '', broken = ''}: {readonly world?: string; readonly broken?: string} = {},
): Promise<Told> {
  const tool = join(scratch, 'busybox');
  if (broken !== '') await writeFile(tool, without(broken));
  const ran = spawnSync(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      `${world}
outside=$(readlink /proc/self/ns/mnt)
exec timeout 50 /usr/bin/busybox env -i PATH=/nowhere LC_ALL=C OUTSIDE="$outside" \
  "$0" unshare -m "$0" sh "\${0%/*}/b" "$@"`,
      tool,
      ...verb,
    ],
    {maxBuffer: 2 ** 30},
  );
  return {code: ran.status, out: ran.stdout, said: ran.stderr.toString('latin1')};
}

const text = (field = ''): string => Buffer.from(field, 'base64').toString('latin1');
const records = ({out}: Told): readonly (readonly string[])[] =>
  out
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
const fieldOf = (told: Told, key: string): string => text(records(told).find(([name]) => name === key)?.[1]);

test('shellcheck has nothing to say of it', () => {
  const checked = spawnSync('shellcheck', ['-'], {input: collectorScript, encoding: 'utf8'});
  expect(checked.stdout).toBe('');
  expect(checked.status).toBe(0);
});

// Mount namespaces, and mounts in them.
const root = process.getuid?.() === 0;

describe.runIf(root)('what is not had is told by how it ends', () => {
  test.each([
    ['programs', 'sha256sum) exit 1 ;;', /^not whole: \d+ programs$/],
    ['network', '"ip") [ "$2" != neigh ] || exit 1 ;;', /^not whole: neighbours$/],
    ['kernel', 'dmesg) echo part; exit 1 ;;', /^not whole: messages$/],
    // More than a field takes.
    ['kernel', 'dmesg) exec /usr/bin/busybox yes ;;', /^not whole: messages$/],
    ['clock', 'base64) exit 1 ;;', /^not whole: now, uptime, .*release$/],
    ['names', 'find) echo "find: /x: Input/output error" >&2; exit 1 ;;', /^find: \/x: Input\/output error$/],
    ['bodyfile', 'stat) exit 1 ;; find) printf "/etc\\0"; exit ;;', /^$/],
  ])('%s where %s', {timeout: 60_000}, async (verb, broken, says) => {
    const told = await collect([verb], {broken});
    expect(told.code).toBe(1);
    expect(told.said.split('\n').at(-2) ?? '').toMatch(says);
  });

  test('but what is gone by the time it comes to it is no lack', async () => {
    const gone = "stat) echo \"stat: can't stat '/x': No such file or directory\" >&2; exit 1 ;;";
    const told = await collect(['bodyfile'], {broken: `${gone} find) printf "/x\\0"; exit ;;`});
    expect(told).toMatchObject({code: 0, said: ''});
  });

  test('a verb that there is not', async () => {
    expect(await collect(['nothing'])).toMatchObject({code: 1, said: 'not whole: nothing\n'});
  });
});

// Numbers of system calls on x86-64: memfd_create 319, bpf 321.
async function holding<T>(what: string, see: (pid: number) => Promise<T>): Promise<T> {
  const held = spawn('perl', ['-e', `$| = 1; ${what} print "ready\\n"; sleep 600`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(held.stdout, 'data');
    return await see(held.pid ?? 0);
  } finally {
    held.kill();
  }
}

describe.runIf(root)('processes', () => {
  test('what hangs of ours is ended when it leaves, and nothing of ours stays', async () => {
    const hangs = spawn(join(scratch, 'busybox'), ['sleep', '600'], {stdio: 'ignore'});
    const other = spawn('/usr/bin/busybox', ['sleep', '600'], {stdio: 'ignore'});
    await Promise.all([once(hangs, 'spawn'), once(other, 'spawn')]);
    hangs.kill('SIGSTOP');
    const ended = once(hangs, 'exit');
    try {
      expect(await collect(['leave'])).toMatchObject({code: 0, said: ''});
      expect(await ended).toEqual([null, 'SIGKILL']);
      expect(other.exitCode ?? other.signalCode).toBeNull();
      expect(existsSync(scratch)).toBe(false);
    } finally {
      hangs.kill('SIGKILL');
      other.kill('SIGKILL');
    }
  });

  test('each number that a process can have is tried, and one that is not listed is found', async () => {
    const hider = spawn('sleep', ['600']);
    await once(hider, 'spawn');
    try {
      const open = await collect(['hidden']);
      expect(open.code).toBe(0);
      const most = (await readFile('/proc/sys/kernel/pid_max', 'utf8')).trim();
      expect(fieldOf(open, 'tried')).toBe(`1 to ${most}\n`);
      expect(records(open).map(([key]) => key)).toEqual(['tried']);
      // As it is done: something else is mounted over its entry, which stays where it was.
      const covered = await collect(['hidden'], {world: `mount --bind ${lair} /proc/${hider.pid}`});
      expect(covered.code).toBe(0);
      expect(records(covered).map(([key]) => key)).toEqual([String(hider.pid), 'tried']);
    } finally {
      hider.kill();
    }
  });

  test('a file in memory without a name is kept, whatever it is called', async () => {
    const make = `sub make { my $name = shift; my $fd = syscall(319, $name, 0); open(my $file, ">&=", $fd); push @held, $file; syswrite($file, "orders from $fd"); }
      make("plain"); make("one 1 -> /memfd:x\\n\\e[2Jtwo 0 -> /memfd:x");`;
    const found = await holding(make, async (pid) => {
      const told = await collect(['memfds']);
      expect(told.code).toBe(0);
      return records(told).filter(([key]) => key?.startsWith(`${pid}/`));
    });
    expect(found.map(([, name, content, size]) => [text(name), text(content), size])).toEqual([
      ['/memfd:plain (deleted)', 'orders from 3', '13'],
      ['/memfd:one 1 -> /memfd:x\n\u001b[2Jtwo 0 -> /memfd:x (deleted)', 'orders from 4', '13'],
    ]);
  });

  test('what a process holds of BPF is told', async () => {
    // An array of one element.
    const make = 'my $map = pack("LLLL", 2, 4, 4, 1); syscall(321, 0, $map, length $map) >= 0 or die $!;';
    const found = await holding(make, async (pid) =>
      records(await collect(['bpf'])).filter(([key]) => key?.startsWith(`${pid}/`)),
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.[0]).toMatch(/^\d+\/fdinfo\/\d+$/);
    expect(text(found[0]?.[1])).toMatch(/^map_type:\t2$[\s\S]*^map_id:\t\d+$/m);
  });
});

describe.runIf(root)('files', () => {
  test('those of every local file system are listed, whatever its place is called', {timeout: 120_000}, async () => {
    const place = join(lair, 'two\n parts \\ $(touch pwned)');
    await mkdir(place);
    await mkdir(join(lair, 'again'));
    const world = `mount -t tmpfs none '${place}' && echo x >'${place}/inside' && mount --bind '${place}' ${lair}/again`;
    const told = await collect(['names'], {world});
    expect(told.code).toBe(0);
    const names = told.out.toString('latin1').split('\0');
    expect(names).toContain('/etc/passwd');
    expect(names.filter((name) => name.endsWith('/inside') && name.startsWith(lair))).toEqual([`${place}/inside`]);
    // Nothing of the kernel's own, and nothing of ours.
    expect(names.filter((name) => /^\/(?:proc|sys\/kernel)\/./.test(name) || name.startsWith(scratch))).toEqual([]);
    const bodies = await collect(['bodyfile'], {world});
    expect(bodies.code).toBe(0);
    expect(bodies.out.includes(`0|${place}/inside|`)).toBe(true);
  });

  test(
    'what somebody else answers for, and does not, is taken away from before us alone',
    {timeout: 120_000},
    async () => {
      const place = join(lair, 'silent');
      await mkdir(place);
      await writeFile(join(place, 'beneath'), 'beneath');
      // A file system in user space whose program never answers: to look at it takes for ever.
      const world = `exec 5<>/dev/fuse && mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 silent ${place}
! timeout 1 stat ${place} 2>/dev/null || exit 9`;
      const told = await collect(['tar', lair.slice(1)], {world: `${world}\n${seenAfter(place)}`});
      expect(told.code).toBe(0);
      expect(list(told.out)).toEqual([`${lair.slice(1)}/`, `${place.slice(1)}/`, `${place.slice(1)}/beneath`]);
      expect(await readFile(join(scratch, 'after'), 'utf8')).toContain(` ${place} `);
    },
  );

  test('a pipe where a file is read is not waited for, and one in an archive is named', async () => {
    spawnSync('mkfifo', [join(lair, 'pipe')]);
    const network = await collect(['network'], {world: `mount --bind ${lair}/pipe /etc/resolv.conf`});
    expect(network).toMatchObject({code: 1, said: 'not whole: resolvers\n'});
    expect(fieldOf(network, 'tcp')).toContain('local_address');
    const told = await collect(['tar', lair.slice(1)]);
    expect(told.code).toBe(0);
    expect(list(told.out)).toContain(`${lair.slice(1)}/pipe`);
  });

  test('one line of ten gigabytes takes no other file’s place', async () => {
    const line = join(lair, '$(touch pwned)\n\u001b[2J');
    await writeFile(line, 'BEGIN');
    await truncate(line, 10 * 2 ** 30 - 3);
    await writeFile(line, 'END', {flag: 'a'});
    await writeFile(join(lair, 'zz'), 'after it');
    const whole = await collect(['tar', lair.slice(1)]);
    expect(whole.code).toBe(0);
    expect(list(whole.out)).toEqual([`${lair.slice(1)}/`, `${lair.slice(1)}/zz`]);
    const ends = await collect(['large', lair.slice(1), 'nowhere']);
    expect(ends.code).toBe(0);
    const [[name, size, head, tail] = [], ...more] = records(ends);
    expect(more).toEqual([]);
    expect(text(name)).toBe(line.slice(1));
    expect(size).toBe(String(10 * 2 ** 30));
    expect(text(head).slice(0, 6)).toBe('BEGIN\0');
    expect(text(tail).slice(-4)).toBe('\0END');
    expect([text(head).length, text(tail).length]).toEqual([4 * 2 ** 20, 4 * 2 ** 20]);
  });

  test('what the machine starts with is told by its digests', async () => {
    await writeFile(join(lair, 'vmlinuz $(touch pwned)\nx'), 'kernel');
    // In a container there is none.
    const made = await mkdir('/boot', {recursive: true});
    try {
      const told = await collect(['boot'], {world: `mount --bind ${lair} /boot`});
      expect(told.code).toBe(0);
      expect(records(told).filter(([name]) => text(name).startsWith('/boot/'))).toEqual([
        [
          Buffer.from('/boot/vmlinuz $(touch pwned)\nx').toString('base64'),
          createHash('sha256').update('kernel').digest('hex'),
        ],
      ]);
    } finally {
      if (made !== undefined) await rmdir(made);
    }
  });
});

/** What the host's own namespace still has mounted there, once the collector is at work. */
const seenAfter = (place: string): string =>
  `(sleep 3; while read -r line; do case $line in *" ${place} "*) echo "$line" ;; esac; done </proc/self/mountinfo >${scratch}/after) &`;

const list = (archive: Buffer): readonly string[] =>
  spawnSync('tar', ['-t', '-i', '-f', '-'], {input: archive, encoding: 'utf8'}).stdout.split('\n').slice(0, -1);
