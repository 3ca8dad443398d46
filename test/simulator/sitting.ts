import type {RunId} from '../../src/brand.ts';
import type {Event, Stored} from '../../src/engine/event.ts';
import {drive, type Ports, type RunEnd} from '../../src/engine/drive.ts';
import {kinds} from '../../src/step/registry.ts';
import type {Clock} from '../../src/clock.ts';
import {Killed, type Machine} from './machine.ts';
import {lease, type memoryJournal} from './journal.ts';

export const run = 'marruuk-1' as RunId;

export interface Stand {
  readonly machine: Machine;
  readonly journal: ReturnType<typeof memoryJournal>;
  readonly clock: Clock;
}

/**
 * One sitting of a controller: begins or resumes the run and drives it until it ends, or dies before the `death`th thing:
 * an event reaching the journal, or an effect reaching the machine. Before one thing is after the one before it.
 */
export async function sit(stand: Stand, death?: number, more: Partial<Ports> = {}): Promise<RunEnd | 'killed'> {
  let happened = 0;
  const count = () => {
    if (++happened === death) throw new Killed();
  };
  stand.machine.before = count;
  const journal: typeof stand.journal = {
    ...stand.journal,
    append: async (...args) => {
      count();
      return stand.journal.append(...args);
    },
  };
  try {
    await begin(stand, journal);
    return await drive(run, {
      journal,
      lease,
      clock: stand.clock,
      kinds,
      steps: stand.machine.runbook.steps,
      world: stand.machine.world(),
      observe: () => {},
      progress: () => {},
      pause: () => undefined,
      signal: new AbortController().signal,
      ...more,
    });
  } catch (error) {
    if (error instanceof Killed) return 'killed';
    throw error;
  }
}

async function begin({journal, machine}: Stand, through: Stand['journal']): Promise<void> {
  const {runbook} = machine;
  const event: Event =
    journal.entries.length > 0
      ? {type: 'run.resumed', by: 'test@here', pid: 1}
      : {
          type: 'run.begun',
          run,
          host: runbook.host.name,
          by: 'test@here',
          rebuild: '0',
          plan: 'f'.repeat(64) as never,
          runbook: 'f'.repeat(64) as never,
          lab: false,
          facts: {},
          steps: runbook.steps.map(({id, kind, place}) => ({
            id,
            kind,
            place,
            irreversible: kinds.get(kind)!.irreversible,
            heldUntil: kinds.get(kind)!.heldUntil,
          })),
        };
  await through.append(run, event);
}

export const types = (entries: readonly Stored[]): readonly string[] =>
  entries.map(({event}) => ('step' in event ? `${event.step} ${event.type}` : event.type));
