import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {cp, mkdtemp, rm, utimes} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {signedLoaders} from '../../src/image/debian/signed-loaders.ts';
import {baseFiles, buildBase, type LightBase} from '../../src/image/light/base.ts';
import {buildIso, type Iso} from '../../src/image/light/iso.ts';
import {seal} from '../../src/image/light/seal.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach} from '../../src/lab/lab.ts';
import type {Result} from '../../src/result.ts';
import {rebuild, summaryOf} from './controller.ts';
import {makeStage, prompt, serveUntil, startMachine, type Firmware, type Part, type Stage} from './light-machine.ts';
import {smallIso} from './small-iso.ts';

// The machine enforces Secure Boot with the keys that servers are sold with; what it refuses is half of what is shown.

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.fault.says);
  return result.value;
};

const slow = 900_000;
let stage: Stage;
let base: LightBase;
let iso: Iso;
let grub: Part;

beforeAll(async () => {
  stage = await makeStage();
  base = value(await buildBase());
  iso = value(await buildIso(base, stage.host, join(stage.folder, 'light.iso')));
  const program = readFileSync(join(base.builder.root, signedLoaders.grub.path));
  const from = readFileSync(iso.file).indexOf(program);
  grub = {from, to: from + program.length};
}, slow);
afterAll(() => rmSync(stage.folder, {recursive: true, force: true}));

/** Started from a drive that is as a BMC's virtual one, unless another is given. */
async function start(firmware: Firmware, file: string, loss: number | Part = Infinity, drive: 'usb' | 'sata' = 'usb') {
  const medium = await serveUntil(file, loss);
  onTestFinished(() => medium.close());
  const machine = await startMachine(stage, firmware, {medium: {driver: 'http', url: medium.url}, drive});
  onTestFinished(() => machine.stop());
  return machine;
}

test('shim and GRUB are on the medium as they were signed', () => {
  expect(grub.from).toBeGreaterThan(0);
  const shim = readFileSync(join(base.builder.root, signedLoaders.shim.path));
  expect(readFileSync(iso.file).indexOf(shim)).toBeGreaterThan(0);
});

test.each([
  {firmware: 'secure-boot', enforced: '01', says: /^secureboot: Secure boot enabled$/m},
  {firmware: 'uefi', enforced: '00', says: /^secureboot: Secure boot disabled$/m},
] as const)(
  'the light system answers over $firmware, and its kernel says whether Secure Boot is on',
  async ({firmware, enforced, says}) => {
    const machine = await start(firmware, iso.file);
    expect(await machine.says(/stage=ready/)).toBe(true);
    const log = await machine.ssh(['dmesg', '|', 'sed', "'s/^[^]]*] //'"]);
    expect(log.stdout).toMatch(says);
    // The variable's attributes, four bytes, then its value (UEFI 2.10, 3.3).
    const variable = await machine.ssh(['xxd', '-p', '/sys/firmware/efi/efivars/SecureBoot-*']);
    expect(variable.stdout).toMatch(new RegExp(`^0[0-9a-f]{7}${enforced}$`));
    expect((await machine.ssh(['/usr/lib/rebuild/target', 'hello'])).stdout).toMatch(/^medium-needed\tno$/m);
    expect(await machine.console()).not.toMatch(prompt);
  },
  slow,
);

describe('the machine that starts it refuses', () => {
  test(
    'a GRUB that nobody signed, which starts where Secure Boot is off',
    async () => {
      const unsigned = await smallIso(stage.folder, 'REBUILD unsigned');
      const refusing = await start('secure-boot', unsigned);
      expect(await refusing.says(/failed to load Boot\d+ .*: Access Denied/)).toBe(true);
      expect(await refusing.console()).not.toContain('REBUILD unsigned');
      await refusing.stop();
      const taking = await start('uefi', unsigned);
      expect(await taking.says(/REBUILD unsigned/)).toBe(true);
    },
    slow,
  );

  test(
    'Debian’s GRUB with one byte changed',
    async () => {
      const file = join(stage.folder, 'other-grub.iso');
      const bytes = readFileSync(iso.file);
      const words = bytes.indexOf('Welcome to GRUB!', grub.from);
      expect(words).toBeLessThan(grub.to);
      bytes[words] = 'w'.charCodeAt(0);
      writeFileSync(file, bytes);
      const machine = await start('secure-boot', file);
      expect(await machine.says(/Verification failed/)).toBe(true);
      expect(await machine.console()).not.toMatch(/elcome to GRUB|REBUILD|stage=/);
    },
    slow,
  );

  test(
    'a kernel with one byte changed, though it carries our seal',
    async () => {
      const folder = join(stage.folder, 'other-kernel');
      await cp(base.folder, folder, {recursive: true});
      const kernel = readFileSync(join(folder, baseFiles.kernel));
      const middle = kernel.length >> 1;
      kernel.writeUInt8(kernel.readUInt8(middle) ^ 1, middle);
      writeFileSync(join(folder, baseFiles.kernel), kernel);
      writeFileSync(join(folder, `${baseFiles.kernel}.sig`), seal(kernel));
      for (const name of [baseFiles.kernel, `${baseFiles.kernel}.sig`]) await utimes(join(folder, name), 0, 0);
      const changed = value(await buildIso({...base, folder}, stage.host, join(stage.folder, 'other-kernel.iso')));
      const machine = await start('secure-boot', changed.file);
      expect(await machine.resets()).toBe(true);
      const console = await machine.console();
      expect(console).toContain('bad shim signature');
      expect(console).toContain('REBUILD grub: medium lost, rebooting');
      expect(console).not.toMatch(/stage=|EFI stub/);
      expect(console).not.toMatch(prompt);
    },
    slow,
  );
});

describe('the medium is lost', () => {
  test.each([12, 25])(
    'after %i MB, under GRUB: it says so and reboots',
    async (megabytes) => {
      const machine = await start('secure-boot', iso.file, megabytes * 1_000_000);
      expect(await machine.resets()).toBe(true);
      const console = await machine.console();
      expect(console).toContain('REBUILD grub: medium lost, rebooting');
      expect(console).not.toContain('stage=');
      expect(console).not.toMatch(prompt);
    },
    slow,
  );

  test.each<Firmware>(['uefi', 'secure-boot'])(
    'while shim reads GRUB, over %s: nothing of it runs, and the firmware goes on to what it would start next',
    async (firmware) => {
      const middle = {from: grub.from, to: (grub.from + grub.to) >> 1};
      const machine = await start(firmware, iso.file, middle);
      expect(await machine.says(/failed to start Boot\d+ .*Device Error/)).toBe(true);
      expect(await machine.console()).not.toMatch(/Welcome to GRUB|REBUILD|stage=/);
    },
    slow,
  );

  // The one place where a prompt is reached: GRUB is signed as a whole, so nothing can be put into it. From a USB drive
  // it takes minutes until GRUB has given up every read.
  test(
    'between GRUB’s start and its configuration: it waits, and starts nothing',
    async () => {
      const machine = await start('secure-boot', iso.file, grub, 'sata');
      expect(await machine.says(/grub> /)).toBe(true);
      expect(await machine.console()).not.toMatch(/REBUILD|stage=|EFI stub/);
    },
    slow,
  );
});

test(
  'the whole rebuild, the old system and the new one too, on a machine that enforces Secure Boot',
  async () => {
    // A short path: the lab's sockets live below it.
    const state = await mkdtemp('/tmp/rebuild-sb-');
    const before = process.env['REBUILD_HOME'];
    process.env['REBUILD_HOME'] = state;
    const marruuk = hostName('marruuk')!;
    onTestFinished(async () => {
      await takeDown(marruuk);
      if (before === undefined) delete process.env['REBUILD_HOME'];
      else process.env['REBUILD_HOME'] = before;
      await rm(state, {recursive: true, force: true});
    });
    const argv = ['run', 'marruuk', '--firmware', 'uefi', '--secure-boot', '--confirm', 'marruuk'];
    const ended = await rebuild(argv, state);
    expect(ended.code, ended.said).toBe(0);
    expect(ended.said).toContain('starting the old system (uefi, secure boot');
    expect(summaryOf(ended)).toMatchObject({result: 'done', lab: true});
    const lab = value(await labAttach(marruuk));
    expect(lab.blueprint).toMatchObject({firmware: 'uefi', secureBoot: true});
    // The old system, the light one and the new one: each kernel's EFI stub says it.
    const console = readFileSync(lab.folder.serialConsole, 'latin1');
    expect(console.match(/EFI stub: UEFI Secure Boot is enabled/g)).toHaveLength(3);
  },
  slow,
);
