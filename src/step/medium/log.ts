import type {Look} from '../world.ts';
import type {BmcEvent} from '../world/bmc.ts';

// Reading a log costs a BMC more than reading a slot.
const logEveryMs = 10_000;

/** What the BMC's log says of its virtual media since a mark. */
export interface MediumLog {
  /** Reads what is new, now. */
  read(): Promise<void>;
  last(): BmcEvent | undefined;
  /** The last that it says is that the medium went. It is read for this seldom enough. */
  lost(): Promise<boolean>;
  /** The same, by a reset of the server. */
  byReset(): boolean;
}

/** Without a mark, of a BMC that keeps no such log, it says nothing. */
export function mediumLog({bmc, clock}: Pick<Look, 'bmc' | 'clock'>, mark: string | undefined): MediumLog {
  let at = mark;
  let asked = -Infinity;
  let last: BmcEvent | undefined;
  const read = async (): Promise<void> => {
    if (at === undefined) return;
    asked = clock.ticks();
    const news = await bmc.events(at);
    if (!news.ok || !news.value) return;
    at = news.value.mark;
    last = news.value.events.at(-1) ?? last;
  };
  return {
    read,
    last: () => last,
    async lost() {
      if (clock.ticks() - asked >= logEveryMs) await read();
      return last?.is === 'ejected';
    },
    byReset: () => last?.is === 'ejected' && last.by === 'reset',
  };
}

/** An entry that tells of a loss, as a sentence goes on with it; empty where there is none. */
export const loggedText = (entry: BmcEvent | undefined): string =>
  entry?.is === 'ejected' ? ` (the BMC’s log: ${entry.says.slice(0, 80)})` : '';
