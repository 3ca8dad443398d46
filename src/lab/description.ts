import {readFile, rename, writeFile} from 'node:fs/promises';
import {z} from 'zod';
import type {HostName} from '../brand.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import {blueprintSchema, suspectSchema, type Blueprint, type SuspectFacts} from './blueprint.ts';
import type {LabFolder} from './folder.ts';

const descriptionSchema = z.object({
  blueprint: blueprintSchema,
  /** Absent where the lab was brought up without an old system. */
  suspect: suspectSchema.optional(),
});

/** A lab that came up: what it is made of, and the old system as it was before anything was done to it. */
export interface Description {
  readonly blueprint: Blueprint;
  readonly suspect?: SuspectFacts;
}

/** Written last: a lab has come up whole when it is there. */
export async function writeDescription(folder: LabFolder, description: Description): Promise<void> {
  const made = `${folder.description}.new`;
  await writeFile(made, JSON.stringify(description, null, 2), {mode: 0o600});
  await rename(made, folder.description);
}

export async function readDescription(host: HostName, folder: LabFolder): Promise<Result<Description>> {
  const text = await readFile(folder.description, 'utf8').catch(() => undefined);
  if (text === undefined)
    return failed(fault('lab.down', `there is no lab for ${host}`, {next: `rebuild lab up ${host}`}));
  try {
    const {blueprint, suspect} = descriptionSchema.parse(JSON.parse(text));
    return ok({blueprint, ...(suspect && {suspect})});
  } catch {
    return failed(
      fault('lab.down', `the lab for ${host} was made by another version`, {next: `rebuild lab up ${host}`}),
    );
  }
}
