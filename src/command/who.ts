import {hostname, userInfo} from 'node:os';
import type {Holder} from '../journal/journal.ts';

/** Who acts, as leases, the journal and reports name them: `lena@jump1`. */
export const who = (): string => `${process.env['SUDO_USER'] ?? userInfo().username}@${hostname()}`;

export const holder = (reason: string): Holder => ({who: who(), pid: process.pid, reason});
