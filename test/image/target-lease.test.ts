import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {changing} from '../../src/device/target/link.ts';
import {chunk, orders, records, sha} from './target-orders.ts';
import {canStage, makeStage, type Ran, type Stage} from './target-stage.ts';

const MiB = 1_048_576;
const size = 16 * MiB;
const latchAt = size - 2 * MiB;
const image = sha(Buffer.from('image'));
const raw = Buffer.alloc(2 * MiB, 'first ');
const order = orders([chunk(0, 0, raw)]);

/** Every verb that changes something, as it is asked of the disk that this run erases. */
const changes: readonly (readonly string[])[] = [
  ['wipe', 'SYSTEM-1', 'overwrite'],
  ['wipe-adopt', 'SYSTEM-1', 'nvme-sanitize-block'],
  ['leave', 'SYSTEM-1'],
  ['latch-set', 'SYSTEM-1', 'wiped'],
  ['latch-set', 'SYSTEM-1', 'installed'],
  ['write', 'SYSTEM-1', image],
  ['serve', 'SYSTEM-1', '0', 'now'],
  ['halt', 'SYSTEM-1'],
  ['grow', 'SYSTEM-1', '3', 'uuid'],
  ['put', 'SYSTEM-1', '3', 'uuid'],
  ['start-next', 'SYSTEM-1', '1'],
  ['launch', 'SYSTEM-1'],
  ['settle'],
];

test('all of them are tried here', () => {
  expect(new Set(changes.map(([verb]) => verb))).toEqual(changing);
});

describe.runIf(canStage)('the leases of controllers, on a stage of files', () => {
  let stage: Stage;
  const lay = async (tools: Readonly<Record<string, string>> = {}, attributes = {}): Promise<void> => {
    stage = await makeStage(tools);
    await stage.addDisk({name: 'vdx', bytes: size, attributes: {serial: 'SYSTEM-1', ...attributes}});
    await stage.addDisk({name: 'vdy', bytes: size, attributes: {serial: 'DATA-1'}});
    await stage.plan(['run marruuk-3', 'wipe SYSTEM-1', 'wipe DATA-1', 'install SYSTEM-1']);
  };
  beforeEach(() => lay());
  afterEach(() => stage.remove());

  const under =
    (lease: number) =>
    (...verb: readonly string[]): Promise<Ran> =>
      stage.run(['lease', String(lease), ...verb], order);
  const [older, newer, newest] = [under(4), under(5), under(6)];
  const said = 'rebuild-target\t1\n';
  const digest = async (disk = 'vdx'): Promise<string> => sha(await readFile(stage.disk(disk)));
  const record = async (): Promise<string> => {
    await using file = await open(stage.disk('vdx'), 'r');
    const {buffer} = await file.read(Buffer.alloc(4096), 0, 4096, latchAt);
    return buffer.toString('latin1').replace(/\0+$/, '');
  };
  const wiped = async (as: typeof older, serial = 'SYSTEM-1'): Promise<void> => {
    records(await as('wipe', serial, 'overwrite'));
    await expect
      .poll(async () => records(await stage.run(['wipe-state', serial]))[0], {timeout: 20_000})
      .toBe('wipe\tdone\toverwrite');
    records(await as('latch-set', serial, 'wiped'));
  };
  /** What a controller with an older lease may do before anybody else has spoken: nothing, and the disks stay. */
  const olderChangesNothing = async (): Promise<void> => {
    const before = [await digest('vdx'), await digest('vdy')];
    for (const verb of changes) expect({verb, ...(await older(...verb))}).toMatchObject({verb, code: 76, stdout: said});
    expect([await digest('vdx'), await digest('vdy')]).toEqual(before);
    expect((await stage.run(['hello'])).code).toBe(0);
  };
  test('whoever has none changes nothing', async () => {
    for (const lease of ['', '0', '-1', 'x', '01'])
      expect(await stage.run(['lease', lease, 'wipe', 'SYSTEM-1', 'overwrite'])).toMatchObject({code: 65});
    expect(records(await stage.run(['wipe-state', 'SYSTEM-1']))).toEqual(['wipe\tabsent']);
  });

  test('an older one is refused whatever it wants to change, and may still look', async () => {
    await wiped(older);
    records(await newer('halt', 'SYSTEM-1'));
    await olderChangesNothing();
  });

  test('the newest goes on while another is taking over, which waits for its turn', async () => {
    await wiped(older);
    const [program = '', ...rest] = stage.at(['flock', '/run/rebuild/epoch.lock', 'sh', '-c', 'echo held; cat']);
    const turn = spawn(program, rest, {stdio: ['pipe', 'pipe', 'inherit']});
    await once(turn.stdout, 'data');
    records(await older('halt', 'SYSTEM-1'));
    const taken = newer('halt', 'SYSTEM-1');
    turn.stdin.end();
    await once(turn, 'exit');
    records(await taken);
    await olderChangesNothing();
  });

  test('a newer one ends the connections of the older, and its orders where they are others', async () => {
    await wiped(older);
    records(await older('write', 'SYSTEM-1', image));
    const thawed = stage.start(['lease', '4', 'serve', 'SYSTEM-1', '0', 'now']);
    await once(thawed.stdout as NodeJS.ReadableStream, 'data');
    const ended = once(thawed, 'exit');
    // The same orders go on under the newer lease.
    expect(records(await newer('write', 'SYSTEM-1', image))).toEqual(['attached\t1']);
    await ended;
    expect(await older('serve', 'SYSTEM-1', '0', 'now')).toMatchObject({code: 76});
    const another = sha(Buffer.from('another image'));
    expect(records(await newest('write', 'SYSTEM-1', another))).toEqual(['accepted\t2']);
    expect(await newer('write', 'SYSTEM-1', image)).toMatchObject({code: 76});
  });

  test('a take-over whose controller died in it is done at its next word', async () => {
    await wiped(older);
    records(await older('write', 'SYSTEM-1', image));
    const thawed = stage.start(['lease', '4', 'serve', 'SYSTEM-1', '0', 'now']);
    await once(thawed.stdout as NodeJS.ReadableStream, 'data');
    const ended = once(thawed, 'exit');
    // The newer epoch was noted, and no more.
    await writeFile(join(stage.folder, 'run/rebuild/epoch'), '5\n');
    records(await newer('halt', 'SYSTEM-1'));
    await ended;
    await olderChangesNothing();
  });

  test('a newer one ends an older writer before it changes anything itself', async () => {
    await wiped(older);
    records(await older('write', 'SYSTEM-1', image));
    records(await newer('latch-set', 'SYSTEM-1', 'installed'));
    expect(await older('serve', 'SYSTEM-1', '0', 'now')).toMatchObject({code: 76});
    expect((await readFile(stage.disk('vdx'))).subarray(0, latchAt).equals(Buffer.alloc(latchAt))).toBe(true);
  });

  describe('after a restart, before anybody else has spoken', () => {
    test.each([
      ['has wiped the disk', () => wiped(newer)],
      [
        'has taken the wiped disk over and begun to write',
        async () => {
          await wiped(older);
          records(await newer('write', 'SYSTEM-1', image));
        },
      ],
      [
        'has taken the orders of the older one over',
        async () => {
          await wiped(older);
          records(await older('write', 'SYSTEM-1', image));
          expect(records(await newer('write', 'SYSTEM-1', image))).toEqual(['attached\t1']);
        },
      ],
      [
        'has installed',
        async () => {
          await wiped(older);
          records(await newer('latch-set', 'SYSTEM-1', 'installed'));
        },
      ],
      [
        'has wiped another disk of the run',
        async () => {
          await wiped(older);
          await wiped(newer, 'DATA-1');
        },
      ],
    ])('an older one is refused where a newer one %s', async (_, change) => {
      await change();
      await stage.restart();
      await olderChangesNothing();
    });

    test('and where a newer one has begun to erase the disk, whoever holds the lease then goes on', async () => {
      await stage.remove();
      // The first piece of the erase does not come to its end.
      await lay({blkdiscard: '#!/bin/sh\nexit 1\n'}, {'queue/write_zeroes_max_bytes': '65536'});
      await newer('wipe', 'SYSTEM-1', 'overwrite');
      await expect
        .poll(async () => records(await stage.run(['wipe-state', 'SYSTEM-1']))[0], {timeout: 20_000})
        .toContain('wipe\tfailed');
      await stage.restart();
      await olderChangesNothing();
      expect(records(await stage.run(['latch', 'SYSTEM-1']))).toEqual(['latch\tnone']);
      expect(records(await stage.run(['wipe-state', 'SYSTEM-1']))).toEqual(['wipe\tabsent']);
      expect(await newer('write', 'SYSTEM-1', image)).toMatchObject({code: 64});
      // Begun anew, and to the same end.
      await newer('wipe', 'SYSTEM-1', 'overwrite');
      await expect
        .poll(async () => records(await stage.run(['wipe-state', 'SYSTEM-1']))[0], {timeout: 20_000})
        .toContain('wipe\tfailed');
    });

    test('the same and a newer one go on', async () => {
      await wiped(newer);
      await stage.restart();
      expect(records(await newer('write', 'SYSTEM-1', image))).toEqual(['accepted\t1']);
      await stage.restart();
      expect(records(await newest('write', 'SYSTEM-1', image))).toEqual(['accepted\t1']);
    });

    test('a disk that shows late tells its record to whoever would change it', async () => {
      await wiped(newer);
      await stage.restart();
      const [block, hidden] = [join(stage.folder, 'block/vdx'), join(stage.folder, 'hidden')];
      await rename(block, hidden);
      records(await older('settle'));
      await rename(hidden, block);
      const before = await digest();
      for (const verb of [
        ['write', 'SYSTEM-1', image],
        ['put', 'SYSTEM-1', '3', 'uuid'],
        ['latch-set', 'SYSTEM-1', 'installed'],
      ])
        expect({verb, ...(await older(...verb))}).toMatchObject({verb, code: 76});
      expect(await digest()).toBe(before);
    });

    test('a disk that cannot be read holds nobody up who changes another', async () => {
      await wiped(newer);
      await stage.restart();
      await rm(stage.disk('vdx'));
      await wiped(older, 'DATA-1');
    });

    test('the record of another run says nothing', async () => {
      await wiped(newer);
      await stage.restart();
      await stage.plan(['run marruuk-4', 'wipe SYSTEM-1']);
      await wiped(older);
    });
  });

  test('the record is written for the first change under a lease, and not again', async () => {
    await wiped(older);
    const first = await record();
    expect(first).toMatch(
      /^rebuild-latch 2\nrun marruuk-3\nstate wiped\nat \S+\nepoch 4\nserial SYSTEM-1\nseal \w{64}\n$/,
    );
    // It would name another second.
    await sleep(1100);
    records(await older('latch-set', 'SYSTEM-1', 'wiped'));
    records(await older('write', 'SYSTEM-1', image));
    records(await newer('halt', 'SYSTEM-1'));
    expect(await record()).toBe(first);
    records(await newer('write', 'SYSTEM-1', image));
    const taken = await record();
    expect(taken).toMatch(/\nstate wiped\nat \S+\nepoch 5\n/);
    await sleep(1100);
    records(await newer('write', 'SYSTEM-1', image));
    expect(await record()).toBe(taken);
  });

  test('one whose epoch was changed is no record', async () => {
    await wiped(newer);
    const changed = Buffer.from((await record()).replace('epoch 5', 'epoch 3'), 'latin1');
    await using file = await open(stage.disk('vdx'), 'r+');
    await file.write(changed, 0, changed.length, latchAt);
    await stage.restart();
    expect(records(await stage.run(['latch', 'SYSTEM-1']))).toEqual(['latch\tnone']);
    expect(await older('write', 'SYSTEM-1', image)).toMatchObject({code: 64});
  });

  describe('whatever its lease, a controller changes nothing on', () => {
    test('a disk that this run has installed, after a restart too', async () => {
      await wiped(older);
      records(await older('latch-set', 'SYSTEM-1', 'installed'));
      await stage.restart();
      const before = await digest();
      for (const verb of [
        ['wipe', 'SYSTEM-1', 'overwrite'],
        ['write', 'SYSTEM-1', image],
        ['grow', 'SYSTEM-1', '3', 'uuid'],
        ['put', 'SYSTEM-1', '3', 'uuid'],
      ])
        expect({verb, ...(await newer(...verb))}).toMatchObject({verb, code: 64});
      expect(records(await newer('latch-set', 'SYSTEM-1', 'wiped'))[0]).toContain('\tinstalled\t');
      expect(await digest()).toBe(before);
    });

    test('a disk that this run has not wiped', async () => {
      const before = await digest();
      for (const verb of [
        ['write', 'SYSTEM-1', image],
        ['grow', 'SYSTEM-1', '3', 'uuid'],
        ['put', 'SYSTEM-1', '3', 'uuid'],
        ['latch-set', 'SYSTEM-1', 'wiped'],
        ['latch-set', 'SYSTEM-1', 'installed'],
        ['launch', 'SYSTEM-1'],
        ['start-next', 'SYSTEM-1', '1'],
      ])
        expect({verb, ...(await newer(...verb))}).toMatchObject({verb, code: 64});
      expect(await digest()).toBe(before);
    });
  });
});
