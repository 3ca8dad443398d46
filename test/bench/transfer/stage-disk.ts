import {serial, type Serial} from '../../../src/brand.ts';

/** The serial number by which our agent finds the stage's disk, and what the stage calls it. */
export const system = serial('BENCH-1') as Serial;
export const device = 'vdx';
