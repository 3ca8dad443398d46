import type {Congestion} from '../link/link.ts';
import {fast} from '../link/shape.ts';
import type {Condition} from './measure.ts';

/** The sender's, in the order in which they are measured and shown. */
export const kinds = ['bbr', 'cubic'] as const;

export const cutEveryMs = 4000;
export const cut: Readonly<Record<Congestion, Condition>> = {
  bbr: {shape: fast, congestion: 'bbr', cutEveryMs, patience: 2.5},
  cubic: {shape: fast, congestion: 'cubic', cutEveryMs, patience: 5},
};
export const uncut: Readonly<Record<Congestion, Condition>> = {
  bbr: {shape: fast, congestion: 'bbr', patience: 2.5},
  cubic: {shape: fast, congestion: 'cubic', patience: 2.5},
};
