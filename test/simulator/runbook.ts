import type {HostKeyPin, HostName, Serial, Sha256, StepId} from '../../src/brand.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';

export const step = (id: string, kind: string, params: object = {}, line = 1): StepEntry => ({
  id: id as StepId,
  kind,
  params: kinds.get(kind)!.params.parse(params),
  place: {file: 'runbooks/marruuk.yaml', line, column: 5},
});

const pin = (letter: string) => `SHA256:${letter.repeat(43)}` as HostKeyPin;

/** The runbook of the simulator: one disk to erase, one to keep, the nine steps. */
export const runbook: Runbook = {
  version: 1,
  host: {name: 'marruuk' as HostName, serial: 'MRK-2017-0929', firmware: 'uefi', promiseSeconds: 43_200},
  controller: {},
  bmc: {
    driver: 'redfish',
    url: 'https://10.9.0.31',
    certificate: 'a'.repeat(64) as Sha256,
    user: 'env:BMC_USER',
    password: 'env:BMC_PASSWORD',
  },
  edge: {
    driver: 'nftables',
    address: '10.9.0.1',
    port: 22,
    user: 'root',
    hostKey: pin('E'),
    key: 'file:edge.key',
    interface: 'host0',
  },
  vantages: {},
  disks: {
    system: {name: 'system', serial: 'S3Z8NB0K412345' as Serial, sizeBytes: 8_000_000_000, keep: false},
    worlds: {name: 'worlds', serial: 'S3Z8NB0K498765' as Serial, sizeBytes: 4_000_000_000, keep: true},
  },
  network: {mac: '52:54:00:00:00:20', address: '203.0.113.20/24', gateway: '203.0.113.1', dns: []},
  access: {authorizedKeys: []},
  steps: [
    step('isolate', 'port.isolate', {}, 40),
    step('evidence', 'evidence.capture', {profile: 'none', waiver: {by: 'lena', reason: 'nothing of value'}}, 41),
    step('mount', 'media.mount', {}, 41),
    step('boot', 'target.boot', {}, 42),
    step('wipe', 'disk.wipe', {disks: ['system']}, 43),
    step('install', 'os.install', {disk: 'system'}, 44),
    step('eject', 'media.eject', {}, 45),
    step('network', 'network.restore', {open: ['tcp/22'], block: ['tcp/80', 'tcp/445']}, 46),
    step('verify', 'host.verify', {expect: ['tcp/22'], refused: ['tcp/80', 'tcp/445']}, 47),
  ],
};

export const pins = {light: pin('L'), host: pin('H'), old: pin('O')};
