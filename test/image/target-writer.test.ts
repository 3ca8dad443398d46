import {once} from 'node:events';
import {constants, existsSync} from 'node:fs';
import {open, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {chunk, orders, records, sha} from './target-orders.ts';
import {canStage, makeStage, type Ran, type Stage} from './target-stage.ts';

const size = 64 * 1_048_576;
const image = sha(Buffer.from('image'));
const order = orders([chunk(0, 0, Buffer.alloc(2 * 1_048_576, 'first '))]);

/** Where a connection has found a writer at work, and has not made itself known to it yet. */
const waiting = `#!/bin/sh
case $1 in to-c*) : >/run/reached; until [ -e /run/go ]; do sleep 0.05; done ;; esac
exec /usr/bin/mkfifo "$@"
`;

/** The record of the wipe is gone as the writer starts. */
const latchless = `#!/bin/sh
dd if=/dev/zero of=/dev/vdx bs=1048576 seek=62 count=2 conv=notrunc 2>/dev/null
exec /usr/bin/setsid "$@"
`;

/** Other orders have been written as the writer gets the disk. */
const overtaken = `#!/bin/sh
cd /run/rebuild/write-SYSTEM-1 2>/dev/null && [ "$*" = '-w 60 9' ] && [ -p events ] && echo 7 >generation
exec /usr/bin/flock "$@"
`;

describe.runIf(canStage)('a writer that ends while others come, on a stage of files', () => {
  let stage: Stage;
  const lay = async (tools: Readonly<Record<string, string>> = {}): Promise<void> => {
    stage = await makeStage(tools);
    await stage.addDisk({name: 'vdx', bytes: size, attributes: {serial: 'SYSTEM-1'}});
    await stage.plan(['run marruuk-3', 'wipe SYSTEM-1', 'install SYSTEM-1']);
    records(await under(1)('wipe', 'SYSTEM-1', 'overwrite'));
    await expect
      .poll(async () => records(await stage.run(['wipe-state', 'SYSTEM-1']))[0], {timeout: 20_000})
      .toBe('wipe\tdone\toverwrite');
    records(await under(1)('latch-set', 'SYSTEM-1', 'wiped'));
  };
  afterEach(() => stage.remove());

  const under =
    (lease: number) =>
    (...verb: readonly string[]): Promise<Ran> =>
      stage.run(['lease', String(lease), ...verb], order);
  /** The answer of a connection that has come so far. */
  const reached = async (): Promise<{readonly served: Promise<Ran>}> => {
    await lay({mkfifo: waiting});
    records(await under(1)('write', 'SYSTEM-1', image));
    const served = under(1)('serve', 'SYSTEM-1', '0', 'now');
    await expect.poll(() => existsSync(join(stage.folder, 'run/reached')), {timeout: 20_000}).toBe(true);
    return {served};
  };

  test('nobody is given to one that was ended and is not gone yet', async () => {
    await lay();
    records(await under(1)('write', 'SYSTEM-1', image));
    const worker = Number(await readFile(join(stage.folder, 'run/rebuild/write-SYSTEM-1/worker'), 'utf8'));
    // It cannot end before it goes on.
    process.kill(-worker, 'SIGSTOP');
    // A newer controller's connection may come before its orders do.
    expect(records(await under(2)('serve', 'SYSTEM-1', '0', 'now'))).toEqual(['over']);
    expect(records(await stage.run(['follow', 'SYSTEM-1', '1', '1']))).toEqual([]);
    const written = under(2)('write', 'SYSTEM-1', image);
    setTimeout(() => process.kill(-worker, 'SIGCONT'), 1000);
    expect(records(await written)).toEqual(['accepted\t2']);
  });

  test('a connection that comes as the next one takes over is told, and does not wait for ever', async () => {
    const {served} = await reached();
    expect(records(await under(1)('write', 'SYSTEM-1', sha(Buffer.from('another'))))).toEqual(['accepted\t2']);
    await writeFile(join(stage.folder, 'run/go'), '');
    expect(records(await served)).toEqual(['over']);
  });

  test('nor does one that comes as it says that it is over', async () => {
    const {served} = await reached();
    const log = stage.start(['follow', 'SYSTEM-1', '1', '1']);
    records(await under(1)('halt', 'SYSTEM-1'));
    await once(log, 'exit');
    await writeFile(join(stage.folder, 'run/go'), '');
    expect(records(await served)).toEqual(['over']);
  });

  test.each([
    {tools: {setsid: latchless}, says: 'the disk carries no latch that this run wiped it'},
    {tools: {flock: overtaken}, says: 'other orders have come'},
  ])('one that may not write says so, and nothing of it stays: $says', async ({tools, says}) => {
    await lay(tools);
    const {code, stderr} = await under(1)('write', 'SYSTEM-1', image);
    expect({code, stderr}).toEqual({code: 75, stderr: expect.stringContaining(`did not start: ${says}`)});
    const events = join(stage.folder, 'run/rebuild/write-SYSTEM-1/events');
    // All of a writer hold their pipe open.
    const {O_WRONLY, O_NONBLOCK} = constants;
    await expect.poll(() => open(events, O_WRONLY | O_NONBLOCK).catch(({code: why}) => why)).toBe('ENXIO');
  });
});
