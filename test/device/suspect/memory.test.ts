import {execFileSync} from 'node:child_process';
import {randomFillSync} from 'node:crypto';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {systemClock} from '../../../src/clock.ts';
import {linuxItems} from '../../../src/evidence/linux.ts';
import {shortIn} from '../../../src/evidence/outcome.ts';
import type {Item} from '../../../src/evidence/item.ts';
import {evidenceCapture} from '../../../src/step/evidence-capture.ts';
import {takeLive} from '../../../src/step/evidence/live.ts';
import {coreHead} from '../../evidence/core.ts';
import {handOf} from '../../step/hand.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {wickedHost} from './host.ts';

// A host whose kernel shows its RAM as a test wrote it: a file in /proc/kcore's place, of two ranges.

const MiB = 2 ** 20;
const first = {start: 0x1000, bytes: 0x9_e000, at: 0x2000};
const second = {start: 0x10_0000, bytes: 20 * MiB, at: 0x2000 + 0x9_e000};

let lair: string;
let core: Buffer;
beforeEach(async () => {
  lair = await mkdtemp('/dev/shm/lair-');
  core = Buffer.alloc(second.at + second.bytes);
  randomFillSync(core, 0, 12 * MiB);
  const loads = [first, second].map(({start, bytes, at}) => ({
    offset: BigInt(at),
    virtual: 0xffff_8880_0000_0000n + BigInt(start),
    physical: BigInt(start),
    bytes: BigInt(bytes),
  }));
  core.set(coreHead(loads));
  await writeFile(join(lair, 'core'), core);
  const line = ({start, bytes}: typeof first): string =>
    `${start.toString(16).padStart(8, '0')}-${(start + bytes - 1).toString(16).padStart(8, '0')} : System RAM\n`;
  const records = {boot: 'boot-1\n', ram: line(first) + line(second), kcore: core.subarray(0, 65_536)};
  const text = Object.entries(records).map(([key, value]) => `${key}\t${Buffer.from(value).toString('base64')}\n`);
  await writeFile(join(lair, 'map'), text.join(''));
});
afterEach(() => rm(lair, {recursive: true, force: true}));

const item = linuxItems.find(({id}) => id === 'memory') as Item;
const dd = 'dd if=$lair/core bs=65536 iflag=skip_bytes,count_bytes,fullblock status=none';

/** Where its programs may lie: not where another test of a whole capture looks for what is left. */
const elsewhere = `*"'/proc/self/mounts'"*) echo 'tmpfs /tmp tmpfs rw 0 0' ;;`;

/** The host's answers: its map, and any part of its memory but what `wicked` takes. */
const memoryHost = (wicked = '') =>
  wickedHost(`${elsewhere}
*"'memory-map'"*) cat ${lair}/map ;;
*"'memory'"*)
  lair=${lair}
  eval "set -- $SSH_ORIGINAL_COMMAND"
  while [ $# -gt 2 ]; do shift; done
  ${wicked}
  ${dd} skip=$1 count=$2 ;;`);

const expected = (): Buffer =>
  Buffer.concat(
    [first, second].flatMap(({start, bytes, at}) => {
      const header = Buffer.alloc(32);
      header.writeUInt32LE(0x4c69_4d45, 0);
      header.writeUInt32LE(1, 4);
      header.writeBigUInt64LE(BigInt(start), 8);
      header.writeBigUInt64LE(BigInt(start + bytes - 1), 16);
      return [header, core.subarray(at, at + bytes)];
    }),
  );

async function take(host: Awaited<ReturnType<typeof wickedHost>>, told = handOf()) {
  const vault = await host.world.evidence.open('memory');
  if (!vault.ok) throw new Error(vault.fault.says);
  const items = [item];
  const taken = await takeLive(
    host.world,
    vault.value,
    {items, until: systemClock.ticks() + 60_000, accepted: false},
    told.hand,
  );
  return {taken, vault: vault.value, told: told.told};
}

const unpacked = async (host: Awaited<ReturnType<typeof wickedHost>>): Promise<Buffer> => {
  const record = (await host.custody('memory')).find(({id}) => id.startsWith('memory-'));
  return execFileSync('zstd', ['-dc', join(host.data('memory'), record?.file ?? '')], {maxBuffer: 64 * MiB});
};

describe.runIf(haveSshd)('the RAM of a running system', () => {
  test('is in the bundle as LiME has it, and zstd alone unpacks it', {timeout: 60_000}, async () => {
    await using host = await memoryHost();
    const {taken, vault} = await take(host);
    expect(taken).toEqual({ok: true, value: undefined});
    expect((await unpacked(host)).equals(expected())).toBe(true);
    const [map, memory] = await host.custody('memory');
    expect(map).toMatchObject({id: '001-memory-map', complete: true});
    expect(memory?.complete).toBe(true);
    const sealed = await vault.seal();
    expect(sealed.ok && shortIn(sealed.value.records)).toEqual([]);
    const seal = host.seal('memory');
    execFileSync('sha256sum', ['-c', '--quiet', join(seal, 'SHA256SUMS')], {cwd: host.data('memory')});
    expect(await readFile(join(seal, 'SHA256SUMS'), 'utf8')).toMatch(/memory-[0-9a-f]{8}\.lime\.zst/);
  });

  test('goes on where it was cut, and what is kept is not asked for again', {timeout: 60_000}, async () => {
    await using host = await memoryHost(
      `[ -e $lair/again ] || { touch $lair/again; ${dd} skip=$1 count=$2 | head -c 13000000; kill -9 $PPID; }
       echo "$1 $2" >>$lair/asked`,
    );
    // The first range goes whole; the cut comes in the second one's first part.
    await writeFile(join(lair, 'asked'), '');
    expect((await take(host)).taken).toEqual({ok: true, value: undefined});
    expect((await host.custody('memory')).at(-1)).toMatchObject({id: 'skipped-memory', lack: 'lost'});
    await writeFile(join(lair, 'asked'), '');
    const {taken, told} = await take(host);
    expect(taken).toEqual({ok: true, value: undefined});
    expect((await unpacked(host)).equals(expected())).toBe(true);
    if (told.notes.some(({says}) => says.startsWith('RAM goes on at')))
      expect((await readFile(join(lair, 'asked'), 'utf8')).split('\n')).not.toContain(`${first.at} ${first.bytes}`);
  });

  test('what cannot be read is zero and told by its place; the rest is there', {timeout: 60_000}, async () => {
    const bad = second.at + 4 * MiB;
    await using host = await memoryHost(
      `if [ $1 -lt ${bad + MiB} ] && [ $(($1 + $2)) -gt ${bad} ]; then
         [ $1 -lt ${bad} ] && ${dd} skip=$1 count=$((${bad} - $1))
         echo 'dd: Bad address' >&2
         exit 1
       fi`,
    );
    const {taken} = await take(host);
    expect(taken).toEqual({ok: true, value: undefined});
    const whole = expected();
    whole.fill(0, 64 + first.bytes + 4 * MiB, 64 + first.bytes + 5 * MiB);
    expect((await unpacked(host)).equals(whole)).toBe(true);
    const memory = (await host.custody('memory')).at(-1);
    expect(memory).toMatchObject({
      complete: false,
      lack: 'unread',
      reason: `${MiB} bytes could not be read and are zero`,
    });
    expect(memory?.unread).toEqual([[second.start + 4 * MiB, MiB]]);
  });

  test('what could not be read before a cut is still told after it', {timeout: 60_000}, async () => {
    const bad = second.at + 4 * MiB;
    await using host = await memoryHost(
      `if [ $1 -lt ${bad + MiB} ] && [ $(($1 + $2)) -gt ${bad} ]; then
         [ -e $lair/again ] && exec ${dd} skip=$1 count=$2
         [ $1 -lt ${bad} ] && ${dd} skip=$1 count=$((${bad} - $1))
         exit 1
       fi
       [ $1 -lt ${bad} ] || [ -e $lair/again ] || { touch $lair/again; ${dd} skip=$1 count=9000000; kill -9 $PPID; }`,
    );
    expect((await take(host)).taken).toEqual({ok: true, value: undefined});
    expect((await host.custody('memory')).at(-1)).toMatchObject({id: 'skipped-memory', lack: 'lost'});
    const {taken, told} = await take(host);
    expect(taken).toEqual({ok: true, value: undefined});
    expect(told.notes.map(({says}) => says)).toContainEqual(expect.stringMatching(/^RAM goes on at [1-9]/));
    const memory = (await host.custody('memory')).at(-1);
    expect(memory).toMatchObject({
      complete: false,
      lack: 'unread',
      reason: `${MiB} bytes could not be read and are zero`,
    });
    expect(memory?.unread).toEqual([[second.start + 4 * MiB, MiB]]);
  });

  test(
    'a kernel that refuses is on record with its words, and the wipe rests on the rest',
    {timeout: 60_000},
    async () => {
      await using host = await wickedHost(
        `${elsewhere}
       *"'memory-map'"*) echo 'dd: /proc/kcore: Operation not permitted' >&2; exit 1 ;;
*"'leave'"*) eval "$SSH_ORIGINAL_COMMAND" ;;
*"/b' '"*) : ;;`,
      );
      const params = evidenceCapture.params.parse({profile: 'memory'});
      const {hand, told} = handOf();
      const done = await evidenceCapture.apply(host.world, params, hand);
      expect(done).toMatchObject({
        ok: true,
        value: {data: {verdicts: [{profile: 'triage', standing: {is: 'verified'}}]}},
      });
      const says = 'refused: ended with 1: dd: /proc/kcore: Operation not permitted';
      expect((await host.custody('memory')).find(({id}) => id === 'skipped-memory')).toMatchObject({
        complete: false,
        reason: says,
      });
      expect(told.notes.map((note) => note.says)).toContain(`skipped-memory is not to be had: ${says}`);
    },
  );
});
