import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Serial} from '../../../src/brand.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import {sshTarget} from '../../../src/device/target/target.ts';
import {openImage} from '../../../src/device/vault/disk-image.ts';
import {frameBytes} from '../../../src/evidence/frame.ts';
import {fault} from '../../../src/fault.ts';
import {failed} from '../../../src/result.ts';
import {canStage, makeStage, type Stage} from '../../image/target-stage.ts';
import {haveSshd, startSshd, type Sshd} from '../ssh/sshd.ts';

const MiB = 2 ** 20;
const serial = 'SYSTEM-1' as Serial;
const never = new AbortController().signal;

let stage: Stage;
let sshd: Sshd;
let folder: string;
let target: ReturnType<typeof sshTarget>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-image-'));
  stage = await makeStage();
  await stage.plan(['run marruuk-1']);
  sshd = await startSshd([`ForceCommand ${await stage.entrance()}`]);
  const login = {address: '127.0.0.1', port: sshd.port, user: sshd.user, key: sshd.key, hostKey: sshd.hostKey};
  target = sshTarget(keptSession(login), 0);
});

afterEach(async () => {
  target.close();
  await sshd.stop();
  await stage.remove();
  await rm(folder, {recursive: true, force: true});
});

const opened = async () => {
  const image = await openImage(folder, serial);
  if (!image.ok) throw new Error(image.fault.says);
  return image.value;
};

const digest = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

describe.runIf(canStage && haveSshd)('a disk’s image', () => {
  test(
    'goes on at a frame after it was cut, and is read with zstd and e2fsprogs alone',
    {timeout: 120_000},
    async () => {
      // With eight blank frames in a row, which are read at once, and a last one that is short.
      const bytes = 21 * frameBytes + 3 * MiB;
      await stage.addDisk({name: 'vdtest', bytes, attributes: {serial: serial}});
      const disk = stage.disk('vdtest');
      await writeFile(join(folder, 'note'), 'the old system was here\n');
      execFileSync('mke2fs', ['-q', '-t', 'ext4', '-F', disk]);
      execFileSync('debugfs', ['-w', '-R', `write ${join(folder, 'note')} note`, disk], {stdio: 'ignore'});
      await truncate(disk, bytes);
      const before = await digest(disk);

      const first = await opened();
      const cut = await target.image(
        serial,
        first.next,
        async (frame, size) =>
          frame.index < 3 ? first.keep(frame, size) : failed(fault('ssh.lost', 'the link is cut')),
        never,
      );
      expect(cut).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
      await first.pause();
      // What stands after the last durable frame is none.
      await appendFile(join(folder, 'disk-SYSTEM-1.raw.zst'), 'half a frame');

      const second = await opened();
      expect(second.next).toBe(3);
      const seen: number[] = [];
      const read = await target.image(
        serial,
        second.next,
        (frame, size) => {
          seen.push(frame.index);
          return second.keep(frame, size);
        },
        never,
      );
      expect(read).toEqual({ok: true, value: undefined});
      expect(seen).toEqual(Array.from({length: 19}, (_, place) => place + 3));
      expect(await second.end(bytes)).toMatchObject({ok: true, value: {rawSha256: before}});

      expect(await digest(disk)).toBe(before);
      const image = join(folder, 'disk-SYSTEM-1.raw.zst');
      expect((await stat(image)).size).toBeLessThan(MiB);
      execFileSync('zstd', ['-q', '-d', '--sparse', image], {cwd: folder});
      execFileSync('sha256sum', ['-c', '--quiet', 'disk-SYSTEM-1.raw.sha256'], {cwd: folder});
      const raw = await stat(join(folder, 'disk-SYSTEM-1.raw'));
      expect(raw.size).toBe(bytes);
      expect(raw.blocks * 512).toBeLessThan(bytes / 2);
      const note = execFileSync('debugfs', ['-R', 'cat note', join(folder, 'disk-SYSTEM-1.raw')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(note).toBe('the old system was here\n');
    },
  );

  test('names each place that the disk cannot read, and goes on behind it', {timeout: 120_000}, async () => {
    await stage.addDisk({name: 'vdtest', bytes: frameBytes + 4 * 65_536, attributes: {serial: serial}});
    await writeFile(stage.disk('vdtest'), Buffer.alloc(frameBytes + 65_536, 'x'));
    const image = await opened();
    const unread: unknown[] = [];
    const read = await target.image(
      serial,
      0,
      (frame, size) => {
        unread.push(...frame.unread);
        return image.keep(frame, size);
      },
      never,
    );
    expect(read.ok).toBe(true);
    expect(unread).toEqual([1, 2, 3].map((block) => [frameBytes + block * 65_536, 65_536]));
    expect((await image.end(frameBytes + 4 * 65_536)).ok).toBe(true);
  });

  test('a frame that is damaged where it is kept is found when it is read back', {timeout: 120_000}, async () => {
    await stage.addDisk({name: 'vdtest', bytes: frameBytes, attributes: {serial: serial}});
    await writeFile(stage.disk('vdtest'), Buffer.alloc(frameBytes, 'evidence '));
    const image = await opened();
    await target.image(serial, 0, (frame, size) => image.keep(frame, size), never);
    await image.pause();
    const file = join(folder, 'disk-SYSTEM-1.raw.zst');
    const content = await readFile(file);
    content[20] = (content[20] ?? 0) ^ 1;
    await writeFile(file, content);
    expect(await image.end(frameBytes)).toMatchObject({ok: false, fault: {code: 'evidence.differs'}});
  });
});
