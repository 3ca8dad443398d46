/** FILE RUN COUNT: appends, and writes the number of each event to stdout once the journal has acknowledged it. */
import {writeSync} from 'node:fs';
import type {RunId, StepId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {openJournal} from '../../../src/journal/sqlite.ts';

const [file = '', run = '', count = '0', from = '0'] = process.argv.slice(2);
const journal = openJournal(file, systemClock);
if (!journal.ok) throw new Error(JSON.stringify(journal.fault));
for (let n = Number(from); n < Number(from) + Number(count); n += 1) {
  const stored = await journal.value.append(run as RunId, {
    type: 'step.saved',
    step: 'install' as StepId,
    checkpoint: {by: process.pid, chunks: n},
  });
  if (!stored.ok) {
    writeSync(1, `${JSON.stringify(stored.fault)}\n`);
    break;
  }
  writeSync(1, `${process.pid} ${n}\n`);
}
journal.value.close();
