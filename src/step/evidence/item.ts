import {clockOffset} from '../../evidence/clock-offset.ts';
import type {Item} from '../../evidence/item.ts';
import type {Lack} from '../../evidence/outcome.ts';
import {ok, type Result} from '../../result.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {Vault} from '../world/evidence.ts';
import type {Collected, Suspect, SuspectFacts} from '../world/suspect.ts';

/** What was asked with. */
export type Asked = Pick<SuspectFacts, 'tool' | 'argv'>;

/** Whom an item is asked of, and where it goes. */
export interface Asking {
  readonly suspect: Suspect;
  readonly facts: SuspectFacts;
  readonly vault: Vault;
  /** The host's clock less ours, in seconds, as far as it is known. */
  readonly offset: number | null;
  /** Our clock's milliseconds at which all is to be over. */
  readonly until: number;
  /** Whether it is left at that when the item is cut short so: there is no further attempt. */
  readonly final: (lack: Lack) => boolean;
}

export interface Taken {
  /** False where the host could not be asked. */
  readonly answered: boolean;
  readonly offset: number | null;
}

/** An item with the beginning of what came, as its bytes. */
export interface TakenItem extends Taken {
  readonly head: string;
  readonly complete: boolean;
  readonly lack?: Lack;
  readonly reason?: string;
}

/** One item into a file of its own, with its record. Of what came, `most` bytes are given back. */
export async function takeItem(
  item: Item,
  {suspect, facts, vault, offset, until}: Asking,
  world: World,
  hand: Hand,
  most = 4096,
): Promise<Result<TakenItem>> {
  const {clock} = world;
  const file = await vault.begin(item.id, item.form);
  if (!file.ok) return file;
  const began = clock.now();
  const seconds = Math.max(1, Math.min(item.seconds, Math.ceil((until - clock.ticks()) / 1000)));
  let head = '';
  const sink = {
    write: async (data: Uint8Array): Promise<void> => {
      if (head.length < most)
        head += Buffer.from(data)
          .toString('latin1')
          .slice(0, most - head.length);
      await file.value.write(data);
    },
  };
  const collected = await suspect.collect(item.verb, {seconds, bytes: item.bytes}, sink, hand.signal);
  const ended = await file.value.end();
  if (!ended.ok) return ended;
  // Broken off here: its file stays, and is taken up when the bundle is sealed.
  if (!collected.ok && hand.signal.aborted) return interrupted();
  const found = item.id === 'clock' ? clockOffset(head, began) : null;
  const outcome = collected.ok
    ? became(collected.value, seconds < item.seconds)
    : {complete: false, lack: 'lost' as const, reason: `the host did not answer: ${collected.fault.code}`};
  const recorded = await vault.record({
    ...outline(item, facts, world, offset ?? found),
    ...ended.value,
    id: file.value.id,
    began,
    ...outcome,
  });
  if (!recorded.ok) return recorded;
  if (!collected.ok && collected.fault.code === 'ssh.host-key-differs') return collected;
  return ok({answered: collected.ok, offset: found, head, ...outcome});
}

/** `hurried`: the whole capture left it less time than its own limit. */
function became({complete, cut, reason}: Collected, hurried: boolean): Pick<TakenItem, 'complete' | 'lack' | 'reason'> {
  const why = reason === undefined ? {} : {reason};
  if (complete) return {complete, ...why};
  if (cut === undefined) return {complete, lack: 'error', ...why};
  return {complete, lack: cut === 'seconds' && hurried ? 'time' : 'limit', ...why};
}

/** The record of an item of which nothing has come. */
export const outline = (item: Item, facts: Asked, {clock}: World, clockOffset: number | null) => ({
  id: `skipped-${item.id}`,
  what: item.what,
  source: item.source,
  method: {over: 'ssh', argv: [...facts.argv, ...item.verb]},
  tool: facts.tool,
  began: clock.now(),
  ended: clock.now(),
  clockOffset,
  bytes: 0,
});
