import type {JsonObject} from '../json.ts';
import {ok, type Result} from '../result.ts';
import type {Kinds} from '../step/kinds.ts';
import type {HostRecord, Look} from '../step/world.ts';
import type {DriveFacts, SystemFacts} from '../step/world/bmc.ts';
import type {Outlook} from './outlook.ts';

/** What the world showed, per step id: the facts its plan needs, or why they could not be had. */
export interface Findings {
  readonly system: SystemFacts;
  /** As the BMC shows them; undefined where it shows none. */
  readonly drives: readonly DriveFacts[] | undefined;
  readonly steps: Readonly<Record<string, Result<JsonObject>>>;
  /** What may be expected of media and images, per step id; only of steps that need one. */
  readonly outlooks: Readonly<Record<string, Outlook>>;
  readonly record: HostRecord;
}

/** Reads everything a plan needs, telling how many steps have been asked. `Look` has no method that changes anything. */
export async function gather(
  look: Look,
  kinds: Kinds,
  asked: (steps: number) => void = () => {},
): Promise<Result<Findings>> {
  const system = await look.bmc.system();
  if (!system.ok) return system;
  const drives = await look.bmc.drives();
  if (!drives.ok) return drives;
  const steps: Record<string, Result<JsonObject>> = {};
  const outlooks: Record<string, Outlook> = {};
  for (const [index, entry] of look.runbook.steps.entries()) {
    asked(index);
    const kind = kinds.get(entry.kind);
    if (!kind) throw new Error(`the runbook was parsed with a kind that is not registered: ${entry.kind}`);
    const facts = await kind.probe(look, entry.params);
    steps[entry.id] = facts;
    const outlook = facts.ok ? await kind.forecast?.(look, entry.params, facts.value) : undefined;
    if (outlook) outlooks[entry.id] = outlook;
  }
  return ok({system: system.value, drives: drives.value, steps, outlooks, record: await look.record()});
}
