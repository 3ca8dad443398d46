/**
 * Cuts a byte stream into lines of at most `limit` bytes, without their line feed. Calls `onLine` for each whole one
 * and `onLong` once where a line is longer; nothing is read after that. Bytes are taken as Latin-1, so a parser sees
 * every byte that came and can refuse it.
 */
export function lineReader(
  limit: number,
  onLine: (line: string) => void,
  onLong: () => void,
): {push(data: Uint8Array): void; rest(): string} {
  let rest = '';
  let broken = false;
  return {
    push(data) {
      if (broken) return;
      const lines = (rest + Buffer.from(data).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.length > limit) break;
        onLine(line);
      }
      if (rest.length > limit || lines.some(({length}) => length > limit)) {
        broken = true;
        rest = '';
        onLong();
      }
    },
    rest: () => rest,
  };
}
