import {z} from 'zod';
import type {Flow, Flows} from '../../step/world/edge.ts';
import type {Listing} from './reading.ts';
import {remembered} from './witness.ts';

const counted = z.object({
  elem: z.object({
    // A protocol without a name of its own is a number; so is one whose name the gateway does not know.
    val: z.object({
      concat: z.union([
        z.tuple([z.string(), z.union([z.string(), z.number()])]),
        z.tuple([z.string(), z.union([z.string(), z.number()]), z.int().min(0).max(65_535)]),
      ]),
    }),
    counter: z.object({packets: z.int().nonnegative()}),
  }),
});
const set = z.object({name: z.string(), elem: z.array(counted).default([])});

/** What the witness's tables remember; undefined where they hold what is none of its. */
export function readFlows(listing: Listing): Flows | undefined {
  const sets: z.infer<typeof set>[] = [];
  for (const object of listing) {
    if (!('set' in object)) continue;
    const found = set.safeParse(object['set']);
    if (!found.success) return undefined;
    sets.push(found.data);
  }
  if (sets.length === 0) return undefined;
  return {
    tried: summed(sets.filter(({name}) => name.startsWith('tried-'))),
    passed: summed(sets.filter(({name}) => name.startsWith('passed-'))),
    full: sets.some(({elem}) => elem.length >= remembered),
  };
}

/** One flow for each place, as both families may have seen parts of it. */
function summed(sets: readonly z.infer<typeof set>[]): readonly Flow[] {
  const flows = new Map<string, Flow>();
  for (const {val, counter} of sets.flatMap(({elem}) => elem.map((each) => each.elem))) {
    const [address, protocol, port] = val.concat;
    const key = JSON.stringify(val.concat);
    const packets = (flows.get(key)?.packets ?? 0) + counter.packets;
    flows.set(key, {protocol: String(protocol), address, ...(port !== undefined && {port}), packets});
  }
  return [...flows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, flow]) => flow);
}
