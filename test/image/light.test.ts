import {createHash} from 'node:crypto';
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {runId, serial, type Sha256} from '../../src/brand.ts';
import {ed25519Of} from '../../src/device/ssh-key/ed25519.ts';
import {dropbearKey, privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import type {Entry} from '../../src/image/cpio.ts';
import {grubConfig} from '../../src/image/light/boot-loader.ts';
import {contentDigest, contentOf} from '../../src/image/light/content-digest.ts';
import {applets, sbinApplets} from '../../src/image/light/contents.ts';
import {neededLibraries} from '../../src/image/light/elf.ts';
import {hostEntries, type HostOverlay} from '../../src/image/light/host.ts';
import {commandLine} from '../../src/image/light/iso.ts';
import {selectModules, wantedModules} from '../../src/image/light/modules.ts';
import {seal, sealKey} from '../../src/image/light/seal.ts';
import {systemEntries} from '../../src/image/light/system.ts';
import {Secret} from '../../src/secret.ts';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'light-'));
  onTestFinished(() => rmSync(path, {recursive: true}));
  return path;
};
const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('not a value of this kind');
  return value;
};

const pair = ed25519Of(Buffer.alloc(32, 7));
const host: HostOverlay = {
  run: known(runId('marruuk-3')),
  address: '203.0.113.20/24',
  gateway: '203.0.113.1',
  mac: '52:54:00:12:34:56',
  dns: ['203.0.113.53'],
  hostKey: new Secret(privateKeyText(pair, 'light')),
  authorizedKey: publicLine(pair, 'controller'),
  plan: {wipe: [known(serial('S1')), known(serial('S2'))], install: [known(serial('S1'))]},
};
const textOf = (entries: readonly Entry[], path: string): string => {
  const entry = entries.find((one) => one.path === path);
  if (entry?.type !== 'file') throw new Error(`no file ${path}`);
  return Buffer.from(entry.content).toString();
};

test("a host's files: its network, its plan, its key, and one key that may log in", () => {
  const made = hostEntries(host);
  if (!made.ok) throw new Error(made.fault.says);
  expect(textOf(made.value, 'etc/rebuild/plan')).toBe('run marruuk-3\nwipe S1\nwipe S2\ninstall S1\n');
  expect(textOf(made.value, 'etc/rebuild/network')).toBe(
    'run marruuk-3\nmac 52:54:00:12:34:56\naddress 203.0.113.20/24\ngateway 203.0.113.1\n',
  );
  expect(textOf(made.value, 'etc/resolv.conf')).toBe('nameserver 203.0.113.53\n');
  expect(textOf(made.value, 'root/.ssh/authorized_keys')).toBe(`${host.authorizedKey}\n`);
  const key = made.value.find(({path}) => path === 'etc/dropbear/host_ed25519');
  expect(key).toEqual({type: 'file', path: 'etc/dropbear/host_ed25519', mode: 0o600, content: dropbearKey(pair)});
  // The latch of the agent is sealed with everything in this folder.
  expect(made.value.filter(({path}) => path.startsWith('etc/dropbear/'))).toHaveLength(1);
});

test.each([
  ['address', '203.0.113.20'],
  ['gateway', '203.0.113.1\nrun other-1'],
  ['mac', '52:54:00:12:34:5G'],
  ['authorizedKey', 'ssh-ed25519 AAAA x\nssh-ed25519 BBBB y'],
  ['console', 'ttyS0 init=/bin/sh'],
])('refuses a malformed %s', (name, value) => {
  expect(hostEntries({...host, [name]: value})).toMatchObject({ok: false, fault: {code: 'image.build-failed'}});
});

test('refuses a host key that dropbear could not use', () => {
  expect(hostEntries({...host, hostKey: new Secret('-----BEGIN PRIVATE KEY-----')})).toMatchObject({ok: false});
});

test('the digest over what is in RAM is the one that init computes', () => {
  const entries: readonly Entry[] = [
    {type: 'file', path: 'usr/lib/a-b', mode: 0o644, content: Buffer.from('one')},
    {type: 'file', path: 'usr/lib/a/b', mode: 0o644, content: Buffer.from('two')},
    {type: 'file', path: 'init', mode: 0o755, content: Buffer.from('three')},
    {type: 'link', path: 'usr/bin/z', target: 'busybox'},
    {type: 'link', path: 'lib', target: 'usr/lib'},
  ];
  const root = folder();
  for (const entry of entries) {
    const path = join(root, entry.path);
    mkdirSync(dirname(path), {recursive: true});
    if (entry.type === 'file') writeFileSync(path, entry.content);
    if (entry.type === 'link') symlinkSync(entry.target, path);
  }
  const init = readFileSync(join(import.meta.dirname, '../../src/image/light/system/init'), 'utf8');
  const shell = known(/^content\(\) \{\n[^}]*^\}/m.exec(init)?.[0]).replace('cd /', 'cd "$ROOT"');
  const output = execFileSync('sh', ['-c', `${shell}\ncontent | sha256sum`], {
    env: {...process.env, ROOT: root, LC_ALL: 'C', scratch: folder(), shares: '2'},
  }).toString();
  const parts = [contentOf(entries.slice(0, 2)), contentOf(entries.slice(2))];
  expect(output.split(' ')[0]).toBe(contentDigest(parts));
  expect(contentDigest(parts.slice(1))).not.toBe(contentDigest(parts));
});

test('init is the last file of the archive, so that a truncated one cannot start', async () => {
  const entries = await systemEntries();
  expect(entries.at(-1)).toMatchObject({type: 'file', path: 'init', mode: 0o755});
  expect(entries.filter(({path}) => path === 'init')).toHaveLength(1);
  const before = new Set<string>();
  for (const {path} of entries) {
    const above = dirname(path);
    expect(above === '.' || before.has(above), `${path} after its folder`).toBe(true);
    before.add(path);
  }
});

test('the kernel finds no other program to start as init, and nobody gets a prompt', () => {
  const names: readonly string[] = [...applets, ...sbinApplets];
  for (const forbidden of ['init', 'linuxrc', 'getty', 'login', 'sulogin', 'telnetd', 'cttyhack', 'switch_root'])
    expect(names).not.toContain(forbidden);
  for (const keyIn of ['image', 'medium'] as const) {
    const config = grubConfig({mark: 'boot/m', commandLine: 'init=/', serialUnit: 0}, keyIn);
    expect(config.trimEnd().split('\n').at(-1)).toBe('reboot');
    expect(config).not.toMatch(/menuentry|timeout/);
    expect(config).toContain('REBUILD grub: medium lost, rebooting');
  }
});

test('a configuration on the medium is one block of it, whole or not there, and trusts the key before it needs it', () => {
  const commandLineOfAnIso = commandLine('a'.repeat(64) as Sha256, 'ttyS0');
  const choice = {mark: `boot/${'b'.repeat(32)}`, commandLine: commandLineOfAnIso, serialUnit: 0};
  const config = grubConfig(choice, 'medium');
  expect(Buffer.byteLength(config)).toBeLessThanOrEqual(2048);
  const order = ['search ', 'trust ', 'check_signatures=enforce', 'linux ', 'initrd ', 'boot\n'];
  const places = order.map((word) => config.indexOf(word));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('no module without a signature is loaded, since drivers are not waited for', () => {
  expect(commandLine('a'.repeat(64) as Sha256, 'ttyS0').split(' ')).toContain('module.sig_enforce=1');
});

test('modules come with what they depend on, and an unknown one is named', () => {
  const paths = Object.values(wantedModules).flat();
  const lines = paths.map((path) => {
    const module = path.endsWith('/') ? `${path}${path.split('/').at(-2)}.ko` : path;
    return `kernel/${module}: kernel/lib/shared.ko`;
  });
  const complete = [...lines, 'kernel/lib/shared.ko:', 'kernel/drivers/sound/noise.ko: kernel/lib/shared.ko'];
  const chosen = selectModules(complete.join('\n'));
  expect(chosen.missing).toEqual([]);
  expect(chosen.modules.map(({path}) => path)).toContain('kernel/lib/shared.ko');
  expect(chosen.modules.some(({path}) => path.includes('sound'))).toBe(false);
  const withoutNvme = complete.filter((line) => !line.startsWith('kernel/drivers/nvme/host/nvme.ko'));
  expect(selectModules(withoutNvme.join('\n')).missing).toEqual(['drivers/nvme/host/nvme.ko']);
});

test('reads what a program needs out of its ELF file, as the loader does', () => {
  const needed = neededLibraries(readFileSync('/bin/ls'));
  expect(needed).toContain('libc.so.6');
  for (const library of needed) expect(library).toMatch(/^lib[\w.+-]+\.so(?:\.\d+)*$/);
  expect(neededLibraries(Buffer.from('#!/bin/sh\n'))).toEqual([]);
});

test('a seal is an OpenPGP signature over the content and nothing else', () => {
  const content = Buffer.from('kernel');
  const signature = seal(content);
  expect(seal(content).equals(signature)).toBe(true);
  // A version 4 signature packet (RFC 4880, 5.2.3): binary document, RSA, SHA-256.
  expect(signature.subarray(0, 1).toString('hex')).toBe('89');
  expect(signature.subarray(3, 7).toString('hex')).toBe('04000108');
  const key = sealKey();
  const [modulus, exponent] = [integerAt(key, 3 + 6), integerAt(key, 3 + 6 + 2 + 256)];
  const value = integerAt(signature, signature.length - 258);
  const opened = power(value, exponent, modulus).toString(16);
  const head = signature.subarray(3, 3 + 6 + signature.readUInt16BE(3 + 4));
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, head.length]);
  const digest = createHash('sha256').update(content).update(head).update(trailer).digest('hex');
  expect(opened).toMatch(new RegExp(`^1(?:ff)+003031300d060960864801650304020105000420${digest}$`));
});

function integerAt(bytes: Buffer, at: number): bigint {
  const length = Math.ceil(bytes.readUInt16BE(at) / 8);
  return BigInt(`0x${bytes.subarray(at + 2, at + 2 + length).toString('hex')}`);
}

function power(base: bigint, exponent: bigint, over: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power(base, exponent / 2n, over);
  return (half * half * (exponent % 2n ? base : 1n)) % over;
}
