import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {MediaState} from '../../step/world/bmc.ts';
import type {Field} from '../profile/profile.ts';
import type {Client} from './client.ts';
import type {Machine} from './machine.ts';
import {amend, ejectRequests, insertRequest, required} from './media-request.ts';
import {messages} from './messages.ts';
import {insistently} from './insist.ts';
import {candidates, mediaState, shows, slot, type Slot} from './slot.ts';
import {hidden, readSlots, reveal} from './slots.ts';

export interface VirtualMedia {
  read(): Promise<Result<MediaState>>;
  insert(url: string, signal: AbortSignal): Promise<Result<MediaState>>;
  eject(signal: AbortSignal): Promise<Result<MediaState>>;
}

// XCC's properties lag behind by tens of seconds; Fujitsu documents 20 s, iDRAC mounts within 30 s.
const settle = {everyMs: 1_000, deadlineMs: 60_000} as const;
// Slots that refuse for good are passed over (Cisco lists several that only its KVM can fill).
const mostSlots = 3;
const mostTries = 10;

export function virtualMedia(client: Client, machine: Machine, clock: Clock): VirtualMedia {
  const {profile} = machine;
  /** The slot in use, and what was put into it by this connection. */
  let used: {readonly path: string; readonly url?: string} | undefined;

  async function slots(): Promise<Result<readonly Slot[]>> {
    const all = await readSlots(client, machine);
    if (!all.ok) return all;
    const usable = candidates(profile, all.value);
    if (usable.length > 0) return ok(usable);
    return failed(
      fault(
        'bmc.feature-missing',
        `no virtual media slot of this BMC takes a CD image by URL (${all.value.length} listed)`,
      ),
    );
  }

  async function again(path: string, signal?: AbortSignal): Promise<Result<Slot>> {
    const reply = await client.get(path, signal);
    return reply.ok ? ok(slot(path, reply.value.body, reply.value.headers['allow'])) : reply;
  }

  /** What the slot holds, named as it was inserted where that fits: BMCs rewrite and shorten the URL. */
  function state(each: Slot): MediaState {
    const now = mediaState(profile, each);
    if (now.state !== 'attached' || used?.path !== each.path || used.url === undefined) return now;
    return shows(used.url, now.image) ? {...now, image: used.url} : {state: 'stale', image: now.image};
  }

  async function read(): Promise<Result<MediaState>> {
    const now = used === undefined ? ok(undefined) : await client.find(used.path);
    if (!now.ok) return now;
    if (used !== undefined && now.value !== undefined)
      return ok(state(slot(used.path, now.value.body, now.value.headers['allow'])));
    const action = await hidden(client, machine);
    if (!action.ok) return action;
    // A look changes nothing: what is not shown holds nothing.
    if (action.value !== undefined) return ok({state: 'detached'});
    const found = await slots();
    if (!found.ok) return found;
    const [best] = found.value;
    const holding = found.value.find((each) => mediaState(profile, each).state !== 'detached') ?? best;
    if (holding === undefined) throw new Error('no slot among at least one');
    used = {path: holding.path};
    return ok(state(holding));
  }

  /** Empties every CD slot: a second image, whoever left it there, could be the one the machine starts from. */
  async function eject(signal: AbortSignal): Promise<Result<MediaState>> {
    const revealed = await reveal(client, machine, clock, signal);
    if (!revealed.ok) return revealed;
    const found = await slots();
    if (!found.ok) return found;
    const first = found.value.find(({path}) => path === used?.path) ?? found.value[0];
    for (const each of found.value) {
      if (each !== first && mediaState(profile, each).state === 'detached') continue;
      const emptied = await empty(each, signal);
      if (!emptied.ok) return emptied;
    }
    used = first === undefined ? undefined : {path: first.path};
    return ok({state: 'detached'});
  }

  async function empty(each: Slot, signal: AbortSignal): Promise<Result<void>> {
    let refused: Result<never> | undefined;
    for (const write of ejectRequests(profile, each)) {
      const done = await insistently(client, write, clock, signal);
      if (!done.ok) return done;
      if (done.value.accepted) {
        refused = undefined;
        break;
      }
      // An eject of an empty slot is refused with 400, 404, 409 or 415, each by some vendor: what the slot shows counts.
      refused = done.value.refusal();
      const now = await again(each.path, signal);
      if (!now.ok) return now;
      if (mediaState(profile, now.value).state === 'detached') return ok(undefined);
    }
    if (refused !== undefined) return refused;
    const emptied = await until<Result<void>>(
      async () => {
        const now = await again(each.path, signal);
        if (!now.ok) return now;
        return mediaState(profile, now.value).state === 'detached' ? ok(undefined) : undefined;
      },
      {...settle, clock, signal},
    );
    if (emptied.end === 'met') return emptied.value;
    return emptied.end === 'aborted'
      ? interrupted()
      : failed(fault('bmc.refused', `virtual media slot ${each.id} did not become empty`));
  }

  async function insert(url: string, signal: AbortSignal): Promise<Result<MediaState>> {
    const scheme = new URL(url).protocol.slice(0, -1);
    if (!profile.insert.schemes.some((known) => known === scheme))
      return failed(
        fault(
          'bmc.feature-missing',
          `this BMC (${profile.name}) takes images over ${profile.insert.schemes.join(', ')} only`,
        ),
      );
    const once = await mount(url, signal);
    // What a BMC loses the first time (iDRAC while its Lifecycle Controller is busy) it may take the second time.
    return !once.ok && once.fault.code === 'media.not-mounted' ? mount(url, signal) : once;
  }

  async function mount(url: string, signal: AbortSignal): Promise<Result<MediaState>> {
    const emptied = await eject(signal);
    if (!emptied.ok) return emptied;
    const found = await slots();
    if (!found.ok) return found;
    let last: Result<MediaState> = failed(fault('media.not-mounted', 'no slot was tried'));
    for (const each of found.value.slice(0, mostSlots)) {
      last = await fill(each, url, signal);
      if (last.ok) {
        used = {path: each.path, url};
        return last;
      }
      if (last.fault.code !== 'bmc.refused') return last;
    }
    return last;
  }

  async function fill(each: Slot, url: string, signal: AbortSignal): Promise<Result<MediaState>> {
    const info = each.insertInfo === undefined ? undefined : await client.find(each.insertInfo, signal);
    if (info?.ok === false) return info;
    let fields: ReadonlySet<Field> = new Set([...profile.insert.fields, ...required(info?.value?.body)]);
    for (let tried = 0; tried < mostTries; tried++) {
      const write = insertRequest(profile, each, url, fields);
      if (write === undefined) return failed(fault('bmc.refused', `virtual media slot ${each.id} offers no way in`));
      const done = await insistently(client, write, clock, signal);
      if (!done.ok) return done;
      if (done.value.accepted) return attached(each, url, signal);
      const amended = amend(fields, messages(done.value.reply.body));
      if (amended === undefined) return done.value.refusal();
      fields = amended;
    }
    return failed(fault('bmc.refused', `virtual media slot ${each.id} found another fault with each request`));
  }

  /** A 2xx proves nothing (iDRAC answers 204 and drops the image): the slot must show it, twice in a row. */
  async function attached(each: Slot, url: string, signal: AbortSignal): Promise<Result<MediaState>> {
    let seen = 0;
    const shown = await until<Result<MediaState>>(
      async () => {
        const now = await again(each.path, signal);
        if (!now.ok) return now;
        const state = mediaState(profile, now.value);
        seen = state.state === 'attached' && shows(url, state.image) ? seen + 1 : 0;
        return seen < 2 ? undefined : ok({state: 'attached', image: url});
      },
      {...settle, clock, signal},
    );
    if (shown.end === 'met') return shown.value;
    return shown.end === 'aborted'
      ? interrupted()
      : failed(fault('media.not-mounted', `virtual media slot ${each.id} accepted the image and never showed it`));
  }

  return {read, insert, eject};
}

const interrupted = (): Result<never> =>
  failed(fault('run.interrupted', 'interrupted while the BMC changed its virtual media'));
