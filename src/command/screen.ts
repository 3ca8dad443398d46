import type {Clock} from '../clock.ts';
import type {Stored} from '../engine/event.ts';
import type {Fault} from '../fault.ts';
import type {TakenFrom} from '../journal/journal.ts';
import type {StepId} from '../brand.ts';
import type {Difference} from '../plan/difference.ts';
import type {Plan} from '../plan/plan.ts';
import {chooseView, viewKind} from '../view/choose.ts';
import {confirmPrompt, confirmText} from '../view/confirm.ts';
import {escape} from '../view/escape.ts';
import {faultScreen} from '../view/fault.ts';
import {gateText} from '../view/gate.ts';
import {read, type History} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {paintFor} from '../view/paint.ts';
import {comparedText, fitText, type Compared} from '../view/difference.ts';
import {comparedJson, planJson} from '../view/plan-json.ts';
import {forecasts} from '../view/plan-time.ts';
import {planText, type PlanOptions} from '../view/plan.ts';
import type {Reporter} from '../view/reporter.ts';
import {resumeText} from '../view/resume.ts';
import {summarise} from '../view/summary.ts';
import type {Stream} from '../view/terminal.ts';
import {unhurried} from '../view/unhurried.ts';
import {openWork, type Work} from '../view/work.ts';

export interface ScreenOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly lab: boolean;
  readonly host: string;
  readonly clock: Clock;
  /** The runbook's file, where the command names it. */
  readonly runbook?: string;
}

/** What an operator sees of a run and around it. stdout has the result, stderr the way there. */
export interface Screen {
  /** A line about what happens now. */
  readonly say: (line: string) => void;
  /** What takes its time; while a run is under way, that is what its step waits for. */
  readonly work: Work;
  /** The plan of a run that is about to be confirmed; `until`: the step after which the sitting stops. */
  plan(plan: Plan, until?: StepId): void;
  /** The plan as the result itself. */
  planned(plan: Plan, how: Pick<PlanOptions, 'savedAs' | 'until'>): void;
  /** A saved plan against what would be planned now: the result itself. */
  compared(compared: Compared): void;
  /** Whether what was agreed to still fits. */
  fits(plan: Plan, stale: readonly Difference[]): void;
  /** What stands above the prompt for the host's name. */
  readonly prompt: string;
  beforeConfirm(plan: Plan, until?: StepId): void;
  /** What a resume is about to do, and in whose place. */
  resuming(history: readonly Stored[], from?: TakenFrom): void;
  /** The run waits for people: the result itself. */
  waits(history: History): void;
  /** `plan`, where it is at hand, says how long each step takes. */
  report(earlier: readonly Stored[], plan?: Plan): Reporter;
  /** A refusal: the result, where there is no run. */
  fault(fault: Fault): void;
  /** Beside a run's own result, so never on stdout. */
  trouble(fault: Fault): void;
}

interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

export function openScreen({json, quiet, lab, host, clock, runbook}: ScreenOptions): Screen {
  const {env} = process;
  const paint = paintFor(process.stderr, env);
  // Until a run goes on a prompt may follow, which must stand below what was said before it.
  let streams: Streams = process;
  const kind = viewKind({json, quiet, ...process, env});
  const aside = openWork({stream: process.stderr, clock, paint, kind});
  let reporter: Reporter | undefined;
  let over = false;
  const tell = (lines: readonly string[]): void => {
    aside.pause();
    streams.stderr.write(`${lines.join('\n')}\n`);
  };
  const result = (text: string): void => {
    aside.pause();
    streams.stdout.write(text);
  };
  return {
    prompt: confirmPrompt,
    work: {
      tell: (progress) => (reporter ? reporter.progress(undefined, progress) : aside.tell(progress)),
      pause: () => aside.pause(),
    },
    say: (line) => {
      // Beside a block that is redrawn, only who draws it can write.
      if (reporter && !over) reporter.say(line);
      else if (!quiet) tell([escape(line)]);
    },
    plan: (plan, until) => {
      if (!quiet && !json) tell(planText(plan, {lab, until, underWay: true}, paint));
    },
    planned: (plan, how) => {
      const text = planText(plan, {lab, runbook, ...how}, paintFor(process.stdout, env));
      result(json ? planJson(plan, how.until) : `${text.join('\n')}\n`);
    },
    compared: (compared) => {
      const lines = comparedText(compared, {lab, runbook}, paintFor(process.stdout, env));
      result(json ? comparedJson(compared) : `${lines.join('\n')}\n`);
    },
    fits: (plan, stale) => {
      if (!quiet && !json) tell(['', ...fitText(plan, stale)]);
    },
    beforeConfirm: (plan, until) => tell(['', ...confirmText(plan, paint, until)]),
    resuming: (history, from) => {
      const story = read(history);
      if (story && !quiet && !json) tell(resumeText(story, clock.now(), paint, from));
    },
    waits: (history) => {
      const lines = gateText(history, clock.now(), paintFor(process.stdout, env));
      result(json ? `${jsonText(summarise(history))}\n` : `${history.run} ${lines.join('\n')}\n`);
    },
    report: (earlier, plan) => {
      aside.pause();
      streams = unhurried(process);
      const view = chooseView({
        json,
        quiet,
        ...streams,
        env,
        clock,
        earlier,
        ...(plan && {forecast: forecasts(plan)}),
      });
      reporter = view;
      return {
        ...view,
        end: () => {
          over = true;
          view.end();
        },
      };
    },
    fault: (fault) => {
      if (json) result(`${jsonText({type: 'fault', ...fault})}\n`);
      tell(faultScreen(fault, {host, lab}, paint));
    },
    trouble: (fault) => tell(faultScreen(fault, {host, lab}, paint)),
  };
}
