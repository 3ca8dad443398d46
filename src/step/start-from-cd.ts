import {enduring} from '../endure.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Hand} from './step.ts';
import type {World} from './world.ts';

export interface Starting {
  /** It is mounted even where the BMC says that it is there: after an attempt that failed the BMC may be wrong. */
  readonly anew: boolean;
  /** What this server hands out of the medium counts from here. */
  readonly recount: () => void;
  /** Durable before the host is on. */
  readonly save: (covered: number) => Promise<void>;
}

/** Starts the host once from a medium as its virtual CD. Nothing is mounted while the host is on. */
export async function startFromCd(
  {bmc, clock}: World,
  url: string,
  {anew, recount, save}: Starting,
  {signal}: Hand,
): Promise<Result<void>> {
  const off = await bmc.power('off', signal);
  if (!off.ok) return off;
  const now = await enduring(() => bmc.media(), clock, signal);
  if (!now.ok) return now;
  const mounted =
    anew || now.value.state !== 'attached' || now.value.image !== url ? await bmc.insert(url, signal) : ok(now.value);
  if (!mounted.ok) return mounted;
  if (mounted.value.state !== 'attached')
    return failed(fault('media.not-mounted', `after it was inserted, the virtual CD is ${mounted.value.state}`));
  recount();
  const once = await bmc.bootCdOnce(signal);
  if (!once.ok) return once;
  await save(0);
  return bmc.power('on', signal);
}
