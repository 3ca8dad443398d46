import {fault} from '../fault.ts';
import {failed} from '../result.ts';

/** What a step returns when its signal aborted a wait. */
export const interrupted = () => failed(fault('run.interrupted', 'interrupted while waiting'));
