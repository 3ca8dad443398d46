import {z} from 'zod';
import {canonical, type Json, type JsonObject} from '../../json.ts';
import {isIpv4, type Ports, type Rules} from './rules.ts';

/**
 * What `nft -j list` printed (libnftables-json(5)): the objects of one or more tables, without what says nothing about
 * which packets pass: handles, counts and the order of a set's elements.
 */
export type Listing = readonly JsonObject[];

const json: z.ZodType<Json> = z.json();
const listed = z.object({nftables: z.array(z.record(z.string(), json))});

/** Undefined where the text is not such a listing. */
export function readListing(text: string): Listing | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = listed.safeParse(value);
  if (!parsed.success) return undefined;
  return parsed.data.nftables.filter((object) => !('metainfo' in object));
}

const port = z.int().min(1).max(65_535);
const element = z.union([
  z.string(),
  z.number(),
  z.strictObject({concat: z.tuple([z.string(), port])}),
  z.strictObject({prefix: z.strictObject({addr: z.string(), len: z.int().min(0).max(32)})}),
]);
const set = z.object({family: z.string(), name: z.string(), elem: z.array(element).optional()});
const rule = z.object({family: z.string(), chain: z.string(), comment: z.string()});
/**
 * The rules that a listing of our tables claims to hold. A claim only: that nothing else is there, and all of it, shows
 * when the same rules are rendered again and compared.
 */
export function readRules(listing: Listing): Rules | undefined {
  const sets = listing.flatMap((object) => {
    const found = set.safeParse(object['set']);
    return found.success && found.data.family === 'inet' ? [found.data] : [];
  });
  const elements = (name: string) => sets.find((found) => found.name === name)?.elem ?? [];
  const modes = listing.flatMap((object) => {
    const found = rule.safeParse(object['rule']);
    return found.success && found.data.chain === 'to-host' ? [found.data.comment] : [];
  });
  const mode = (['quarantine', 'blocking', 'serving'] as const).find((name) => modes[0] === `rebuild ${name}`);
  const admit = elements('admit').map((found) => {
    if (typeof found !== 'object') return String(found);
    return 'prefix' in found ? `${found.prefix.addr}/${found.prefix.len}` : '';
  });
  const reach = elements('reach').map((found) =>
    typeof found === 'object' && 'concat' in found ? {address: found.concat[0], port: found.concat[1]} : undefined,
  );
  const ports = (use: string): Ports | undefined => {
    const tcp = z.array(port).safeParse(elements(`${use}-tcp`)).data;
    const udp = z.array(port).safeParse(elements(`${use}-udp`)).data;
    return tcp && udp && {tcp, udp};
  };
  const [open, out, block] = [ports('open'), ports('out'), ports('block')];
  if (!mode || !open || !out || !block) return undefined;
  if (!admit.every((text) => isIpv4(text.split('/')[0] ?? ''))) return undefined;
  const places = reach.filter((place) => place !== undefined).filter((place) => isIpv4(place.address));
  if (places.length < reach.length) return undefined;
  const resolver = elements('resolver').map(String);
  if (!resolver.every(isIpv4)) return undefined;
  return {mode, admit, open, out, block, reach: places, resolver};
}

/** Packets that our tables' own counters have seen refused. */
export function readRefused(listing: Listing): number {
  const counter = z.object({name: z.literal('refused'), packets: z.int().nonnegative()});
  return listing.reduce((sum, object) => sum + (counter.safeParse(object['counter']).data?.packets ?? 0), 0);
}

/** One text for the listings of the same rules, however the kernel ordered what has no order. */
export function essence(listing: Listing): string {
  const objects = listing.map((object) => plain(object) as JsonObject);
  // Rules stand in their chain's order; chains, sets and counters have none.
  const rules = objects.filter((object) => 'rule' in object);
  const others = objects.filter((object) => !('rule' in object)).map(canonical);
  const chains = Map.groupBy(rules, ({rule}) => {
    const {family, chain} = rule as JsonObject;
    return canonical([family ?? null, chain ?? null]);
  });
  const ordered = [...chains].map(([chain, of]) => `${chain} ${canonical(of)}`);
  return [...others.toSorted(), ...ordered.toSorted()].join('\n');
}

const counts = new Set(['handle', 'packets', 'bytes']);

function plain(value: Json, name?: string): Json {
  if (Array.isArray(value)) {
    const members = value.map((member: Json) => plain(member));
    return name === 'elem' || name === 'set'
      ? members.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
      : members;
  }
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value as JsonObject).filter(([name]) => !counts.has(name));
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, name)]));
}
