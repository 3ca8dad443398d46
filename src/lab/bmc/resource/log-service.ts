import type {Instant} from '../../../brand.ts';
import type {JsonObject} from '../../../json.ts';
import type {LogLine} from '../board.ts';
import {at} from '../paths.ts';
import {collection, healthy, link, resource} from './collection.ts';

export const logService = (now: Instant): JsonObject =>
  resource(at.log, 'LogService.v1_4_0.LogService', 'Log', 'Manager Log', {
    LogEntryType: 'Event',
    OverWritePolicy: 'WrapsWhenFull',
    ServiceEnabled: true,
    DateTime: now,
    DateTimeLocalOffset: '+00:00',
    Status: healthy,
    Entries: link(at.entries),
  });

export const entry = ({id, at: when, says, severity}: LogLine): JsonObject =>
  resource(at.entry(id), 'LogEntry.v1_15_0.LogEntry', String(id), `Log Entry ${id}`, {
    EntryType: 'Event',
    Created: when,
    Severity: severity,
    Message: says,
  });

/** Newest first, each in full, as most BMCs send them. */
export const entries = (lines: readonly LogLine[]): JsonObject =>
  collection(at.entries, 'LogEntry', 'Log Entries', lines.map(entry).toReversed());
