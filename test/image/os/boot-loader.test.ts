import {expect, test} from 'vitest';
import {bootCode, coreImage} from '../../../src/image/os/bios-boot.ts';
import {tableScript} from '../../../src/image/os/layout.ts';
import {overlay} from '../../../src/image/os/overlay.ts';

test('boot code leads to the core, and leaves the partition table’s bytes alone', () => {
  const image = Buffer.alloc(512, 0xaa);
  const code = bootCode(image, 2048);
  expect(code).toHaveLength(440);
  expect(code.readBigUInt64LE(0x5c)).toBe(2048n);
  expect(code.readUInt16LE(0x66)).toBe(0x9090);
  expect(code.subarray(0, 0x5c).equals(image.subarray(0, 0x5c))).toBe(true);
  expect(code.subarray(0x68).equals(image.subarray(0x68, 440))).toBe(true);
  expect(image.readUInt8(0x5c)).toBe(0xaa);
});

test('the core is told where its second sector lies', () => {
  const core = Buffer.alloc(3 * 512 + 1, 1);
  core.writeUInt16LE(3, 0x1f4 + 8);
  const patched = coreImage(core, 2048);
  expect(patched).toHaveLength(4 * 512);
  expect(patched.readBigUInt64LE(0x1f4)).toBe(2049n);
  expect(patched.readUInt16LE(0x1f4 + 8)).toBe(3);
});

test('a core whose list does not fit it is refused: GRUB’s format has changed', () => {
  const core = Buffer.alloc(4 * 512);
  core.writeUInt16LE(9, 0x1f4 + 8);
  expect(() => coreImage(core, 2048)).toThrow('lists 9 sectors and has 3');
  expect(() => bootCode(Buffer.alloc(440), 1)).toThrow('boot.img');
});

test('the partition table: every identifier given, root last', () => {
  const script = tableScript(1 << 30, {disk: 'DISK', parts: ['A', 'B', 'C']});
  const parts = script.split('\n').filter((line) => line.startsWith('start='));
  expect(script).toContain('label-id: DISK');
  expect(parts.map((line) => /uuid=(\w)/.exec(line)?.[1])).toEqual(['A', 'B', 'C']);
  expect(parts[0]).toMatch(/^start=2048, size=2048, type=21686148-/);
  expect(parts[2]).toMatch(/^start=135168, size=2097152, .*name=root$/);
});

test('the overlay names no host, holds no key and lets nobody in by password', () => {
  const text = overlay.map(({content}) => content).join('\n');
  expect(text).toContain('PasswordAuthentication no');
  expect(text).toContain('PermitRootLogin prohibit-password');
  expect(text).not.toMatch(/PRIVATE KEY|ssh-ed25519/);
  expect(overlay.map(({path}) => path)).not.toContain('/root/.ssh/authorized_keys');
});
