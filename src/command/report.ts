import type {HostName, RunId} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import type {Stored} from '../engine/event.ts';
import {fault} from '../fault.ts';
import type {Audit, Row} from '../journal/journal.ts';
import {parseEvent} from '../journal/parse-event.ts';
import {failed, ok, type Result} from '../result.ts';
import {accountOf, type Account, type Unreadable, type UnprovedEntry} from '../view/account.ts';
import {jsonText} from '../view/json.ts';
import {reportText, unreadableText} from '../view/report.ts';
import {findRun, refuse, type Reading} from './reading.ts';

export type ReportForm = 'markdown' | 'json' | 'html';

/** What a file's name asks for: `.html`, `.json`, else Markdown. */
export function formOf(file: string | undefined): ReportForm {
  if (file !== undefined && /\.html?$/i.test(file)) return 'html';
  return file !== undefined && /\.json$/i.test(file) ? 'json' : 'markdown';
}

export interface ReportOptions {
  /** JSON or Markdown unless given, as the reading is. */
  readonly form?: ReportForm;
  /** Writes the report; given where it goes to a file. Resolves with what went wrong, if anything. */
  readonly save?: (text: string) => Promise<string | undefined>;
}

/**
 * `rebuild report RUN`: the post-mortem of what the journal's hash chain proves, and where it breaks. Exit code 3 where
 * it does not hold, in every form.
 */
export async function report(name: string, {form, save}: ReportOptions, reading: Reading): Promise<ExitCode> {
  const {journal, out, err} = reading;
  const run = await findRun(reading, name);
  if (!run.ok) return refuse(reading, run.fault);
  const host = hostOf(run.value);
  const audit = await journal.audit(run.value);
  if (!audit.ok) return refuse(reading, audit.fault, host);
  const stored = proved(run.value, audit.value);
  if (!stored.ok) return refuse(reading, stored.fault, host);
  const holder = await journal.holder(host);
  if (!holder.ok) return refuse(reading, holder.fault, host);
  const {verdict, intact, rows} = audit.value;
  const unproved = verdict.holds ? [] : rows.slice(intact).map(unprovedEntry);
  const account: Account | Unreadable = accountOf(stored.value, verdict, {
    held: holder.value !== undefined,
    unproved,
  }) ?? {
    type: 'run.unreadable',
    run: run.value,
    chain: verdict,
    unproved,
  };
  const text = await written(account, form ?? (reading.json ? 'json' : 'markdown'));
  const trouble = await save?.(text);
  if (!save) out(text);
  if (trouble !== undefined) {
    err(`the report was not saved: ${trouble}\n`);
    return exit.usage;
  }
  if (verdict.holds) return exit.done;
  return refuse({...reading, json: false}, fault('journal.broken', `${run.value}: ${verdict.says}`), host);
}

async function written(account: Account | Unreadable, form: ReportForm): Promise<string> {
  switch (form) {
    case 'json':
      return `${jsonText(account, 2)}\n`;
    case 'html':
      return (await import('../view/page/page.ts')).pageText(account);
    case 'markdown':
      return `${(account.type === 'run.report' ? reportText(account) : unreadableText(account)).join('\n')}\n`;
    default:
      return form satisfies never;
  }
}

/** The events of the entries that the chain proves. One that is not understood was written by a version that knows more. */
function proved(run: RunId, {rows, intact}: Audit): Result<readonly Stored[]> {
  const stored: Stored[] = [];
  for (const {seq, at, event: text, hash} of rows.slice(0, intact)) {
    const event = parseEvent(text);
    if (event === undefined)
      return failed(fault('journal.too-new', `${run}: entry ${seq} is intact, but this version does not know it`));
    stored.push({seq, at: at as Stored['at'], event, hash: hash as Stored['hash']});
  }
  return ok(stored);
}

const unprovedEntry = ({id, seq, at, event}: Row): UnprovedEntry => ({
  row: id,
  seq,
  at,
  type: parseEvent(event)?.type ?? null,
});

const hostOf = (run: string): HostName => run.slice(0, run.lastIndexOf('-')) as HostName;
