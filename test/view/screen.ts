import headless from '@xterm/headless';
import type {Stream} from '../../src/view/terminal.ts';

/** A stream that keeps what is written to it. */
export class Sheet implements Stream {
  text = '';
  writes = 0;
  readonly isTTY: boolean;
  readonly columns?: number;

  constructor(terminal?: {columns: number}) {
    this.isTTY = terminal !== undefined;
    if (terminal) this.columns = terminal.columns;
  }

  write(text: string): void {
    this.text += text;
    this.writes++;
  }

  get lines(): readonly string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

/** A real terminal emulator, without a window: what it shows is what an operator would see. */
export class Screen implements Stream {
  readonly isTTY = true;
  /** What was written before has not been taken yet. */
  behind = false;
  writes = 0;
  /** Everything that was sent, escape sequences and all. */
  sent = '';
  readonly #terminal: headless.Terminal;
  readonly #resized = new Set<() => void>();

  /** `cooked`: a line feed alone begins a new line, as the kernel's terminal makes of it. */
  constructor(columns = 80, rows = 24, cooked = true) {
    this.#terminal = new headless.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: cooked});
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  write(text: string): void {
    this.writes++;
    this.sent += text;
    this.#terminal.write(text);
  }

  on(_: 'resize', listener: () => void): void {
    this.#resized.add(listener);
  }

  off(_: 'resize', listener: () => void): void {
    this.#resized.delete(listener);
  }

  get listeners(): number {
    return this.#resized.size;
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#settled();
    this.#terminal.resize(columns, rows);
    for (const listener of this.#resized) listener();
  }

  /** Everything from the first line that scrolled away to the last with something on it. */
  async shows(): Promise<readonly string[]> {
    await this.#settled();
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from({length: buffer.length}, (_, y) => buffer.getLine(y)?.translateToString(true) ?? '');
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }
}
