import {writeFile} from 'node:fs/promises';
import {hostName} from '../../brand.ts';
import type {Globals} from '../../cli.ts';
import {exit, type ExitCode} from '../../exit.ts';
import {fault} from '../../fault.ts';
import {refuse} from '../reading.ts';
import {openReading, openSession} from '../session.ts';
import {withReading} from '../with-reading.ts';

// The commands that need the journal alone. They are typed by reflex, so each loads nothing but its own.

export const abandon = (host: string, why: string, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, async (reading) => (await import('../abandon.ts')).abandon(host, why, reading));

export const forgo = (host: string, disk: string, why: string, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, async (reading) => (await import('../forgo.ts')).forgo(host, disk, why, reading));

export const certificate = (name: string, {output}: {readonly output?: string}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openReading, async (reading) =>
    (await import('../certificate.ts')).certificate(name, output, reading),
  );

export const stop = (host: string, {now}: {readonly now?: boolean}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, async (reading) => (await import('../stop.ts')).stop(host, now === true, reading));

export const release = (host: string, why: string, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, async (reading) => (await import('../release.ts')).release(host, why, reading));

export const status = (
  host: string | undefined,
  {watch}: {readonly watch?: boolean},
  globals: Globals,
): Promise<ExitCode> =>
  withReading(globals, openReading, async (reading) => {
    const name = host === undefined ? undefined : hostName(host);
    if (host !== undefined && name === undefined)
      return refuse(reading, fault('run.missing', `"${host}" is no host name`));
    if (!watch) return (await import('../status.ts')).status(name, reading);
    const leave = new AbortController();
    const hear = (): void => leave.abort();
    process.on('SIGINT', hear).on('SIGTERM', hear);
    const {stdout, env} = process;
    const terminal = !globals.json && stdout.isTTY && env['TERM'] !== 'dumb' ? stdout : undefined;
    try {
      const options = {open: () => openReading(globals.lab === true), signal: leave.signal, terminal};
      return await (await import('../watch.ts')).watch(name, options, reading);
    } finally {
      process.off('SIGINT', hear).off('SIGTERM', hear);
    }
  });

export const log = (name: string, options: {step?: string; follow?: boolean}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openReading, async (reading) => (await import('../log.ts')).log(name, options, reading));

export interface ReportArguments {
  readonly output?: string;
  readonly html?: boolean;
}

export async function report(name: string, {output, html}: ReportArguments, globals: Globals): Promise<ExitCode> {
  if (html && globals.json) {
    process.stderr.write('a report is either --html or --json\n');
    return exit.usage;
  }
  return withReading(globals, openReading, async (reading) => {
    const {formOf, report: write} = await import('../report.ts');
    const form = html ? 'html' : globals.json ? 'json' : formOf(output);
    const save = output === undefined ? undefined : (text: string) => saved(output, text);
    return write(name, {form, ...(save && {save})}, reading);
  });
}

/** Writes a result to a file; what went wrong, in words, if anything. */
const saved = (file: string, text: string): Promise<string | undefined> =>
  writeFile(file, text).then(
    () => undefined,
    (error: unknown) => `${file} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}`,
  );
