/** FILE HOST COUNT: tries to take the host; whoever holds it writes two events, which nothing may come between. */
import {randomInt} from 'node:crypto';
import type {HostName, RunId, StepId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {openJournal} from '../../../src/journal/sqlite.ts';

const [file = '', host = '', count = '0'] = process.argv.slice(2);
const opened = openJournal(file, systemClock);
if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
const journal = opened.value;
const run = `${host}-1` as RunId;
const holder = {who: 'lena@jump1', pid: process.pid, reason: 'test'};

for (let done = 0; done < Number(count);) {
  const lease = await journal.take(host as HostName, holder, 60_000);
  if (!lease.ok) {
    if (lease.fault.code !== 'lease.held') throw new Error(JSON.stringify(lease.fault));
    await systemClock.sleep(randomInt(1, 10));
    continue;
  }
  for (const effect of ['enter', 'leave']) {
    const data = {by: process.pid, epoch: lease.value.epoch};
    const event = {type: 'step.noted', step: 'wipe' as StepId, says: effect, data} as const;
    const stored = await journal.append(run, event, lease.value);
    if (!stored.ok) throw new Error(JSON.stringify(stored.fault));
    await systemClock.sleep(randomInt(0, 3));
  }
  const released = await journal.release(lease.value);
  if (!released.ok) throw new Error(JSON.stringify(released.fault));
  done += 1;
}
journal.close();
