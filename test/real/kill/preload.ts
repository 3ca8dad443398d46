/**
 * `node --import preload.ts`: the process ends itself by SIGKILL right before or right after the commit of one of the
 * events it appends to its journal. Nothing runs after a SIGKILL, so what the commit had made durable is what is left.
 */
import {DatabaseSync, StatementSync} from 'node:sqlite';
import {deathVariable, type Death} from './death.ts';

const wanted = process.env[deathVariable];
if (wanted !== undefined) arm(JSON.parse(wanted) as Death);

function arm({side, at}: Death): void {
  const step = 'step' in at ? at.step : 'within' in at ? at.within : undefined;
  let events = 0;
  let pending = false;
  let text = '';
  /** Of the step's, where a step is meant: from its start in this process on. */
  let ofStep = 0;
  const insertion = /^\s*INSERT INTO entries/;

  // oxlint-disable-next-line typescript/unbound-method -- called below with the `this` it was called with
  const {run} = StatementSync.prototype;
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    if (insertion.test(this.sourceSQL)) {
      events++;
      pending = true;
      // The columns are run, seq, at, event, hash.
      text = values[3] as string;
      if (ofStep > 0 || is('step.started')) ofStep++;
    }
    return run.apply(this, values);
  } as typeof run;

  // oxlint-disable-next-line typescript/unbound-method -- the same
  const {exec} = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql) {
    const committing = sql === 'COMMIT' && pending;
    if (sql === 'COMMIT' || sql === 'ROLLBACK') pending = false;
    const due = committing && reached();
    if (due && side === 'before') die();
    if (committing && 'within' in at && is('step.done')) die();
    exec.call(this, sql);
    if (due) die();
  };

  function reached(): boolean {
    if ('text' in at) return text.includes(at.text);
    return step === undefined ? events === at.nth : ofStep > 0 && ofStep === at.nth;
  }

  function is(type: string): boolean {
    const event = JSON.parse(text) as {readonly type: string; readonly step?: string};
    return event.type === type && event.step === step;
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable: the process is dead');
}
