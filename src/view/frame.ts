import {clip} from './escape.ts';
import type {Stream} from './terminal.ts';

/** Lines that are redrawn in place. */
export interface Frame {
  draw(lines: readonly string[]): void;
  /** What was drawn last stays; the cursor goes below it. */
  end(): void;
}

const csi = '\x1b[';

/**
 * Each frame is one write, and only where it differs. Between frames the cursor rests at the beginning: after a resize the
 * terminal may have folded lines, and from there whatever became of them is below. Nothing is hidden and no mode is set,
 * so one that is killed leaves a usable terminal.
 */
export function frameOn(stream: Stream): Frame {
  let drawn: readonly string[] = [];
  let columns = 0;
  return {
    draw(lines) {
      const wide = stream.columns ?? 80;
      // One row stays free: a frame as high as the screen would scroll itself away.
      const room = Math.max(1, (stream.rows ?? 24) - 1);
      const next = fitting(lines, wide - 1, room);
      const resized = wide !== columns;
      if (!resized && next.length === drawn.length && next.every((line, index) => line === drawn[index])) return;
      const text = next.map((line) => `${line}${csi}K\n`).join('');
      stream.write(`\r${resized ? `${csi}J` : ''}${text}${csi}J${csi}${next.length}A`);
      drawn = next;
      columns = wide;
    },
    end() {
      if (drawn.length > 0) stream.write(`${csi}${drawn.length}B`);
      drawn = [];
    },
  };
}

// A painted line is no wider than a screen of eighty; what is narrower than that is told without colour.
const sequences = new RegExp(String.raw`\x1b\[[0-9;]*m`, 'g');

function fitting(lines: readonly string[], columns: number, rows: number): readonly string[] {
  const shown =
    lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `... ${lines.length - rows + 1} more lines`];
  return shown.map((line) => {
    const bare = line.replaceAll(sequences, '');
    return bare.length <= columns ? line : clip(bare, columns);
  });
}
