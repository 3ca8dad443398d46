import type {JsonObject} from '../../src/json.ts';
import type {Interruption, MediumWatch, Regained} from '../../src/step/interruption.ts';
import type {Progress} from '../../src/progress.ts';
import type {Hand} from '../../src/step/step.ts';

export interface Told {
  readonly notes: {readonly says: string; readonly data: JsonObject}[];
  readonly interruptions: Interruption[];
  readonly regained: Regained[];
  readonly watched: MediumWatch[];
  readonly progress: Progress[];
}

/** A hand that remembers what a step told it. */
export function handOf(more: Partial<Hand> = {}): {readonly hand: Hand; readonly told: Told} {
  const told: Told = {notes: [], interruptions: [], regained: [], watched: [], progress: []};
  return {
    told,
    hand: {
      attempt: 1,
      at: undefined,
      save: async () => {},
      note: async (says, data = {}) => void told.notes.push({says, data}),
      interrupted: async (interruption) => void told.interruptions.push(interruption),
      regained: async (regained) => void told.regained.push(regained),
      watched: async (watch) => void told.watched.push(watch),
      progress: (progress) => void told.progress.push(progress),
      once: async (_, __, send) => send(),
      released: async () => undefined,
      signal: new AbortController().signal,
      ...more,
    },
  };
}
