import {open} from 'node:fs/promises';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';

/** No list that a person keeps is longer. */
const mostBytes = 16 * 1024 * 1024;

/** A text that a runbook names. */
export async function readDocument(path: string): Promise<Result<string>> {
  let file;
  try {
    file = await open(path);
    const {size} = await file.stat();
    if (size > mostBytes) return failed(fault('document.unreadable', `${path} is longer than ${mostBytes >> 20} MiB`));
    return ok(await file.readFile('utf8'));
  } catch (error) {
    return failed(fault('document.missing', `${path}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`));
  } finally {
    await file?.close();
  }
}
