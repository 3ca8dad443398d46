import {describe, expect, test} from 'vitest';
import type {HostName, RunId, Sha256} from '../../../src/brand.ts';
import {hostFiles, networkFiles, recordedDigest} from '../../../src/image/os/host-files.ts';
import {Secret} from '../../../src/secret.ts';
import type {Runbook} from '../../../src/runbook/runbook.ts';
import type {InstallFile} from '../../../src/step/world/target.ts';

const digest = 'ab'.repeat(32) as Sha256;
const image = {digest, root: {partition: 3, uuid: '9ef3788f-5140-8aa2-9252-c579492ea699'}};
const run = {id: 'marruuk-3' as RunId, controllerKey: 'ssh-ed25519 AAAAcontroller rebuild'};
const hostKey = {
  privateKey: new Secret('-----BEGIN KEY-----\nx\n-----END KEY-----\n'),
  publicLine: 'ssh-ed25519 AAAAhost',
};

const network = {mac: '52:54:00:00:00:20', address: '203.0.113.20/24', gateway: '203.0.113.1', dns: ['203.0.113.1']};
const runbook = {
  host: {name: 'marruuk' as HostName},
  network,
  access: {authorizedKeys: ['ssh-ed25519 AAAAalice alice', run.controllerKey]},
} as unknown as Runbook;

const by = (files: readonly InstallFile[], path: string) => files.find((file) => file.path === path);

describe('what makes an image this host', () => {
  const files = hostFiles(runbook, run, image, hostKey);

  test('name, addresses and root file system', () => {
    expect(by(files, '/etc/hostname')).toEqual({path: '/etc/hostname', mode: 0o644, content: 'marruuk\n'});
    expect(by(files, '/etc/hosts')?.content).toContain('\n203.0.113.20 marruuk\n');
    expect(by(files, '/etc/fstab')?.content).toBe(`UUID=${image.root.uuid} / ext4 errors=remount-ro 0 1\n`);
  });

  test('the private key is for its owner alone and nowhere else', () => {
    expect(by(files, '/etc/ssh/ssh_host_ed25519_key')).toMatchObject({
      mode: 0o600,
      content: hostKey.privateKey.reveal(),
    });
    expect(files.filter(({content}) => content.includes('BEGIN KEY'))).toHaveLength(1);
    expect(by(files, '/etc/ssh/ssh_host_ed25519_key.pub')?.content).toBe('ssh-ed25519 AAAAhost\n');
  });

  test('who may log in: the controller and the runbook’s keys, each once', () => {
    expect(by(files, '/root/.ssh/authorized_keys')).toEqual({
      path: '/root/.ssh/authorized_keys',
      mode: 0o600,
      content: 'ssh-ed25519 AAAAcontroller rebuild\nssh-ed25519 AAAAalice alice\n',
    });
  });

  test('the record of the image can be read again', () => {
    const record = by(files, '/etc/rebuild/image')?.content ?? '';
    expect(recordedDigest(record)).toBe(digest);
    expect(record).toContain('marruuk-3');
    expect(recordedDigest('digest nonsense\n')).toBeUndefined();
  });
});

const unit = (change: Partial<typeof network>) =>
  by(networkFiles({network: {...network, ...change}}), '/etc/systemd/network/10-rebuild.network')?.content;

describe('the network', () => {
  test('is bound to the MAC address and static', () => {
    expect(unit({})).toBe(
      [
        '[Match]',
        'MACAddress=52:54:00:00:00:20',
        '',
        '[Network]',
        'Address=203.0.113.20/24',
        'DNS=203.0.113.1',
        'DHCP=no',
        'LinkLocalAddressing=no',
        'IPv6AcceptRA=no',
        '',
        '[Route]',
        'Gateway=203.0.113.1',
        '',
      ].join('\n'),
    );
  });

  test('names servers in resolv.conf', () => {
    const dns = ['192.0.2.1', '192.0.2.2'];
    expect(by(networkFiles({network: {...network, dns}}), '/etc/resolv.conf')?.content).toBe(
      'nameserver 192.0.2.1\nnameserver 192.0.2.2\n',
    );
    expect(by(networkFiles({network: {...network, dns: []}}), '/etc/resolv.conf')?.content).toBe('');
  });

  test.each([
    ['203.0.113.20/24', '203.0.113.1', false],
    ['203.0.113.20/32', '203.0.113.1', true],
    ['203.0.113.20/24', '203.0.114.1', true],
    ['10.0.0.1/8', '10.255.255.254', false],
    ['192.0.2.130/25', '192.0.2.126', true],
  ])('%s by way of %s: gateway on the link %s', (address, gateway, onLink) => {
    expect(unit({address, gateway})?.includes('GatewayOnLink=yes')).toBe(onLink);
  });
});

test.each([
  ['a second line', 'marruuk\nroot'],
  ['a carriage return', 'marruuk\r'],
  ['a null byte', 'a\0b'],
  ['a line separator', 'a\u2028b'],
  ['nothing', ''],
])('%s never reaches a configuration file', (_, text) => {
  const bad = {...network, address: text};
  expect(() => networkFiles({network: bad})).toThrow('not one line');
  expect(() => networkFiles({network: {...network, dns: [text]}})).toThrow('not one line');
  expect(() => hostFiles({...runbook, access: {authorizedKeys: [text]}}, run, image, hostKey)).toThrow('not one line');
  expect(() => hostFiles({...runbook, network: bad}, run, image, hostKey)).toThrow('not one line');
});
