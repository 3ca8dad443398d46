import {indices} from '../../src/step/transfer/chunk-set.ts';
import type {Line} from './controller.ts';

/** How many chunks the step's checkpoint says are on the disk; undefined of any other line. Saved once a second at most. */
export function chunksSaved(line: Line, step: string): number | undefined {
  if (line.type !== 'step.saved' || line.step !== step) return undefined;
  const {written} = line.checkpoint;
  return typeof written === 'string' ? indices(written).size : undefined;
}
