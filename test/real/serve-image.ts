/** One of a test's image servers, until its parent ends: `serve-image.ts ADDRESS PORT FOLDER DIGEST MANNER`. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {startStatic} from '../device/target/static-server.ts';

const [address = '', port = '', folder = '', digest = '', words = ''] = process.argv.slice(2);
const manner = JSON.parse(words) as {diesAt?: number; garbled?: readonly [number, number]; bytesPerSecond?: number};
const {garbled, ...rest} = manner;
const server = await startStatic(
  `/images/${digest}/chunks.zst`,
  readFileSync(join(folder, digest, 'chunks.zst')),
  {...rest, ...(garbled && {garbles: (at: number) => at >= garbled[0] && at < garbled[1]})},
  [address, Number(port)],
);
process.stdout.write('ready\n');
process.on('message', (word) => word === 'sent' && process.send?.(server.sent()));
process.on('disconnect', () => process.exit(0));
