import type {Span} from './source.ts';

/** Where a value stands in the document: `['steps', 3, 'disks', 0]`. */
export type Path = readonly (string | number)[];

/** A mistake before it has been located in the text: at a path, or at a span where there is no path yet. */
export interface Finding {
  readonly at:
    | {readonly on: 'value' | 'key'; readonly path: Path}
    /** A key that is not there: shown at whatever holds it. */
    | {readonly on: 'missing'; readonly path: Path}
    | {readonly on: 'span'; readonly span: Span};
  /** One line that names the thing, without its value: a value may be a secret. */
  readonly says: string;
  readonly hint?: string;
  /** Lines that mend it, as they would stand in the file. */
  readonly add?: readonly string[];
  /** What `rebuild explain` has more about. */
  readonly explain?: string;
}
