import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {runTool} from '../../../src/image/debian/tool.ts';
import {inRoom} from '../../../src/image/room.ts';
import {ok, type Result} from '../../../src/result.ts';

// Fills the disk that its argument is on, with a program and with Node, and prints each fault.
const [folder = ''] = process.argv.slice(2);
const file = join(folder, 'file');
const ways: readonly (() => Promise<Result<unknown>>)[] = [
  () => runTool(['dd', 'if=/dev/zero', `of=${file}`, 'bs=64k', 'count=64']),
  async () => ok(await writeFile(file, Buffer.alloc(4_000_000))),
];
for (const work of ways) {
  const done = await inRoom(folder, work);
  process.stdout.write(`${JSON.stringify(done.ok ? 'it had room' : done.fault)}\n`);
}
