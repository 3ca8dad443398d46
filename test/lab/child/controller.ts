/** FILE HOST: holds the host's lease and saves a checkpoint every few milliseconds; tells its parent what came of each. */
import {openJournal} from '../../../src/journal/sqlite.ts';
import type {HostName, RunId, StepId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';

const [file = '', host = ''] = process.argv.slice(2);
const opened = openJournal(file, systemClock);
if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
const journal = opened.value;
const lease = await journal.take(host as HostName, {who: 'lena@jump1', pid: process.pid, reason: 'test'}, 60_000);
if (!lease.ok) throw new Error(JSON.stringify(lease.fault));
for (let chunks = 1; ; chunks++) {
  const event = {type: 'step.saved', step: 'install' as StepId, checkpoint: {chunks}} as const;
  const stored = await journal.append(`${host}-1` as RunId, event, lease.value);
  process.send?.(stored.ok ? 'ok' : stored.fault.code);
  await systemClock.sleep(10);
}
