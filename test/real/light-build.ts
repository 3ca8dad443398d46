/** Builds a light ISO from nothing in a process of its own: the request on stdin, digests on stdout, both JSON. */
import {readFileSync} from 'node:fs';
import {buildBase} from '../../src/image/light/base.ts';
import type {HostOverlay} from '../../src/image/light/host.ts';
import {buildIso} from '../../src/image/light/iso.ts';
import {Secret} from '../../src/secret.ts';

type Request = Omit<HostOverlay, 'hostKey'> & {readonly hostKey: string; readonly out: string};
const {hostKey, out, ...host} = JSON.parse(readFileSync(0, 'utf8')) as Request;
const base = await buildBase();
if (!base.ok) throw new Error(base.fault.says);
const iso = await buildIso(base.value, {...host, hostKey: new Secret(hostKey)}, out);
if (!iso.ok) throw new Error(iso.fault.says);
process.stdout.write(JSON.stringify({base: base.value.digest, sha256: iso.value.sha256}));
