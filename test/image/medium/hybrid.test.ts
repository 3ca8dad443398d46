import {describe, expect, test} from 'vitest';
import {headBytes, startsOf} from '../../../src/image/medium/hybrid.ts';
import {smallIso} from './small-iso.ts';

const head = (iso: Buffer): Buffer => iso.subarray(0, headBytes);

describe('how an ISO starts from a disk', () => {
  test('with a GPT that its MBR protects: the EFI system partition there', () => {
    expect(startsOf(head(smallIso('gpt')))).toEqual({uuid: '2026-07-07-20-29-00-00', bios: true, uefi: 2});
  });

  test('with an MBR alone: the entry of type EF, as on Debian’s own media', () => {
    expect(startsOf(head(smallIso('mbr')))).toMatchObject({bios: true, uefi: 2});
  });

  test('a GPT that nothing protects does not count', () => {
    const iso = smallIso('gpt');
    iso.writeUInt8(0x17, 450);
    expect(startsOf(head(iso))).toMatchObject({bios: true, uefi: undefined});
  });

  test('without either it starts from CD only', () => {
    expect(startsOf(head(smallIso('none')))).toEqual({uuid: '2026-07-07-20-29-00-00', bios: false, uefi: undefined});
  });

  test('the time of the last change comes before that of creation', () => {
    const iso = smallIso('gpt');
    iso.write('2026110809101112', 16 * 2048 + 830, 'latin1');
    expect(startsOf(head(iso))?.uuid).toBe('2026-11-08-09-10-11-12');
  });

  test.each([
    ['cut short', (iso: Buffer) => iso.subarray(0, 32 << 10)],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => Buffer.alloc(headBytes, 7)],
  ])('what is %s is no ISO', (_, change) => {
    expect(startsOf(change(head(smallIso('gpt'))))).toBeUndefined();
  });

  test('a table that says more than there is ends with the head', () => {
    const iso = smallIso('gpt');
    iso.writeUInt32LE(0xffff_ffff, 512 + 80);
    iso.fill(0, 20 * 512 + 128, 20 * 512 + 256);
    expect(startsOf(head(iso))?.uefi).toBeUndefined();
    iso.writeUInt32LE(1, 512 + 84);
    expect(startsOf(head(iso))?.uefi).toBeUndefined();
  });
});
