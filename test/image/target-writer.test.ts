import {once} from 'node:events';
import {constants} from 'node:fs';
import {glob, open, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {chunk, orders, records, sha} from './target-orders.ts';
import {canStage, makeStage, type Ran, type Stage} from './target-stage.ts';

const size = 64 * 1_048_576;
const image = sha(Buffer.from('image'));
const order = orders([chunk(0, 0, Buffer.alloc(2 * 1_048_576, 'first '))]);

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

/** Fails where nobody reads the pipe. */
const toReader = constants.O_WRONLY | constants.O_NONBLOCK;

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

  const folder = (): string => join(stage.folder, 'run/rebuild/write-SYSTEM-1');
  const under =
    (lease: number) =>
    (...verb: readonly string[]): Promise<Ran> =>
      stage.run(['lease', String(lease), ...verb], order);
  /** One that has found a writer at work, and has not made itself known to it yet: it reads who had its slot before. */
  const reached = async (): Promise<{readonly goOn: () => Promise<void>; readonly served: Promise<Ran>}> => {
    await lay();
    records(await under(1)('write', 'SYSTEM-1', image));
    const before = join(folder(), 'connection-c0-0');
    await execa('mkfifo', [before]);
    const served = under(1)('serve', 'SYSTEM-1', '0', 'now');
    const told = await vi.waitFor(() => open(before, toReader), {timeout: 20_000});
    // Nobody else meets it.
    await rm(before);
    return {goOn: () => told.close(), served};
  };

  test('nobody is given to one that was ended and is not gone yet', async () => {
    await lay();
    records(await under(1)('write', 'SYSTEM-1', image));
    const worker = Number(await readFile(join(folder(), 'worker'), 'utf8'));
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
    const {goOn, served} = await reached();
    expect(records(await under(1)('write', 'SYSTEM-1', sha(Buffer.from('another'))))).toEqual(['accepted\t2']);
    await goOn();
    expect(records(await served)).toEqual(['over']);
  });

  test('nor does one that comes as it says that it is over', async () => {
    const {goOn, served} = await reached();
    const log = stage.start(['follow', 'SYSTEM-1', '1', '1']);
    records(await under(1)('halt', 'SYSTEM-1'));
    await once(log, 'exit');
    await goOn();
    expect(records(await served)).toEqual(['over']);
  });

  test('nor one of an older controller that nobody knew as the newer one took over', async () => {
    const {goOn, served} = await reached();
    // While a program is started its words cannot be read: it is passed over, and its note taken away.
    for await (const note of glob(join(stage.folder, 'run/rebuild/changing-*'))) await rm(note);
    expect(records(await under(2)('write', 'SYSTEM-1', image))).toEqual(['attached\t1']);
    await goOn();
    expect(await served).toMatchObject({code: 76, stderr: expect.stringContaining('newer lease (2)')});
  });

  test.each([
    {tools: {setsid: latchless}, says: 'the disk carries no latch that this run wiped it'},
    {tools: {flock: overtaken}, says: 'other orders have come'},
  ])('one that may not write says so, and nothing of it stays: $says', async ({tools, says}) => {
    await lay(tools);
    const {code, stderr} = await under(1)('write', 'SYSTEM-1', image);
    expect({code, stderr}).toEqual({code: 75, stderr: expect.stringContaining(`did not start: ${says}`)});
    // All of a writer hold their pipe open.
    const events = join(folder(), 'events');
    const tried = (): Promise<unknown> =>
      open(events, toReader).then(
        (pipe) => pipe.close(),
        ({code: why}) => why,
      );
    await expect.poll(tried).toBe('ENXIO');
  });
});
