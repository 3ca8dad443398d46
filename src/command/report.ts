import type {HostName} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import {accountOf} from '../view/account.ts';
import {jsonText} from '../view/json.ts';
import {brokenChain, reportText} from '../view/report.ts';
import {findRun, refuse, type Reading} from './reading.ts';

export interface ReportOptions {
  /** Writes the report; given where it goes to a file. Resolves with what went wrong, if anything. */
  readonly save?: (text: string) => Promise<string | undefined>;
}

/** `rebuild report RUN`: the post-mortem. Exit code 3 where the journal's hash chain does not hold. */
export async function report(name: string, {save}: ReportOptions, reading: Reading): Promise<ExitCode> {
  const {journal, out, err, json} = reading;
  const run = await findRun(reading, name);
  if (!run.ok) return refuse(reading, run.fault);
  const chain = await journal.verify(run.value);
  if (!chain.ok) return refuse(reading, chain.fault);
  const stored = await journal.read(run.value);
  const held = await journal.holder(hostOf(run.value));
  if (!held.ok) return refuse(reading, held.fault);
  const account = stored.ok ? accountOf(stored.value, chain.value, held.value !== undefined) : undefined;
  if (!account) {
    // A journal that refuses to hand out a broken record still says where it broke.
    if (!chain.value.holds && !json) out(`${brokenChain(chain.value).join('\n')}\n`);
    if (!stored.ok) return refuse(reading, stored.fault, hostOf(run.value));
    err(`${run.value} has no beginning on record\n`);
    return exit.refused;
  }
  const text = json ? `${jsonText(account, 2)}\n` : `${reportText(account).join('\n')}\n`;
  const trouble = await save?.(text);
  if (!save) out(text);
  if (trouble !== undefined) {
    err(`the report was not saved: ${trouble}\n`);
    return exit.usage;
  }
  return chain.value.holds ? exit.done : exit.refused;
}

const hostOf = (run: string): HostName => run.slice(0, run.lastIndexOf('-')) as HostName;
