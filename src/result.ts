import type {Fault} from './fault.ts';

/** Expected trouble is a value. A thrown error is a bug and ends with exit code 70. */
export type Result<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly fault: Fault};

export const ok = <T>(value: T): Result<T> => ({ok: true, value});
export const failed = (fault: Fault): {readonly ok: false; readonly fault: Fault} => ({ok: false, fault});
