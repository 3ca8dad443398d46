import type {Section} from '../section.ts';
import {bulk} from './bulk.ts';
import {memory} from './memory.ts';
import {raw} from './raw.ts';
import {resume} from './resume.ts';
import {slowLink} from './slow.ts';
import {startUp} from './start-up.ts';
import {transfer} from './transfer.ts';
import {whole} from './whole.ts';

export const sections: readonly Section[] = [startUp, transfer, bulk, raw, slowLink, memory, resume, whole];
