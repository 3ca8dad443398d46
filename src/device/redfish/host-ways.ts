import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {HostWay} from '../../step/bmc/state.ts';
import type {Way} from '../profile/way.ts';
import type {Client} from './client.ts';
import {insistently} from './insist.ts';
import type {Machine} from './machine.ts';
import {idOf, membersOf, readAll, type Resource} from './members.ts';
import {flag, link, text} from './tree.ts';

/** A way as it was read, and where it is closed. */
export interface FoundWay extends HostWay {
  readonly spec: Way;
  readonly path: string;
  readonly value: boolean | string;
}

// Hosts have one or two of them.
const mostInterfaces = 16;
const settle = {everyMs: 2_000, deadlineMs: 30_000} as const;

/** The ways that this BMC shows, by its vendor's properties and DMTF's own. A property that is not there shows nothing. */
export async function readWays(
  client: Client,
  {manager, profile}: Machine,
): Promise<Result<readonly (HostWay | FoundWay)[]>> {
  if (manager === undefined) return ok([unseenKcs(profile.kcs)]);
  const about = await client.get(manager);
  if (!about.ok) return about;
  const found: FoundWay[] = [];
  for (const spec of profile.ways) {
    const places = await placesOf(client, {path: manager, body: about.value.body}, spec);
    if (!places.ok) return places;
    for (const place of places.value) {
      const way = wayAt(spec, place);
      if (way && !found.some(({name}) => name === way.name)) found.push(way);
    }
  }
  return ok(found.some(({kind}) => kind === 'kcs') ? found : [...found, unseenKcs(profile.kcs)]);
}

const unseenKcs = (stays: string): HostWay => ({kind: 'kcs', name: 'kcs', state: 'unknown', stays});

async function placesOf(client: Client, manager: Resource, {at}: Way): Promise<Result<readonly Resource[]>> {
  switch (at.is) {
    case 'manager':
      return ok([manager]);
    case 'linked': {
      const path = link(manager.body, ...at.by);
      return path === undefined ? ok([]) : readAll(client, [path]);
    }
    case 'each':
      return membersOf(client, link(manager.body, ...at.of), mostInterfaces);
    case 'below':
      return readAll(client, [`${manager.path.replace(/\/+$/, '')}/${at.path}`]);
    default:
      return at satisfies never;
  }
}

function wayAt(spec: Way, {path, body}: Resource): FoundWay | undefined {
  const value = flag(body, ...spec.property) ?? text(body, ...spec.property);
  if (value === undefined) return undefined;
  const name = spec.at.is === 'each' ? `${spec.kind} ${idOf(path)}` : spec.kind;
  return {kind: spec.kind, name, state: spec.closed.includes(value) ? 'closed' : 'open', spec, path, value};
}

/** Closes it, and waits until its own property says so: some take the write and go on as before. */
export async function closeWay(
  client: Client,
  {spec, path, value, name}: FoundWay,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<void>> {
  const shut = spec.closed.find((each) => typeof each === typeof value);
  if (shut === undefined) return failed(fault('bmc.refused', `${name} reads ${String(value).slice(0, 40)}`));
  const write = {method: 'PATCH', reference: path, body: nested(spec.property, shut)} as const;
  const done = await insistently(client, write, clock, signal);
  if (!done.ok) return done;
  if (!done.value.accepted) return done.value.refusal();
  const closed = await until<Result<void>>(
    async () => {
      const back = await client.get(path, signal);
      if (!back.ok) return back;
      return wayAt(spec, {path, body: back.value.body})?.state === 'closed' ? ok(undefined) : undefined;
    },
    {...settle, clock, signal},
  );
  if (closed.end === 'met') return closed.value;
  if (closed.end === 'aborted') return failed(fault('run.interrupted', `interrupted while ${name} was closed`));
  return failed(fault('bmc.refused', `the BMC accepted that ${name} is closed and still shows it open`));
}

const nested = (property: readonly string[], value: boolean | string): JsonObject =>
  property.toReversed().reduce<JsonObject | boolean | string>((inner, name) => ({[name]: inner}), value) as JsonObject;
