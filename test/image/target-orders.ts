import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {zstdCompressSync} from 'node:zlib';
import {expect} from 'vitest';
import type {Ran, Stage} from './target-stage.ts';

export const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** The records of a good answer. */
export const records = ({code, stdout, stderr}: Ran): string[] => {
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  const lines = stdout.split('\n');
  expect([lines[0], ...lines.slice(-2)]).toEqual(['rebuild-target\t1', 'end', '']);
  return lines.slice(1, -2);
};

export interface TestChunk {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  readonly raw: Buffer;
  readonly rawSha: string;
  readonly data: Buffer;
  readonly packedSha: string;
}

export const chunk = (index: number, offset: number, raw: Buffer): TestChunk => {
  const data = zstdCompressSync(raw);
  return {index, offset, length: raw.length, raw, rawSha: sha(raw), data, packedSha: sha(data)};
};

/** Orders as the agent reads them, for chunks that lie one after the other in their file. */
export const orders = (chunks: readonly TestChunk[]): string => {
  let at = 0;
  const lines = chunks.map(({index, offset, length, data, packedSha, rawSha}) => {
    at += data.length;
    return `chunk ${index} ${offset} ${length} ${data.length} ${packedSha} ${rawSha} ${at - data.length}\n`;
  });
  return [...lines, 'end\n'].join('');
};

/**
 * One connection of a controller's: gives what is wanted until it is over, or `most` bytes; how many it gave. With
 * `ordered` it is made before there are orders, and told of them then.
 */
export const serve = async (
  stage: Stage,
  chunks: readonly TestChunk[],
  most = Infinity,
  ordered?: Promise<void>,
): Promise<number> => {
  const blob = Buffer.concat(chunks.map(({data}) => data));
  const child = stage.start(['serve', 'SYSTEM-1', '0', ordered ? 'told' : 'now']);
  void ordered?.then(() => child.stdin?.write('ordered\n'));
  const exit = once(child, 'exit');
  let sent = 0;
  let text = '';
  child.stdin?.on('error', () => {});
  child.stdout?.on('data', (data: Buffer) => {
    const lines = (text + data.toString('latin1')).split('\n');
    text = lines.pop() ?? '';
    for (const [word, at, length] of lines.map((line) => line.split('\t'))) {
      if (word !== 'want') continue;
      const piece = blob.subarray(Number(at), Number(at) + Number(length)).subarray(0, most - sent);
      sent += piece.length;
      child.stdin?.write(piece);
      if (sent >= most) child.stdin?.end();
    }
  });
  await exit;
  return sent;
};
