import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {home} from '../../src/home.ts';
import {cpio} from '../../src/image/cpio.ts';
import {baseFiles, buildBase, type LightBase} from '../../src/image/light/base.ts';
import {contentDigest, contentOf} from '../../src/image/light/content-digest.ts';
import {hostEntries} from '../../src/image/light/host.ts';
import {buildIso, commandLine, type Iso} from '../../src/image/light/iso.ts';
import {systemEntries} from '../../src/image/light/system.ts';
import type {Result} from '../../src/result.ts';
import {makeStage, prompt, serveUntil, startMachine, type Firmware, type Source, type Stage} from './light-machine.ts';

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.fault.says);
  return result.value;
};

// QEMU without KVM on a machine that does other things too; what runs for ever still ends.
const slow = 900_000;

let stage: Stage;
let base: LightBase;
let iso: Iso;

beforeAll(async () => {
  stage = await makeStage();
  base = value(await buildBase());
  iso = value(await buildIso(base, stage.host, join(stage.folder, 'light.iso')));
}, slow);
afterAll(() => rmSync(stage.folder, {recursive: true, force: true}));

async function start(firmware: Firmware, source: Source) {
  const machine = await startMachine(stage, firmware, source);
  onTestFinished(() => machine.stop());
  return machine;
}

test('the medium is small, private, and holds no name of this machine', () => {
  expect(iso.bytes).toBeLessThanOrEqual(40_000_000);
  expect(statSync(iso.file).mode & 0o777).toBe(0o600);
  expect(iso.bootBytes).toBeLessThan(iso.bytes);
  const content = readFileSync(iso.file);
  expect(content.length).toBe(iso.bytes);
  expect(createHash('sha256').update(content).digest('hex')).toBe(iso.sha256);
  expect(content.includes(stage.folder)).toBe(false);
});

describe.each<{firmware: Firmware; lost: readonly number[]}>([
  {firmware: 'bios', lost: [3, 10, 16, 23]},
  // shim and Debian's GRUB are read first, 9 MB with what is read again and ahead; see secure-boot.test.ts.
  {firmware: 'uefi', lost: [11, 18, 24, 31]},
])('started over $firmware', ({firmware, lost}) => {
  test(
    'answers to the pinned key and the one client, and needs the medium no more',
    async () => {
      const medium = await serveUntil(iso.file, Infinity);
      onTestFinished(() => medium.close());
      const machine = await start(firmware, {medium: {driver: 'http', url: medium.url}});
      expect(await machine.says(/stage=ready/)).toBe(true);
      await machine.eject();
      await medium.close();

      const hello = await machine.ssh(['/usr/lib/rebuild/target', 'hello']);
      expect(hello).toMatchObject({code: 0, stderr: ''});
      expect(hello.stdout).toMatch(/^run\tmarruuk-3$/m);
      expect(hello.stdout).toMatch(/^medium-needed\tno$/m);
      const [, bootId] = /^boot-id\t(\S+)$/m.exec(hello.stdout) ?? [];
      expect(await machine.console()).toMatch(
        new RegExp(`REBUILD \\S+ stage=ready ram=complete medium=not-needed run=marruuk-3 boot_id=${bootId}\r?\n`),
      );
      expect((await machine.ssh(['cat', '/run/rebuild/stage'])).stdout).toMatch(/^ready ram=complete /);

      // Every file is read once more, with the medium gone.
      expect(
        (await machine.ssh(['find', '/', '-xdev', '-type', 'f', '-exec', 'cat', '{}', '+', '|', 'wc', '-c'])).code,
      ).toBe(0);
      for (const [program, ...words] of [
        ['cmp', '--version'],
        ['dd', '--version'],
        ['sfdisk', '--version'],
        ['blkdiscard', '--version'],
        ['wipefs', '--version'],
        ['lsblk', '--version'],
        ['blkid', '--version'],
        ['blockdev', '--version'],
        ['flock', '--version'],
        ['tar', '--version'],
        ['zstd', '--version'],
        ['mdadm', '--version'],
        ['nvme', 'version'],
        ['hdparm', '-V'],
        ['e2fsck', '-V'],
        ['mke2fs', '-V'],
      ])
        expect(await machine.ssh([program ?? '', ...words]), program).toMatchObject({code: 0});

      const other = execFileSync('ssh-keygen', ['-y', '-f', stage.strangerKey]).toString().trim();
      expect(await machine.ssh(['true'], {hostKey: other})).toMatchObject({code: 255});
      const refused = await machine.ssh(['true'], {key: stage.strangerKey});
      expect(refused.code).toBe(255);
      expect(refused.stderr).toContain('Permission denied (publickey)');

      // The server is started again when it ends; what a session does goes on.
      await machine.ssh(['kill', '-9', '$(pidof dropbear)']);
      expect(await machine.says(/note=sshd-ended/)).toBe(true);
      await expect.poll(async () => (await machine.ssh(['true'])).code, {timeout: 60_000, interval: 1000}).toBe(0);
      expect(await machine.console()).not.toMatch(prompt);
    },
    slow,
  );

  // The kernel is read first, then the archive: at its beginning, in its middle, in its last part.
  test.each(lost)(
    'stops, says so and reboots where the medium goes after %i MB',
    async (megabytes) => {
      const medium = await serveUntil(iso.file, megabytes * 1_000_000);
      onTestFinished(() => medium.close());
      const machine = await start(firmware, {medium: {driver: 'http', url: medium.url}});
      expect(await machine.resets()).toBe(true);
      expect(medium.sent()).toBe(megabytes * 1_000_000);
      const console = await machine.console();
      expect(console).toContain('REBUILD grub: medium lost, rebooting');
      expect(console).not.toContain('stage=');
      expect(console).not.toMatch(prompt);
    },
    slow,
  );
});

async function parts() {
  const host = value(hostEntries(stage.host));
  const system = await systemEntries();
  const own = cpio(system);
  const archive = readFileSync(join(base.folder, baseFiles.archive));
  return {system, host: cpio(host), own, packages: archive.subarray(0, archive.length - own.length)};
}
/** Puts the archive into a machine's memory past GRUB, and gives what its console said until it reset. */
async function boot(archive: Buffer) {
  const file = join(stage.folder, 'damaged.img');
  writeFileSync(file, archive);
  const content = contentDigest([base.content, contentOf(value(hostEntries(stage.host)))]);
  const kernel = join(base.folder, baseFiles.kernel);
  const machine = await start('bios', {kernel, archive: file, commandLine: commandLine(content, 'ttyS0')});
  const reset = await machine.resets();
  const console = await machine.console();
  expect(console).not.toContain('stage=ready');
  expect(console).not.toMatch(prompt);
  expect(reset).toBe(true);
  return console;
}

describe('a damaged archive that reached the kernel all the same', () => {
  const panic = 'Kernel panic';

  test(
    'cut off in the packages: no init, panic, reboot',
    async () => {
      const {packages} = await parts();
      expect(await boot(packages.subarray(0, packages.length >> 1))).toContain(panic);
    },
    slow,
  );

  test(
    'zeroes in the packages: what follows is not unpacked',
    async () => {
      const {packages, own, host} = await parts();
      const damaged = Buffer.from(packages);
      damaged.fill(0, packages.length >> 1, (packages.length >> 1) + 2048);
      expect(await boot(Buffer.concat([damaged, own, host]))).toContain(panic);
    },
    slow,
  );

  test(
    'whole but without init: a shell is there, and the kernel does not start it',
    async () => {
      const {packages, system, host} = await parts();
      const rest = cpio(system.filter(({path}) => path !== 'init'));
      expect(await boot(Buffer.concat([packages, rest, host]))).toContain(panic);
    },
    slow,
  );

  test(
    'an init that cannot start: the kernel does not try a shell instead',
    async () => {
      const {packages, system, host} = await parts();
      const broken = cpio(
        system.map((entry) => (entry.path === 'init' ? {...entry, content: Buffer.alloc(4096)} : entry)),
      );
      const console = await boot(Buffer.concat([packages, broken, host]));
      expect(console).toMatch(/Kernel panic - not syncing: Requested init \/ failed/);
    },
    slow,
  );

  test(
    'one letter of a script changed: init finds it',
    async () => {
      const {packages, own, host} = await parts();
      const changed = Buffer.from(own);
      changed.write('Q', changed.indexOf('What the controller may ask'));
      expect(await boot(Buffer.concat([packages, changed, host]))).toContain(
        'stage=error reason=ram-differs-from-medium',
      );
    },
    slow,
  );

  test(
    "the host's files are missing: init finds it",
    async () => {
      const {packages, own} = await parts();
      expect(await boot(Buffer.concat([packages, own]))).toContain('stage=error reason=ram-differs-from-medium');
    },
    slow,
  );
});

/** The whole way from packages to ISO in a process and a place of its own. Packages themselves are not fetched again. */
async function buildAgain(name: string, umask: string, zone: string) {
  const out = join(stage.folder, name);
  const cache = join(out, 'cache');
  mkdirSync(cache, {recursive: true});
  symlinkSync(join(home().cache, 'debian'), join(cache, 'debian'));
  const script = join(import.meta.dirname, 'light-build.ts');
  const request = {...stage.host, hostKey: stage.host.hostKey.reveal(), out: join(out, 'light.iso')};
  const built = await execa('sh', ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, script], {
    input: JSON.stringify(request),
    env: {TZ: zone, REBUILD_CACHE: cache, TMPDIR: out, LANG: 'tr_TR.UTF-8'},
  });
  return JSON.parse(built.stdout) as {base: string; sha256: string};
}

test(
  'two builds in other places, with another umask and time zone, give the same bytes',
  async () => {
    const [first, second] = await Promise.all([
      buildAgain('first', '022', 'UTC'),
      buildAgain('second-place', '077', 'Asia/Kathmandu'),
    ]);
    expect(second).toEqual(first);
    expect(first.base).toMatch(/^[0-9a-f]{64}$/);
  },
  slow,
);
