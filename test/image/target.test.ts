import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, open, readFile, rename, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {chunk, orders, records, serve, sha, type TestChunk} from './target-orders.ts';
import {canStage, makeStage, type Stage} from './target-stage.ts';

const MiB = 1_048_576;
const size = 64 * MiB;
const latchAt = size - 2 * MiB;

/** SCSI vital product data page 0x80. */
const vpd = (serial: string): Uint8Array =>
  Buffer.concat([Buffer.from([0, 0x80, 0, serial.length]), Buffer.from(serial)]);

describe.runIf(canStage)('the agent, on a stage of files', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await makeStage();
    await stage.addDisk({name: 'vdx', bytes: size, attributes: {serial: 'SYSTEM-1'}});
    await stage.addDisk({name: 'vdy', bytes: size, attributes: {serial: 'WORLDS-1'}});
    await stage.plan(['run marruuk-3', 'wipe SYSTEM-1', 'install SYSTEM-1']);
  });
  afterEach(() => stage.remove());

  const put = async (disk: string, offset: number, data: Uint8Array): Promise<void> => {
    const file = await open(stage.disk(disk), 'r+');
    await file.write(data, 0, data.length, offset);
    await file.close();
  };
  const get = async (disk: string, offset: number, length: number): Promise<Buffer> => {
    const file = await open(stage.disk(disk), 'r');
    const {buffer} = await file.read(Buffer.alloc(length), 0, length, offset);
    await file.close();
    return buffer;
  };
  /** Moves what the kernel shows of a disk's device to where it has it for USB: far below the USB device's own folder. */
  const below = async (disk: string, usb: string, path: string, shown: Readonly<Record<string, string>>) => {
    const [device, at] = [join(stage.folder, 'block', disk, 'device'), join(stage.folder, 'devices', usb)];
    await mkdir(join(at, path, '..'), {recursive: true});
    await rename(device, join(at, path));
    await symlink(join(at, path), device);
    for (const [name, content] of Object.entries(shown)) await writeFile(join(at, name), `${content}\n`);
  };
  const wiped = async (serial = 'SYSTEM-1'): Promise<void> => {
    records(await stage.run(['wipe', serial, 'overwrite']));
    await expect
      .poll(async () => records(await stage.run(['wipe-state', serial]))[0], {timeout: 20_000})
      .toBe('wipe\tdone\toverwrite');
  };
  const latched = async (): Promise<void> => {
    await wiped();
    records(await stage.run(['latch-set', 'SYSTEM-1', 'wiped']));
  };

  test('says who it is', async () => {
    const lines = records(await stage.run(['hello']));
    expect(lines.map((line) => line.split('\t')[0])).toEqual(['run', 'boot-id', 'uptime', 'memory', 'medium-needed']);
    expect(lines[0]).toBe('run\tmarruuk-3');
  });

  describe('disks', () => {
    test('finds the serial number where each kind of disk keeps it', async () => {
      await stage.addDisk({
        name: 'nvme7n1',
        bytes: size,
        attributes: {'device/serial': 'NVME-1             ', 'device/model': 'Fast\u001b[31m Disk'},
      });
      // A length byte of 10 is a line feed: the page is binary.
      await stage.addDisk({
        name: 'sdv',
        bytes: size,
        attributes: {'device/type': '0', 'device/vpd_pg80': vpd('   SATA-01')},
      });
      await stage.addDisk({
        name: 'sdw',
        bytes: size,
        attributes: {'device/type': '0', 'device/wwid': 't10.ATA     QEMU HARDDISK      QM00003 '},
      });
      await stage.addDisk({name: 'sdz', bytes: size, attributes: {'device/type': '0'}});
      await below('sdz', 'usb2/2-1', '2-1:1.0/host6/target6:0:0/6:0:0:0', {idVendor: '46f4', serial: 'USB-1'});
      const lines = records(await stage.run(['disks']));
      expect(lines.map((line) => line.split('\t').slice(1, 4))).toEqual([
        ['NVME-1', 'nvme7n1', `${size}`],
        ['SATA-01', 'sdv', `${size}`],
        ['QM00003', 'sdw', `${size}`],
        ['USB-1', 'sdz', `${size}`],
        ['SYSTEM-1', 'vdx', `${size}`],
        ['WORLDS-1', 'vdy', `${size}`],
      ]);
      expect(lines[0]).toMatch(/\tFast_\[31m Disk$|\tFast__31m Disk$/);
    });

    test('does not list what must never be written', async () => {
      const attributes = {serial: 'X-1'};
      await stage.addDisk({name: 'sdv', bytes: size, attributes: {...attributes, removable: '1'}});
      await stage.addDisk({name: 'sdw', bytes: size, attributes: {...attributes, ro: '1'}});
      await stage.addDisk({name: 'sdx', bytes: size, attributes: {...attributes, 'device/type': '5'}});
      await stage.addDisk({name: 'sr0', bytes: size, attributes});
      await stage.addDisk({name: 'md0', bytes: size, attributes});
      await stage.addDisk({name: 'sdy', bytes: 0, attributes});
      await stage.addDisk({name: 'sdz', bytes: size, attributes: {serial: 'no $(serial)'}});
      expect(records(await stage.run(['disks']))).toHaveLength(2);
      expect(await stage.run(['latch', 'X-1'])).toMatchObject({code: 66});
    });

    test('lists all that could be written to beside, whether or not it would', async () => {
      await stage.plan(['run marruuk-3', 'wipe SYSTEM-1', 'wipe ram@100000000']);
      const attributes = {serial: 'X-1'};
      await stage.addDisk({
        name: 'sdv',
        bytes: size,
        attributes: {...attributes, removable: '1', 'device/model': 'Stick\u001b[2J', wwid: 'naa.5000c500a1b2c3d4'},
      });
      await stage.addDisk({name: 'sdw', bytes: size, attributes: {...attributes, ro: '1'}});
      await stage.addDisk({name: 'sr0', bytes: size, attributes});
      await stage.addDisk({name: 'md0', bytes: size, attributes});
      await stage.addDisk({name: 'loop97', bytes: size, attributes});
      await stage.addDisk({name: 'sdy', bytes: 0, attributes});
      await stage.addDisk({name: 'sdz', bytes: size, attributes: {serial: 'no $(serial)', 'device/type': '14'}});
      await stage.addDisk({
        name: 'mmcblk7',
        bytes: size,
        attributes: {'device/serial': '0x1234abcd', 'device/type': 'SD'},
      });
      await stage.addDisk({name: 'mmcblk7boot0', bytes: size, attributes});
      // One stretch of memory that the plan has set aside, and a module that keeps what it holds.
      await stage.addDisk({name: 'pmem7', bytes: size, attributes: {'device/resource': '0x100000000'}});
      await stage.addDisk({name: 'pmem8', bytes: size, attributes: {'device/resource': '0x200000000'}});
      expect(records(await stage.run(['writable']))).toEqual([
        `writable\t0x1234abcd\tmmcblk7\t${size}\tmmc\t-\tmmc`,
        `writable\t-\tpmem8\t${size}\tscsi\t-\tscsi`,
        `writable\tX-1\tsdv\t${size}\tscsi\tnaa.5000c500a1b2c3d4\tStick__2J`,
        `writable\t-\tsdz\t${size}\tscsi\t-\tscsi`,
        `writable\tSYSTEM-1\tvdx\t${size}\tvirtio\t-\tvirtio`,
        `writable\tWORLDS-1\tvdy\t${size}\tvirtio\t-\tvirtio`,
      ]);
    });

    test('a serial number that two disks report names neither', async () => {
      await stage.addDisk({name: 'vdz', bytes: size, attributes: {serial: 'SYSTEM-1'}});
      expect(await stage.run(['wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({code: 67});
      expect(await stage.run(['latch', 'SYSTEM-1'])).toMatchObject({code: 67});
    });
  });

  describe('what the plan does not name is refused', () => {
    test.each([
      ['wipe', 'WORLDS-1', 'overwrite'],
      ['latch-set', 'WORLDS-1', 'wiped'],
      ['write', 'WORLDS-1', sha(Buffer.from('image'))],
      ['serve', 'WORLDS-1', '0', 'now'],
      ['grow', 'WORLDS-1', '3', 'uuid'],
      ['put', 'WORLDS-1', '3', 'uuid'],
    ])('%s', async (...verb) => {
      await put('vdy', 0, Buffer.alloc(MiB, 7));
      expect(await stage.run(verb)).toMatchObject({code: 64});
      expect((await get('vdy', 0, size)).equals(Buffer.concat([Buffer.alloc(MiB, 7), Buffer.alloc(size - MiB)]))).toBe(
        true,
      );
    });

    test('and without a plan, nothing is allowed', async () => {
      await stage.plan([]);
      expect(await stage.run(['wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({code: 64});
      expect(await stage.run(['hello'])).toMatchObject({code: 64});
    });
  });

  test.each([
    [],
    ['rm'],
    ['wipe', 'SYSTEM-1'],
    ['wipe', 'SYSTEM-1', 'purge'],
    ['latch', '../vdx'],
    ['latch', '-x'],
    ['hello', 'x'],
  ])('what it does not understand it does not do: %s', async (...verb) => {
    expect(await stage.run(verb)).toMatchObject({code: 65});
  });

  describe('wipe', () => {
    test('zeroes the whole disk, both ends with it, and no other', async () => {
      await put('vdx', 0, Buffer.alloc(MiB, 1));
      await put('vdx', size - 4096, Buffer.alloc(4096, 2));
      await put('vdy', 0, Buffer.alloc(MiB, 3));
      expect(records(await stage.run(['wipe-state', 'SYSTEM-1']))).toEqual(['wipe\tabsent']);
      expect(records(await stage.run(['wipe', 'SYSTEM-1', 'overwrite']))).toEqual(['wipe\taccepted']);
      await wiped();
      expect((await get('vdx', 0, size)).equals(Buffer.alloc(size))).toBe(true);
      expect((await get('vdy', 0, MiB)).equals(Buffer.alloc(MiB, 3))).toBe(true);
    });

    test('a second call in the same boot attaches and writes nothing', async () => {
      await wiped();
      await put('vdx', 0, Buffer.alloc(4096, 9));
      expect(records(await stage.run(['wipe', 'SYSTEM-1', 'overwrite']))).toEqual(['wipe\tattached']);
      expect((await get('vdx', 0, 4096)).equals(Buffer.alloc(4096, 9))).toBe(true);
    });

    test('after another boot, the latch of this run refuses it', async () => {
      await latched();
      const second = await makeStage();
      await second.plan(['run marruuk-3', 'wipe SYSTEM-1']);
      await second.addDisk({name: 'sdv', bytes: size, attributes: {serial: 'SYSTEM-1'}});
      await writeFile(second.disk('sdv'), await readFile(stage.disk('vdx')));
      try {
        expect(await second.run(['wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({code: 64});
        expect(records(await second.run(['wipe-state', 'SYSTEM-1']))).toEqual(['wipe\tdone\tearlier']);
        // Another run's plan is another matter: its latch is not this one's.
        await second.plan(['run marruuk-4', 'wipe SYSTEM-1']);
        expect(records(await second.run(['wipe-state', 'SYSTEM-1']))).toEqual(['wipe\tabsent']);
      } finally {
        await second.remove();
      }
    });

    test('a disk that is held is refused', async () => {
      await writeFile(join(stage.folder, 'block/vdx/holders/md127'), '');
      expect(await stage.run(['wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining('md127'),
      });
    });
  });

  describe('latch', () => {
    test('is set only after the wipe, and says run, state and time', async () => {
      expect(records(await stage.run(['latch', 'SYSTEM-1']))).toEqual(['latch\tnone']);
      expect(await stage.run(['latch-set', 'SYSTEM-1', 'wiped'])).toMatchObject({code: 64});
      expect(await stage.run(['latch-set', 'SYSTEM-1', 'installed'])).toMatchObject({code: 64});
      await latched();
      expect(records(await stage.run(['latch', 'SYSTEM-1']))[0]).toMatch(
        /^latch\tmarruuk-3\twiped\t\d{4}-\d\d-\d\dT[\d:]{8}\.000Z$/,
      );
      records(await stage.run(['latch-set', 'SYSTEM-1', 'installed']));
      expect(records(await stage.run(['latch', 'SYSTEM-1']))[0]).toMatch(/^latch\tmarruuk-3\tinstalled\t/);
      expect((await get('vdx', 0, latchAt)).equals(Buffer.alloc(latchAt))).toBe(true);
      expect((await get('vdx', latchAt + 4096, 2 * MiB - 4096)).equals(Buffer.alloc(2 * MiB - 4096))).toBe(true);
    });

    test('is never taken back from installed to wiped', async () => {
      await latched();
      records(await stage.run(['latch-set', 'SYSTEM-1', 'installed']));
      expect(records(await stage.run(['latch-set', 'SYSTEM-1', 'wiped']))[0]).toContain('\tinstalled\t');
    });

    test('one that was changed, or made by someone without the run’s key, is none', async () => {
      await latched();
      const record = (await get('vdx', latchAt, 4096)).toString('latin1');
      await put('vdx', latchAt, Buffer.from(record.replace('state wiped', 'state installed'), 'latin1'));
      expect(records(await stage.run(['latch', 'SYSTEM-1']))).toEqual(['latch\tnone']);
      await put('vdx', latchAt, Buffer.from(record, 'latin1'));
      expect(records(await stage.run(['latch', 'SYSTEM-1']))[0]).toContain('marruuk-3');
      await writeFile(join(stage.folder, 'etc/dropbear/host_ed25519'), 'another key');
      expect(records(await stage.run(['latch', 'SYSTEM-1']))).toEqual(['latch\tnone']);
    });
  });

  describe('reading', () => {
    test('not-zero gives the samples that are not', async () => {
      const samples = [0, 8 * MiB, size - 65_536].map((offset) => `${offset} 65536\n`).join('');
      expect(records(await stage.run(['not-zero', 'SYSTEM-1'], samples))).toEqual([]);
      await put('vdx', 8 * MiB + 65_535, Buffer.from([1]));
      expect(records(await stage.run(['not-zero', 'SYSTEM-1'], samples))).toEqual([`not-zero\t${8 * MiB}\t65536`]);
    });

    test('finds what differs in the last sector of a range, however long it is', async () => {
      for (const length of [512, 65_536, MiB, MiB + 512, 3 * MiB - 4096]) {
        const at = 8 * MiB + length - 1;
        await put('vdx', at, Buffer.from([1]));
        expect(records(await stage.run(['not-zero', 'SYSTEM-1'], `${8 * MiB} ${length}\n`))).toEqual([
          `not-zero\t${8 * MiB}\t${length}`,
        ]);
        await put('vdx', at, Buffer.from([0]));
        expect(records(await stage.run(['not-zero', 'SYSTEM-1'], `${8 * MiB} ${length}\n`))).toEqual([]);
      }
    });

    test('not-ones gives the samples that are not all ones', async () => {
      const samples = `0 ${2 * MiB}\n${8 * MiB} 65536\n`;
      await put('vdx', 0, Buffer.alloc(2 * MiB, 0xff));
      expect(records(await stage.run(['not-ones', 'SYSTEM-1'], samples))).toEqual([`not-ones\t${8 * MiB}\t65536`]);
      await put('vdx', 8 * MiB, Buffer.alloc(65_536, 0xff));
      expect(records(await stage.run(['not-ones', 'SYSTEM-1'], samples))).toEqual([]);
      for (const other of [0, 0xfe]) {
        await put('vdx', MiB, Buffer.from([other]));
        expect(records(await stage.run(['not-ones', 'SYSTEM-1'], samples))).toEqual([`not-ones\t0\t${2 * MiB}`]);
      }
    });

    test('digests gives each range’s, long and short ones mixed', async () => {
      await put('vdx', MiB, Buffer.alloc(MiB, 5));
      const ranges = [
        [0, MiB],
        [MiB, MiB],
        [0, 3 * MiB],
        [512, 1024],
        [MiB, 2 * MiB],
        [MiB - 512, 1024],
        [0, 2 * MiB],
      ] as const;
      const input = ranges.map(([offset, length]) => `${offset} ${length}\n`).join('');
      const lines = records(await stage.run(['digests', 'SYSTEM-1'], input));
      const content = await get('vdx', 0, 4 * MiB);
      expect(lines.toSorted()).toEqual(
        ranges.map(([offset, length], index) => `digest\t${index}\t${sha(content.subarray(offset, offset + length))}`),
      );
    });

    test.each(['1 512', '0 100', `0 ${size + 512}`, '-1 512', '0', '0 512 1', '$(id) 512'])(
      'no such range: %s',
      async (range) => {
        expect(await stage.run(['digests', 'SYSTEM-1'], `${range}\n`)).toMatchObject({code: 65});
        expect(await stage.run(['not-zero', 'SYSTEM-1'], `${range}\n`)).toMatchObject({code: 65});
      },
    );

    test('a disk that cannot be read is a fault of its own, never a digest', async () => {
      await rm(stage.disk('vdx'));
      for (const verb of ['not-zero', 'digests', 'latch'])
        expect(await stage.run([verb, 'SYSTEM-1'], '0 4096\n')).toMatchObject({code: 74});
    });

    test('one that ends early is not blank, and has no digest', async () => {
      await truncate(stage.disk('vdx'), 4096);
      for (const verb of ['not-zero', 'not-ones', 'digests'])
        for (const range of ['0 65536', '4096 65536'])
          expect(await stage.run([verb, 'SYSTEM-1'], `${range}\n`)).toMatchObject({code: 74});
    });
  });

  describe('write', () => {
    const image = sha(Buffer.from('image'));
    const first = Buffer.alloc(2 * MiB, 'first ');
    const second = Buffer.alloc(MiB, 'second ');

    /** Orders the chunks, brings them over one connection as they are wanted, and gives the writer's log. */
    const write = async (chunks: readonly TestChunk[], key = image): Promise<string[]> => {
      const [said] = records(await stage.run(['write', 'SYSTEM-1', key], orders(chunks)));
      expect(said).toMatch(/^(?:accepted|attached)\t\d+$/);
      await serve(stage, chunks);
      return records(await stage.run(['follow', 'SYSTEM-1', `${said?.split('\t')[1]}`, '1']));
    };

    test('writes chunks, reads them back and acknowledges each', async () => {
      await latched();
      const log = await write([chunk(0, 0, first), chunk(7, 16 * MiB, second)]);
      const acks = log.filter((line) => line.startsWith('ack')).map((line) => line.split('\t').slice(0, 3).join(' '));
      expect(acks.toSorted()).toEqual([`ack 0 ${sha(first)}`, `ack 7 ${sha(second)}`]);
      expect(log.at(-1)).toMatch(/^done\t\d+$/);
      expect((await get('vdx', 0, first.length)).equals(first)).toBe(true);
      expect((await get('vdx', 16 * MiB, second.length)).equals(second)).toBe(true);
      expect(records(await stage.run(['written', 'SYSTEM-1', image])).toSorted()).toEqual(['written\t0', 'written\t7']);
      expect(records(await stage.run(['written', 'SYSTEM-1', sha(first)]))).toEqual([]);
    });

    test('refuses a disk that this run has not wiped, and one it has installed', async () => {
      const order = orders([chunk(0, 0, first)]);
      expect(await stage.run(['write', 'SYSTEM-1', image], order)).toMatchObject({code: 64});
      await latched();
      records(await stage.run(['latch-set', 'SYSTEM-1', 'installed']));
      expect(await stage.run(['write', 'SYSTEM-1', image], order)).toMatchObject({code: 64});
      expect((await get('vdx', 0, MiB)).equals(Buffer.alloc(MiB))).toBe(true);
    });

    test('damage on the way never reaches the disk', async () => {
      await latched();
      const damaged = chunk(0, 0, first);
      damaged.data.writeUInt8(damaged.data.readUInt8(damaged.data.length - 1) ^ 1, damaged.data.length - 1);
      expect(await write([damaged])).toContain('bad\t0\tpacked');
      expect((await get('vdx', 0, first.length)).equals(Buffer.alloc(first.length))).toBe(true);
    });

    test('a stream cut in mid-chunk leaves the disk as it was, and the next one brings only the rest', async () => {
      await latched();
      const random = chunk(0, 0, randomBytes(2 * MiB));
      records(await stage.run(['write', 'SYSTEM-1', image], orders([random])));
      const before = await serve(stage, [random], 200_000);
      expect((await get('vdx', 0, MiB)).equals(Buffer.alloc(MiB))).toBe(true);
      const after = await serve(stage, [random]);
      expect(before + after).toBeLessThan(random.data.length + 40_000);
      expect((await get('vdx', 0, random.raw.length)).equals(random.raw)).toBe(true);
    });

    test('a connection that is there before the orders serves them once it is told, and none before', async () => {
      await latched();
      const random = chunk(0, 0, randomBytes(2 * MiB));
      const {promise: ordered, resolve} = Promise.withResolvers<void>();
      const sent = serve(stage, [random], Infinity, ordered);
      const [said] = records(await stage.run(['write', 'SYSTEM-1', image], orders([random])));
      expect(await Promise.race([sent, setTimeout(500, 'waits')])).toBe('waits');
      resolve();
      expect(await sent).toBe(random.data.length);
      expect(said).toMatch(/^accepted/);
      expect((await get('vdx', 0, random.raw.length)).equals(random.raw)).toBe(true);
      expect(await stage.run(['serve', 'SYSTEM-1', '0', 'soon'])).toMatchObject({code: 65});
    });

    test('orders that do not arrive whole are none', async () => {
      await latched();
      const whole = orders([chunk(0, 0, first)]);
      expect(await stage.run(['write', 'SYSTEM-1', image], whole.replace('end\n', ''))).toMatchObject({code: 65});
      expect(existsSync(join(stage.folder, 'run/rebuild/write-SYSTEM-1/worker'))).toBe(false);
    });

    test('a chunk that unpacks to something else is not acknowledged', async () => {
      await latched();
      const lying = {...chunk(0, 0, first), rawSha: sha(second)};
      const log = await write([lying]);
      expect(log.filter((line) => !line.startsWith('moved'))).toEqual(['bad\t0\tdiffers']);
    });

    test('a chunk that unpacks to more than it says writes no more than it says', async () => {
      await latched();
      await write([{...chunk(0, 0, first), length: MiB, rawSha: sha(first.subarray(0, MiB))}]);
      expect((await get('vdx', MiB, MiB)).equals(Buffer.alloc(MiB))).toBe(true);
    });

    test.each([
      ['over the latch', latchAt - MiB + 4096],
      ['beyond the disk', size],
    ])('refuses a chunk %s', async (_, offset) => {
      await latched();
      const refused = await stage.run(['write', 'SYSTEM-1', image], orders([chunk(0, offset, second)]));
      expect(refused.code).toBeGreaterThanOrEqual(64);
      expect(records(await stage.run(['latch', 'SYSTEM-1']))[0]).toContain('\twiped\t');
    });

    test('the same orders again attach, others take the disk over', async () => {
      await latched();
      const one = chunk(0, 0, first);
      expect(records(await stage.run(['write', 'SYSTEM-1', image], orders([one])))).toEqual(['accepted\t1']);
      expect(records(await stage.run(['write', 'SYSTEM-1', image], orders([one])))).toEqual(['attached\t1']);
      const other = chunk(0, 0, second);
      const log = await write([other], sha(Buffer.from('another image')));
      // How far it has come stands before that, where it took long enough.
      expect(log.find((line) => !line.startsWith('moved\t'))).toContain(`ack\t0\t${sha(second)}`);
      expect((await get('vdx', 0, second.length)).equals(second)).toBe(true);
    });

    test('nothing else changes the disk while its writer is at work', async () => {
      await latched();
      records(await stage.run(['write', 'SYSTEM-1', image], orders([chunk(0, 0, first)])));
      expect(await stage.run(['wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({code: 75});
      expect(await stage.run(['settle'])).toMatchObject({code: 75});
      records(await stage.run(['halt', 'SYSTEM-1']));
      expect(records(await stage.run(['follow', 'SYSTEM-1', '1', '1']))).toEqual(['stopped\t0']);
    });
  });

  test('settle answers', async () => {
    expect(records(await stage.run(['settle']))).toEqual(['settled']);
  });

  test.runIf(existsSync('/proc/sysrq-trigger'))('and then asks the kernel to power off', async () => {
    await stage.run(['settle']);
    await expect.poll(() => readFile(join(stage.folder, 'sysrq'), 'utf8'), {timeout: 10_000}).toBe('o\n');
  });
});
