/** FILE: opens the journal and writes the fault, or `null`, to stdout. */
import {systemClock} from '../../../src/clock.ts';
import {openJournal} from '../../../src/journal/sqlite.ts';

const opened = openJournal(process.argv[2] ?? '', systemClock);
process.stdout.write(`${JSON.stringify(opened.ok ? null : opened.fault)}\n`);
if (opened.ok) opened.value.close();
