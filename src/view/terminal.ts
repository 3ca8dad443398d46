/** What a view needs of stdout or stderr. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** The terminal has not yet taken what was written: a frame more would only be late. */
  readonly behind?: boolean;
  getColorDepth?(env?: object): number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Set and not empty, as no-color.org asks. */
export const isSet = (env: Environment, name: string): boolean => (env[name] ?? '') !== '';
