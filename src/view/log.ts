import type {Stored} from '../engine/event.ts';
import type {Json, JsonObject} from '../json.ts';
import {escape, wrap} from './escape.ts';
import {eventLine} from './event-line.ts';
import type {History} from './history.ts';

const linesMost = 200;

/**
 * An event as the log shows it: its line, and below it, indented, what a fault knows in detail (device output line by
 * line, each difference found). Folded at `columns` where stdout is a terminal; else each is one line, to grep.
 */
export function logLines(history: History, stored: Stored, columns?: number): readonly string[] {
  const {event} = stored;
  const detail = event.type === 'step.failed' || event.type === 'step.lapsed' ? detailLines(event.fault.detail) : [];
  const state = event.type === 'step.failed' && event.fault.state ? [`state: ${escape(event.fault.state)}`] : [];
  const below = [...state, ...detail].map((line) => `    ${line}`);
  const lines = [eventLine(history, stored, true), ...below];
  return columns === undefined ? lines : lines.flatMap((line) => fold(line, columns - 1));
}

function detailLines(detail: JsonObject = {}): readonly string[] {
  const lines = Object.entries(detail).flatMap(([name, value]) => {
    const parts = textsOf(value);
    return parts.map((part, index) => escape(index === 0 ? `${name}: ${part}` : `  ${part}`));
  });
  const more = lines.length - linesMost;
  return more > 0 ? [...lines.slice(0, linesMost), `… ${more} lines more, see --json`] : lines;
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return value.split(/\r?\n/);
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return [JSON.stringify(value)];
}

function fold(line: string, columns: number): readonly string[] {
  const [first = '', ...rest] = wrap(line, columns);
  if (rest.length === 0) return [first];
  // What goes on stands below, indented, so that an event's beginning is always a line's beginning.
  return [first, ...wrap(rest.join(' '), columns - 6).map((more) => `      ${more}`)];
}
