import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';

/** No list that a person keeps is longer. */
const mostBytes = 16 * 1024 * 1024;

/** A text that a runbook names. */
export async function readDocument(path: string): Promise<Result<string>> {
  const read = await readSaved(path);
  return read.ok ? ok(Buffer.from(read.value).toString('utf8')) : read;
}

/** A file that a runbook names, whatever it holds. One that is no regular file may have no end, and is not read. */
export async function readSaved(path: string): Promise<Result<Uint8Array>> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const about = await file.stat();
    if (!about.isFile()) return failed(fault('document.unreadable', `${path} is no file`));
    if (about.size > mostBytes)
      return failed(fault('document.unreadable', `${path} is longer than ${mostBytes >> 20} MiB`));
    return ok(await file.readFile());
  } catch (error) {
    return failed(fault('document.missing', `${path}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`));
  } finally {
    await file?.close();
  }
}
