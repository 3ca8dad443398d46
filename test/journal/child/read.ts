/** FILE RUN: the types of the run's events, read from a journal that is opened for reading alone. */
import type {RunId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {openJournalReading} from '../../../src/journal/sqlite-reading.ts';

const [file = '', run = ''] = process.argv.slice(2);
const opened = openJournalReading(file, systemClock);
const read = opened.ok ? await opened.value.read(run as RunId) : opened;
process.stdout.write(`${JSON.stringify(read.ok ? read.value.map(({event}) => event.type) : read.fault)}\n`);
