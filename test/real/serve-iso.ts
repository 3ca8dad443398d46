/** Serves one file to the lab's BMC until stdin ends: `serve-iso.ts ADDRESS FILE`. Prints the URL. */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {serveIso} from '../../src/device/iso-server/serve.ts';
import type {Sha256} from '../../src/brand.ts';

const [address = '', file = ''] = process.argv.slice(2);
const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex') as Sha256;
const served = await serveIso({address, token: 'a-token-of-the-test', file, sha256});
if (!served.ok) throw new Error(served.fault.says);
process.stdout.write(`${served.value.url}\n`);
process.stdin.resume().on('end', () => process.exit(0));
