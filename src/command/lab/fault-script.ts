import {readFile} from 'node:fs/promises';
import {fault, type Fault} from '../../fault.ts';
import type {FaultScript} from '../../lab/fault/script.ts';
import {parseScript} from '../../lab/fault/script-file.ts';
import {renderDiagnostic} from '../excerpt.ts';

export type LoadedScript =
  | {readonly ok: true; readonly value: FaultScript}
  /** `excerpts`: each mistake with its line, for stderr. */
  | {readonly ok: false; readonly fault: Fault; readonly excerpts: readonly string[]};

/** Reads a script of faults. */
export async function loadScript(file: string, columns?: number): Promise<LoadedScript> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return {ok: false, fault: fault('lab.usage', `${file} cannot be read: ${code}`), excerpts: []};
  }
  const parsed = parseScript(text, file);
  if (parsed.ok) return {ok: true, value: parsed.script};
  const {diagnostics} = parsed;
  const count = `${diagnostics.length} ${diagnostics.length === 1 ? 'mistake' : 'mistakes'}`;
  return {
    ok: false,
    fault: fault('lab.usage', `${count} in ${file}`, {next: `correct ${file}, then repeat the command`}),
    excerpts: diagnostics.map((each) => renderDiagnostic(each, columns)),
  };
}
