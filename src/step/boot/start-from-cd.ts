import {enduring} from '../../endure.ts';
import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import type {World} from '../world.ts';
import type {Medium} from '../world/image.ts';

export interface FromCd {
  readonly medium: Pick<Medium, 'url'>;
  /** An attempt has failed: the medium is mounted anew, for a BMC that says it is there may be wrong. */
  readonly anew: boolean;
  /** Begins the account of what is read of it. */
  readonly recount: () => void;
  /** Called before the host is started. */
  readonly save: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Starts the host once from a medium, mounted where it is not there. Nothing is mounted while the host is on. */
export async function startFromCd(
  {bmc, clock}: World,
  {medium, anew, recount, save, signal}: FromCd,
): Promise<Result<void>> {
  const off = await bmc.power('off', signal);
  if (!off.ok) return off;
  const now = await enduring(() => bmc.media(), clock, signal);
  if (!now.ok) return now;
  if (anew || now.value.state !== 'attached' || now.value.image !== medium.url) {
    const inserted = await bmc.insert(medium.url, signal);
    if (!inserted.ok) return inserted;
    if (inserted.value.state !== 'attached')
      return failed(fault('media.not-mounted', `after it was inserted, the virtual CD is ${inserted.value.state}`));
  }
  recount();
  const once = await bmc.bootCdOnce(signal);
  if (!once.ok) return once;
  await save();
  return bmc.power('on', signal);
}
