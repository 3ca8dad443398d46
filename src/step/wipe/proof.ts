import type {Change} from './probe.ts';
import {methodFacts, type WipeMethod} from './method.ts';
import type {WipeTrace, WipeWitness} from '../world/target.ts';

/**
 * Whether an erase that a disk carried out may be believed. The disk's own success is not enough: an idle one reports it
 * although nothing was ever run (ATA SD0), or reports the last one, whoever ran it. It counts where the command was
 * accepted and something was seen of it: progress, NVMe's flag that the data is gone, or what lay there gone.
 * Undefined where it is proved, else what is missing.
 */
export function doubtOf(method: WipeMethod, seen: WipeWitness | undefined, change: Change): string | undefined {
  if (methodFacts(method).by === 'host') return undefined;
  if (!seen) return 'the light system saw nothing of it';
  if (!seen.accepted) return 'it was not seen to be accepted';
  if (!seen.canaryGone) return 'the canary that was written before it can still be read';
  if (change === 'unchanged') return 'every place that was read before it still holds the same';
  if (change === 'some changed') return 'some places that were read before it still hold the same';
  // With the canary gone and everything else changed, or blank before, the erase has come to the canary at least.
  return undefined;
}

/**
 * What became of an erase that may have been sent and of which the light system has no record: it was restarted.
 * `adopt`: the disk is at it, or has ended it; it is taken up, never sent again. Only what a disk does by itself
 * survives a loss of power; a command that was under way did not, and the disk says that it is idle.
 */
export function whatBecame(method: WipeMethod, trace: WipeTrace | undefined, change: Change): 'absent' | 'adopt' {
  if (methodFacts(method).by !== 'itself') return 'absent';
  if (trace?.sanitizing) return 'adopt';
  if (trace?.canary || change === 'unchanged') return 'absent';
  const gone = change === 'all changed' || change === 'some changed';
  // A SCSI disk keeps no word of a sanitize that succeeded; one that failed would say so.
  return gone && (trace?.sanitized || method.startsWith('scsi-')) ? 'adopt' : 'absent';
}

/** Milliseconds without progress after which a disk is given up: half an hour, or three times what it said it takes. */
export const patienceMs = (seconds: number | undefined): number => Math.max(30 * 60_000, 3000 * (seconds ?? 0));
