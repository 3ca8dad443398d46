import {join} from 'node:path';
import {systemClock, type Clock} from '../clock.ts';
import {home, type Home} from '../home.ts';
import type {Journal} from '../journal/journal.ts';
import {openJournal} from '../journal/sqlite.ts';
import {openJournalReading} from '../journal/sqlite-reading.ts';
import {controllerClock} from '../lab/controller-clock.ts';
import {ok, type Result} from '../result.ts';

/** What every command that reads or writes runs stands on. */
export interface Session {
  readonly home: Home;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** Runs of the lab have a home of their own, so that practice never stands between an operator and a real host. */
export const homeOf = (lab: boolean): Home => {
  const {state, cache} = home();
  return {cache, state: lab ? join(state, 'lab') : state};
};

const journalOf = ({state}: Home): string => join(state, 'journal.sqlite');

/** In the lab a controller's clock can be wrong. */
const clockOf = (lab: boolean): Clock => (lab ? controllerClock(journalOf(homeOf(lab))) : systemClock);

export const openSession = (lab: boolean, clock: Clock = clockOf(lab)): Result<Session> =>
  sessionOn(lab, clock, openJournal);

/** For commands that only read: nothing on the disk is made or changed. */
export const openReading = (lab: boolean, clock: Clock = clockOf(lab)): Result<Session> =>
  sessionOn(lab, clock, openJournalReading);

function sessionOn(lab: boolean, clock: Clock, open: typeof openJournal): Result<Session> {
  const where = homeOf(lab);
  const journal = open(journalOf(where), clock);
  return journal.ok ? ok({home: where, clock, journal: journal.value}) : journal;
}
