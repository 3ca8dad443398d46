import type {Profile} from '../profile/profile.ts';
import type {BmcEvent} from '../../step/world/bmc.ts';
import {link, text} from './tree.ts';

/** One entry of a BMC's log as it was read. */
export interface LogEntry {
  /** Grows with every entry of one log, as far as its BMC keeps to that. */
  readonly order: number;
  readonly code: string;
  readonly says: string;
}

const longest = 200;

/** Undefined where it is only a link to an entry, or none at all. */
export function logEntry(body: unknown): LogEntry | undefined {
  const says = text(body, 'Message');
  const id = text(body, 'Id') ?? '';
  if (says === undefined) return undefined;
  return {order: orderOf(id, text(body, 'Created')), code: text(body, 'MessageId') ?? '', says: says.slice(0, longest)};
}

/** Numbers are counted up by every BMC seen; where an id is none (bmcweb: a time and a count), its clock has to do. */
export function orderOf(id: string, created = ''): number {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  const at = Date.parse(created);
  return Number.isFinite(at) ? at : 0;
}

/** The order of an entry, or of a link to one. */
export function orderOfMember(member: unknown): number {
  const path = link(member) ?? '';
  const id = text(member, 'Id') ?? path.slice(path.lastIndexOf('/') + 1);
  return orderOf(id, text(member, 'Created'));
}

const aboutMedia = /virtual[\s_-]*(?:media|cd|dvd|drive)|remote[\s_-]*(?:media|image)|\bvmedia\b/i;
// Looked for first: a medium that "could not be connected" is not connected.
const gone =
  /\b(?:ejected|disconnected|unmounted|dismounted|detached|removed|lost|terminated|closed|could not|unable|failed)\b/i;
const there = /\b(?:inserted|connected|mounted|attached)\b/i;
const reset = /reboot|reset|power/i;

/** What the entry says of virtual media, by its vendor's codes or else by its words; undefined where it says nothing. */
export function mediaEvent({log}: Profile, {code, says}: LogEntry): BmcEvent | undefined {
  const is = coded(log.ejected, code)
    ? 'ejected'
    : coded(log.inserted, code)
      ? 'inserted'
      : !aboutMedia.test(says)
        ? undefined
        : gone.test(says)
          ? 'ejected'
          : there.test(says)
            ? 'inserted'
            : undefined;
  return is && {is, by: is === 'ejected' && reset.test(says) ? 'reset' : 'other', code, says};
}

/** `IDRAC.2.8.VME0004` is `VME0004` of a registry and its version. */
const coded = (codes: readonly string[], code: string): boolean =>
  codes.some((known) => code === known || code.endsWith(`.${known}`));
