import type {Row} from './result.ts';

/** How much is measured. */
export interface Effort {
  /** How often each thing is measured; medians want at least 3. */
  readonly rounds: number;
  /** A look at whether it works: smaller images, shorter links. Its numbers are nobody's. */
  readonly quick: boolean;
  /** What the links' random losses are drawn from. */
  readonly seed: number;
  /** A line about what is being done. */
  readonly say: (line: string) => void;
}

/** One part of the bench, run by its name. */
export interface Section {
  readonly name: string;
  readonly about: string;
  measure(effort: Effort): Promise<readonly Row[]>;
  /** A picture of its rows, as SVG. */
  plot?(rows: readonly Row[]): string;
}
