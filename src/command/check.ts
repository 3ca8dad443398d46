import {join} from 'node:path';
import {exit, type ExitCode} from '../exit.ts';
import {catalogue} from '../fault-catalogue.ts';
import {fault, type Fault} from '../fault.ts';
import type {Diagnostic} from '../runbook/diagnostic.ts';
import {printable, renderDiagnostic} from './excerpt.ts';
import type {DiskSpec} from '../runbook/runbook.ts';
import {sizeText} from '../runbook/size.ts';
import type {StepKinds} from '../runbook/steps.ts';
import {loadRunbook, namesIn, packagedRunbooks, type RunbookPlaces} from './runbook-file.ts';

/** What was found out about one runbook file, without a look at any device. */
export type FileCheck =
  | {
      readonly ok: true;
      readonly file: string;
      readonly host: string;
      readonly serial: string;
      readonly digest: string;
      readonly disks: readonly DiskSpec[];
      readonly steps: readonly {readonly id: string; readonly kind: string; readonly irreversible: boolean}[];
    }
  | {readonly ok: false; readonly file: string; readonly fault: Fault; readonly diagnostics: readonly Diagnostic[]};

/** Checks the runbooks named (host or file), or every one in ./runbooks where none is. */
export async function checkRunbooks(
  names: readonly string[],
  places: RunbookPlaces,
  kinds: StepKinds,
): Promise<readonly FileCheck[]> {
  const here = join(places.cwd, 'runbooks');
  const asked = names.length > 0 ? names : (await namesIn(here)).map((name) => join(here, `${name}.yaml`));
  if (asked.length === 0) {
    const none = fault('runbook.missing', 'there is no runbook in ./runbooks', {
      next: `copy one of ${packagedRunbooks}, then: rebuild check`,
    });
    return [{ok: false, file: 'runbooks', fault: none, diagnostics: []}];
  }
  return Promise.all(asked.map((name) => checkOne(name, places, kinds)));
}

async function checkOne(name: string, places: RunbookPlaces, kinds: StepKinds): Promise<FileCheck> {
  const loaded = await loadRunbook(name, places, kinds);
  if (!loaded.ok) return loaded;
  const {file, runbook, digest} = loaded;
  return {
    ok: true,
    file,
    host: runbook.host.name,
    serial: runbook.host.serial,
    digest,
    disks: Object.values(runbook.disks),
    steps: runbook.steps.map(({id, kind}) => ({id, kind, irreversible: kinds.get(kind)?.irreversible ?? true})),
  };
}

export const checkExit = (checks: readonly FileCheck[]): ExitCode =>
  checks.every(({ok}) => ok) ? exit.done : exit.usage;

/** The result for a person, with a line end. `columns` is the terminal's width. */
export function renderChecks(checks: readonly FileCheck[], columns = 80): string {
  return `${checks.map((check) => (check.ok ? valid(check) : invalid(check, columns))).join('\n\n')}\n`;
}

function valid({file, host, serial, digest, disks, steps}: FileCheck & {ok: true}): string {
  const rows = disks.map(({name, serial, sizeBytes, keep}) =>
    ['', ' disk', name.padEnd(10), serial.padEnd(20), sizeText(sizeBytes).padStart(8), keep ? ' kept' : ''].join(' '),
  );
  const hard = steps.filter(({irreversible}) => irreversible).map(({id}) => id);
  return [
    `${printable(file)}: valid`,
    `  host ${host}, serial ${printable(serial)}, runbook digest ${digest.slice(0, 12)}`,
    ...rows.map((row) => printable(row).trimEnd()),
    `  ${steps.length} steps${hard.length > 0 ? `; without undo: ${hard.join(', ')}` : ''}`,
    `next: rebuild plan ${host}`,
  ].join('\n');
}

// What comes after so many is mostly an echo of what came before.
const most = 30;

function invalid({fault, diagnostics}: FileCheck & {ok: false}, columns: number): string {
  return [
    ...diagnostics.slice(0, most).map((diagnostic) => `${renderDiagnostic(diagnostic, columns)}\n`),
    ...(diagnostics.length > most ? [`... and ${diagnostics.length - most} more\n`] : []),
    `fault ${fault.code}: ${printable(fault.says)}`,
    `next: ${printable(fault.next ?? catalogue[fault.code].next)}`,
  ].join('\n');
}
