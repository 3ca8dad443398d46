import {didYouMean} from '../../runbook/suggest.ts';
import {faultNames, labFaultSchema, type FaultName, type LabFault} from './lab-fault.ts';
import {words, type WordName} from './word.ts';

/** What a fault is given beside its moment. */
interface Shape {
  /** The option that `rebuild lab fault NAME AMOUNT` means. */
  readonly amount?: WordName;
  readonly needs?: readonly WordName[];
  readonly takes?: readonly WordName[];
  readonly unless?: Readonly<Partial<Record<WordName, string>>>;
}

const onLine: Shape = {takes: ['on', 'for'], unless: {on: 'medium'}};
const counted: Shape = {amount: 'count', takes: ['count'], unless: {count: '1'}};
const span: Shape = {amount: 'for', takes: ['for']};
const burst: Shape = {amount: 'count', takes: ['count', 'for']};

export const shapes: Readonly<Record<FaultName, Shape>> = {
  eject: {},
  cut: onLine,
  stall: onLine,
  throttle: {...onLine, amount: 'rate', needs: ['rate']},
  delay: {...onLine, amount: 'delay', needs: ['delay'], takes: ['on', 'for', 'jitter']},
  loss: {...onLine, amount: 'percent', needs: ['percent']},
  reset: {takes: ['on'], unless: {on: 'medium'}},
  drop: {...onLine, amount: 'for'},
  'bmc-401': counted,
  'bmc-500': burst,
  'bmc-503': burst,
  'bmc-no-mount': counted,
  'bmc-stale-inserted': span,
  'bmc-stale-name': span,
  'bmc-ignore-reset': counted,
  'bmc-forget-boot': counted,
  'bmc-eject-on-reset': counted,
  'bmc-sessions-full': span,
  'bmc-reboot': {amount: 'for', takes: ['for', 'clock'], unless: {for: '20s', clock: 'kept'}},
  'power-loss': span,
  'machine-reset': {},
  'machine-freeze': span,
  'disk-slow': {amount: 'rate', needs: ['rate', 'disk'], takes: ['for']},
  'disk-errors': {needs: ['disk'], takes: ['at-byte', 'for']},
  'disk-swap': {amount: 'serial', needs: ['serial', 'disk'], takes: ['for']},
  'clock-jump': {amount: 'by', needs: ['by']},
  'controller-kill': {},
  'controller-stop': {amount: 'for', takes: ['for'], unless: {for: '60s'}},
  'controller-address': {amount: 'address', needs: ['address'], takes: ['for']},
  'controller-clock': {amount: 'by', needs: ['by'], takes: ['for']},
  'journal-full': span,
  'journal-read-only': span,
  mend: {takes: ['waiting']},
};

const moments = ['at-bytes', 'at-stage', 'at-event', 'at-time', 'every', 'seed'] as const satisfies readonly WordName[];

/** A mistake, and the option it is about where it is about one. */
export interface WordMistake {
  readonly at: WordName | 'fault' | undefined;
  readonly says: string;
}

type Read = {readonly ok: true; readonly value: LabFault} | {readonly ok: false; readonly mistake: WordMistake};

const isName = (name: string): name is FaultName => Object.hasOwn(shapes, name);

/** A fault from its name and options, as a command line or a script gives them. */
export function faultOf(name: string, given: Readonly<Partial<Record<WordName, string>>>): Read {
  if (!isName(name)) {
    const hint = didYouMean(name, faultNames);
    return mistaken('fault', `there is no fault "${name}"; ${hint ?? `there are ${faultNames.join(', ')}`}`);
  }
  const shape = shapes[name];
  const timed = name === 'mend' ? [] : moments;
  const taken: readonly WordName[] = [...(shape.needs ?? []), ...(shape.takes ?? []), ...timed];
  const strange = (Object.keys(given) as WordName[]).find((key) => !taken.includes(key));
  if (strange !== undefined) return mistaken(strange, `${name} takes no ${strange}`);
  const missing = shape.needs?.find((key) => given[key] === undefined);
  if (missing !== undefined) return mistaken(undefined, `${name} wants ${missing}: ${words[missing].wants}`);

  const all: Partial<Record<WordName, string>> = {...shape.unless, ...given};
  const parts: Record<string, unknown>[] = [];
  const moment: Record<string, unknown>[] = [];
  for (const [key, text] of Object.entries(all) as [WordName, string][]) {
    const part = words[key].read(text);
    if (part === undefined) return mistaken(key, `${key} wants ${words[key].wants}`);
    (key.startsWith('at-') && key !== 'at-byte' ? moment : parts).push(part);
  }
  const places = (['at-bytes', 'at-stage', 'at-event'] as const).filter((key) => all[key] !== undefined);
  if (places.length > 1) return mistaken(places[1], `${places.join(' and ')}: give one of them`);
  const at = {'at-bytes': 'bytes', 'at-stage': 'stage', 'at-event': 'event', none: 'now'}[places[0] ?? 'none'];
  if (burst === shape && all.count === undefined && all.for === undefined) parts.push({count: 1});
  if (all.count !== undefined && all.for !== undefined) return mistaken('for', 'give count or for, not both');
  const built = Object.assign({fault: name, ...(name !== 'mend' && {when: Object.assign({at}, ...moment)})}, ...parts);
  return {ok: true, value: labFaultSchema.parse(built)};
}

const mistaken = (at: WordMistake['at'], says: string): Read => ({ok: false, mistake: {at, says}});
