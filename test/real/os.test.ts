import {mkdtemp, rm} from 'node:fs/promises';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {HostName, RunId} from '../../src/brand.ts';
import {stockNamed} from '../../src/command/image.ts';
import {unpack} from '../../src/image/chunks.ts';
import {at, putFiles} from '../../src/image/os/ext4.ts';
import {hostFiles, networkFiles} from '../../src/image/os/host-files.ts';
import {layout} from '../../src/image/os/layout.ts';
import {buildSuspect} from '../../src/image/os/suspect.ts';
import type {StoredImage} from '../../src/image/manifest.ts';
import type {Result} from '../../src/result.ts';
import {runbook} from '../simulator/runbook.ts';
import {bootDisk, newKey, userNetwork} from './os-machine.ts';

const slow = 900_000;
const GiB = 2 ** 30;
let folder: string;
let stored: StoredImage;

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.fault.says);
  return result.value;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-os-'));
  ({stored} = must(await stockNamed()));
}, slow);
afterAll(() => rm(folder, {recursive: true, force: true}));

/** The stock image as the install leaves it: with one host's files. */
async function installed(disk: string) {
  const keys = {hostKey: newKey(), client: newKey()};
  const host = {...runbook, host: {...runbook.host, name: 'marruuk' as HostName}, network: userNetwork};
  const run = {id: 'marruuk-3' as RunId, controllerKey: keys.client.publicLine};
  const files = [...hostFiles(host, run, stored.image, keys.hostKey), ...networkFiles(host)];
  await unpack(stored, disk, stored.image.sizeBytes);
  must(await putFiles(at(disk, layout.rootStart), files, [], folder));
  return keys;
}

describe('a host installed from the image', () => {
  test.each(['bios', 'uefi', 'secure-boot'] as const)(
    'starts by %s, is who it should be, and needs nothing',
    async (firmware) => {
      const disk = join(folder, `${firmware}.raw`);
      const machine = await bootDisk(folder, disk, firmware, await installed(disk));
      try {
        expect(await machine.run('hostname')).toBe('marruuk');
        expect(await machine.run('cat', '/etc/rebuild/image')).toContain(stored.image.digest);
        expect(await machine.run('ip', '-o', '-4', 'address')).toContain(userNetwork.address);
        expect(await machine.run('ip', '-6', 'address', 'show', 'scope', 'global')).toBe('');
        expect(await machine.run('findmnt', '-no', 'UUID', '/')).toBe(stored.image.root.uuid);
        expect(await machine.run('ls', '/etc/ssh')).not.toMatch(/rsa|ecdsa/);
        expect(await machine.run('passwd', '-S', 'root')).toMatch(/^root L/);
        expect(await machine.run('systemctl', '--failed', '--no-legend')).toBe('');
        const listening = await machine.run('ss', '-Hltn');
        expect(new Set(listening.split('\n').map((row) => row.trim().split(/\s+/)[3]))).toEqual(
          new Set(['0.0.0.0:22', '[::]:22']),
        );
        expect(await machine.run('test', '-d', '/sys/firmware/efi', '&&', 'echo', 'uefi', '||', 'echo', 'bios')).toBe(
          firmware === 'bios' ? 'bios' : 'uefi',
        );
        const log = await machine.run('dmesg');
        expect(log.includes('Secure boot enabled')).toBe(firmware === 'secure-boot');
      } finally {
        await machine.stop();
      }
    },
    slow,
  );

  test(
    'has a sound file system that grows to a large disk',
    async () => {
      const disk = join(folder, 'grown.raw');
      const root = join(folder, 'root.ext4');
      await installed(disk);
      const place = [`if=${disk}`, `of=${root}`, `skip=${layout.rootStart >> 20}`];
      await execa('dd', [...place, 'bs=1M', 'conv=sparse', 'status=none']);
      await execa('e2fsck', ['-f', '-n', root]);
      await execa('truncate', ['-s', String(2048 * GiB), root]);
      await execa('resize2fs', [root]);
      const {stdout} = await execa('e2fsck', ['-f', '-n', root]);
      expect(stdout).toMatch(/\/536870912 blocks/);
    },
    slow,
  );
});

test(
  'the lab’s suspect starts with its own key, and does what it must be caught at',
  async () => {
    const keys = {hostKey: newKey(), client: newKey()};
    const disk = join(folder, 'suspect.raw');
    const suspect = {
      hostname: 'marruuk',
      network: userNetwork,
      hostKey: keys.hostKey,
      authorizedKey: keys.client.publicLine,
      beacon: {address: '198.51.100.10', port: 80},
    };
    must(await buildSuspect(stored, suspect, disk, 4 * GiB));
    const machine = await bootDisk(folder, disk, 'bios', keys);
    try {
      expect(await machine.run('cat', '/etc/suspect')).toContain('old system');
      expect(await machine.run('systemctl', 'is-active', 'miner', 'beacon', 'echo-80.socket', 'echo-445.socket')).toBe(
        'active\nactive\nactive\nactive',
      );
      expect(await echo(machine.echoPort, 'worm')).toBe('worm');
    } finally {
      await machine.stop();
    }
  },
  slow,
);

function echo(port: number, text: string): Promise<string> {
  const {promise, resolve, reject} = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.once('data', (data) => {
    socket.destroy();
    resolve(String(data));
  });
  socket.once('error', reject);
  return promise;
}
