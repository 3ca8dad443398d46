import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import type {Serial, Sha256} from '../../../src/brand.ts';
import {readDigests} from '../../../src/device/target/digests.ts';
import type {Link} from '../../../src/device/target/link.ts';
import {fault, type FaultCode} from '../../../src/fault.ts';
import {failed, ok} from '../../../src/result.ts';
import type {Sample} from '../../../src/step/world/target.ts';
import {hasty} from '../hasty.ts';

const disk = 'STAGING-1' as Serial;
const never = new AbortController().signal;
const ranges: readonly Sample[] = Array.from({length: 10}, (_, index) => ({offset: index * 4096, length: 4096}));
const digestAt = (offset: number): Sha256 => createHash('sha256').update(`${offset}`).digest('hex') as Sha256;

/** The agent behind a line that breaks after so many answers, one number a connection. */
function line(cuts: readonly number[], code: FaultCode = 'ssh.lost') {
  const left = [...cuts];
  const asked: number[][] = [];
  const link: Pick<Link, 'run'> = {
    run: async (_, {stdin, onStdout}) => {
      const offsets = String(stdin)
        .trim()
        .split('\n')
        .map((text) => Number(text.split(' ')[0]));
      asked.push(offsets.map((offset) => offset / 4096));
      const answered = left.shift() ?? offsets.length;
      await onStdout?.(Buffer.from('rebuild-target\t1\n'));
      // Answers come in the order they are ready.
      for (const [index, offset] of [...offsets.slice(0, answered).entries()].toReversed())
        await onStdout?.(Buffer.from(`digest\t${index}\t${digestAt(offset)}\n`));
      if (answered < offsets.length) return failed(fault(code, 'the line broke'));
      await onStdout?.(Buffer.from('end\n'));
      return ok({code: 0, stdout: '', stderr: ''});
    },
  };
  return {link, asked};
}

const all = ranges.map(({offset}) => digestAt(offset));

describe('reading a disk back over a line that is cut', () => {
  test('goes on with what was not answered yet', async () => {
    const {link, asked} = line([4, 0, 3]);
    const seen: number[] = [];
    const read = await readDigests(link, disk, ranges, (done) => seen.push(done), never, hasty());
    expect(read).toEqual({ok: true, value: all});
    expect(asked.map((indices) => indices.length)).toEqual([10, 6, 6, 3]);
    expect(asked.at(-1)).toEqual([7, 8, 9]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('is given up when connection after connection brings nothing', async () => {
    const {link, asked} = line(Array.from({length: 100}, () => 0));
    const read = await readDigests(link, disk, ranges, () => {}, never, hasty());
    expect(read).toMatchObject({ok: false, fault: {code: 'ssh.lost'}});
    expect(asked).toHaveLength(24);
  });

  test('is no matter of patience where another key answers', async () => {
    const {link, asked} = line([4], 'ssh.host-key-differs');
    const read = await readDigests(link, disk, ranges, () => {}, never, hasty());
    expect(read).toMatchObject({ok: false, fault: {code: 'ssh.host-key-differs'}});
    expect(asked).toHaveLength(1);
  });
});
