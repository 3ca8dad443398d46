import {hostName, type HostKeyPin, type Serial, type Sha256} from '../../src/brand.ts';
import type {DiskSpec, Runbook, SshSpec} from '../../src/runbook/runbook.ts';

const disk = (name: string, serial: string, keep: boolean): DiskSpec => ({
  name,
  serial: serial as Serial,
  sizeBytes: 480e9,
  keep,
});

const ssh: SshSpec = {
  address: '192.0.2.1',
  port: 2222,
  user: 'admin',
  hostKey: `SHA256:${'a'.repeat(43)}` as HostKeyPin,
  key: 'env:EDGE_KEY',
};

/** A runbook whose devices are all far away. */
export function labRunbook(): Runbook {
  const name = hostName('marruuk');
  if (name === undefined) throw new Error('not a host name');
  return {
    version: 1,
    host: {name, serial: 'MRK-2017-0929', firmware: 'uefi'},
    controller: {mediaPort: 8080},
    bmc: {
      driver: 'redfish',
      url: 'https://192.0.2.31',
      certificate: '0'.repeat(64) as Sha256,
      user: 'env:BMC_USER',
      password: 'env:BMC_PASSWORD',
    },
    edge: {...ssh, driver: 'nftables', interface: 'ge-0/0/7'},
    vantages: {office: ssh},
    disks: {system: disk('system', 'S3Z8NB0K412345', false), worlds: disk('worlds', 'S3Z8NB0K498765', true)},
    network: {
      mac: '52:54:00:12:34:56',
      address: '203.0.113.20/24',
      gateway: '203.0.113.1',
      dns: [],
      reach: {address: '192.0.2.20', port: 2022},
    },
    access: {authorizedKeys: []},
    steps: [],
  };
}
