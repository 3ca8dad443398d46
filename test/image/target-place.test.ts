import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {open, readFile} from 'node:fs/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {canStage, makeStage, type Stage} from './target-stage.ts';

const MiB = 1 << 20;
const size = 64 * MiB;
const partBytes = 16 * MiB;
const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const uuid = '0b1e5a3c-2d4f-4a6b-8c7d-9e0f1a2b3c4d';

const orders = (kernel: string): string =>
  `kernel 2048 100 ${kernel}\ninitrd 5000 3000 ${sha(Buffer.alloc(3000))}\noptions console=ttyS0 ---\nend\n`;

// On the stage the nodes of a disk and of its partition are two files; that a partition's node ends where the partition
// does is the kernel's work, and shown in test/real.
describe.runIf(canStage)('a partition as a place of its own', () => {
  let stage: Stage;
  const wide = {timeout: 20_000};

  beforeEach(async () => {
    stage = await makeStage();
    await stage.addDisk({
      name: 'vdx',
      bytes: size,
      attributes: {
        serial: 'WORLDS-1',
        'vdx1/partition': '1',
        'vdx1/size': `${(8 * MiB) / 512}`,
        'vdx3/partition': '3',
        'vdx3/size': `${partBytes / 512}`,
      },
    });
    const table = `label: gpt\n1 : start=2048, size=${(8 * MiB) / 512}\n3 : start=32768, size=${partBytes / 512}, uuid=${uuid}\n`;
    execFileSync('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', stage.disk('vdx')], {input: table});
    await using part = await open(stage.disk('vdx3'), 'w');
    await part.write(Buffer.alloc(partBytes, 7));
  });
  afterEach(() => stage.remove());

  const lines = async (verb: readonly string[], stdin?: string): Promise<readonly string[]> => {
    const ran = await stage.run(verb, stdin);
    expect(ran).toMatchObject({code: 0});
    return ran.stdout.trimEnd().split('\n').slice(1, -1);
  };
  const wiped = async (place: string): Promise<void> => {
    await lines(['wipe', place, 'overwrite']);
    await expect.poll(async () => (await stage.run(['wipe-state', place])).stdout, wide).toContain('done');
    await lines(['latch-set', place, 'wiped']);
  };

  test.each([['3'], [uuid]])('is told and wiped by its name %s, and its disk stays as it was', async (name) => {
    const place = `WORLDS-1@${name}`;
    await stage.plan(['run mpex-3', `wipe ${place}`, `install ${place}`]);
    const before = createHash('sha256')
      .update(await readFile(stage.disk('vdx')))
      .digest('hex');
    expect((await lines(['disks'])).map((line) => line.split('\t').slice(1, 4))).toEqual([
      ['WORLDS-1', 'vdx', `${size}`],
      [place, 'vdx3', `${partBytes}`],
    ]);
    await wiped(place);
    const part = await readFile(stage.disk('vdx3'));
    expect(part.subarray(0, partBytes - 2 * MiB).every((byte) => byte === 0)).toBe(true);
    expect((await lines(['latch', place]))[0]).toContain('mpex-3\twiped');
    expect(await lines(['latch', 'WORLDS-1'])).toEqual(['latch\tnone']);
    expect(
      createHash('sha256')
        .update(await readFile(stage.disk('vdx')))
        .digest('hex'),
    ).toBe(before);
  });

  test('allows nothing on its disk, nor on another partition', async () => {
    await stage.plan(['run mpex-3', 'wipe WORLDS-1@3', 'install WORLDS-1@3']);
    for (const place of ['WORLDS-1', 'WORLDS-1@1', `WORLDS-1@${uuid}`])
      expect(await stage.run(['wipe', place, 'overwrite'])).toMatchObject({code: 64});
    expect((await readFile(stage.disk('vdx3'))).every((byte) => byte === 7)).toBe(true);
  });

  test('is refused where it is held, and where there is none', async () => {
    await stage.plan(['run mpex-3', 'wipe WORLDS-1@3', 'wipe WORLDS-1@9', `wipe WORLDS-1@${uuid.replace('0', '1')}`]);
    for (const name of ['9', uuid.replace('0', '1')])
      expect(await stage.run(['wipe', `WORLDS-1@${name}`, 'overwrite'])).toMatchObject({
        code: 66,
        stderr: expect.stringContaining('has no partition'),
      });
    expect(await lines(['disks'])).toHaveLength(2);
    for (const name of ['', '../3', '3;reboot', 'X'])
      expect(await stage.run(['wipe-state', `WORLDS-1@${name}`])).toMatchObject({code: 65});
  });

  test('gets no system, and no firmware starts it', async () => {
    await stage.plan(['run mpex-3', 'wipe WORLDS-1@3', 'install WORLDS-1@3']);
    await wiped('WORLDS-1@3');
    for (const verb of [
      ['grow', 'WORLDS-1@3', '3', uuid],
      ['put', 'WORLDS-1@3', '3', uuid],
      ['installed', 'WORLDS-1@3', '/etc/hostname'],
      ['start-next', 'WORLDS-1@3', '2'],
    ])
      expect(await stage.run(verb)).toMatchObject({code: 64, stderr: expect.stringContaining('no whole disk')});
  });

  describe('an installer started from it', () => {
    beforeEach(() => stage.plan(['run mpex-3', 'wipe WORLDS-1@3', 'install WORLDS-1@3']));

    test('is one that was staged whole', async () => {
      expect(await stage.run(['launch', 'WORLDS-1@3'], orders(sha(Buffer.alloc(100))))).toMatchObject({code: 64});
      await wiped('WORLDS-1@3');
      expect(await stage.run(['launch', 'WORLDS-1@3'], orders(sha(Buffer.alloc(100))))).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('not written whole'),
      });
      await lines(['latch-set', 'WORLDS-1@3', 'installed']);
      expect(await stage.run(['launch', 'WORLDS-1@3'], orders('0'.repeat(64)))).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('kernel on vdx3 is not the one that was staged'),
      });
      // Zeros are what was asked for, and no kernel.
      expect(await stage.run(['launch', 'WORLDS-1@3'], orders(sha(Buffer.alloc(100))))).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('cannot be started from here'),
      });
    });

    test.each([
      ['without an end', 'kernel 0 1 a\n'],
      ['beyond its place', `kernel ${partBytes} 512 ${'0'.repeat(64)}\nend\n`],
      ['with other words', 'reboot\nend\n'],
      ['with options that no terminal shows', `options \u0007\nend\n`],
    ])('is refused %s', async (_, text) => {
      await wiped('WORLDS-1@3');
      await lines(['latch-set', 'WORLDS-1@3', 'installed']);
      expect(await stage.run(['launch', 'WORLDS-1@3'], text)).toMatchObject({code: 65});
    });
  });

  test('memory that was not set aside, or that the machine does not have, is none', async () => {
    await stage.plan(['run mpex-3', 'wipe ram@1c000000', 'install ram@1c000000']);
    expect(await stage.run(['latch', 'ram@1c000000'])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('no memory was set aside at 0x1c000000'),
    });
    await stage.addDisk({name: 'pmem0', bytes: size, attributes: {'device/resource': '0xffff00000000000'}});
    await stage.plan(['run mpex-3', 'wipe ram@ffff00000000000']);
    expect(await stage.run(['latch', 'ram@ffff00000000000'])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('has less memory'),
    });
    expect(await lines(['disks'])).toHaveLength(1);
  });
});
