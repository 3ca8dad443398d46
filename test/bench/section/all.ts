import type {Section} from '../section.ts';
import {raw} from './raw.ts';
import {slowLink} from './slow.ts';
import {startUp} from './start-up.ts';
import {transfer} from './transfer.ts';

export const sections: readonly Section[] = [startUp, transfer, raw, slowLink];
