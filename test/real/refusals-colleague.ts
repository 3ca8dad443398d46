/** FILE HOST: has the host, as a colleague who reads their plan, until standard input ends. */
import type {HostName} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import {openJournal} from '../../src/journal/sqlite.ts';

const [file = '', host = ''] = process.argv.slice(2);
const opened = openJournal(file, systemClock);
if (!opened.ok) throw new Error(opened.fault.says);
const holder = {who: 'lena@jump1', pid: process.pid, reason: 'run marruuk-9'};
const lease = await opened.value.take(host as HostName, holder, 600_000);
if (!lease.ok) throw new Error(lease.fault.says);
process.stdout.write('taken\n');
process.stdin.resume().on('end', () => {
  void opened.value.release(lease.value).then(() => opened.value.close());
});
