import {readFileSync} from 'node:fs';
import type {HostKeyPin, HostName} from '../../src/brand.ts';
import {nftablesEdge} from '../../src/device/firewall/edge.ts';
import {anewOver, execOver} from '../../src/device/firewall/exec.ts';
import {keptSession} from '../../src/device/ssh/kept.ts';
import {Secret} from '../../src/secret.ts';

// Runs on the lab's controller: quarantines a host at the gateway over SSH, as port.isolate does, and prints what became
// of it. `port` is the gateway's port that is said to lead to the host.

const [address = '', pin, keyFile = '', port = '', seconds] = process.argv.slice(2);
const gateway = keptSession({
  address,
  port: 22,
  user: 'root',
  hostKey: pin as HostKeyPin,
  key: new Secret(readFileSync(keyFile, 'utf8')),
});
const edge = nftablesEdge({
  exec: execOver(() => gateway.session()),
  anew: anewOver(gateway),
  host: 'marruuk' as HostName,
  address: '203.0.113.20',
  interface: port,
  revertSeconds: Number(seconds),
});
const enforced = await edge.enforce({mode: 'quarantine', admit: ['10.9.0.2']});
const policy = await edge.policy();
process.stdout.write(JSON.stringify({enforced, policy}));
gateway.close();
