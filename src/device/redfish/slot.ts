import type {Profile} from '../profile/profile.ts';
import type {MediaState} from '../../step/world/bmc.ts';
import {flag, text, texts} from './tree.ts';

/** One virtual media slot as the BMC describes it. */
export interface Slot {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly mediaTypes: readonly string[];
  readonly inserted: boolean | undefined;
  readonly connectedVia: string | undefined;
  readonly image: string | undefined;
  readonly imageName: string | undefined;
  /** Targets of the actions the slot offers now. Supermicro shows EjectMedia only while something is in. */
  readonly insertTarget: string | undefined;
  readonly insertInfo: string | undefined;
  readonly ejectTarget: string | undefined;
  /** The answer's `Allow` header lists PATCH. */
  readonly patchable: boolean;
}

export function slot(path: string, body: unknown, allow = ''): Slot {
  return {
    path,
    id: text(body, 'Id') ?? path.split('/').findLast((part) => part !== '') ?? '',
    name: text(body, 'Name') ?? '',
    mediaTypes: texts(body, 'MediaTypes'),
    inserted: flag(body, 'Inserted'),
    connectedVia: text(body, 'ConnectedVia'),
    image: text(body, 'Image'),
    imageName: text(body, 'ImageName'),
    insertTarget: text(body, 'Actions', '#VirtualMedia.InsertMedia', 'target'),
    insertInfo: text(body, 'Actions', '#VirtualMedia.InsertMedia', '@Redfish.ActionInfo'),
    ejectTarget: text(body, 'Actions', '#VirtualMedia.EjectMedia', 'target'),
    patchable: /\bPATCH\b/i.test(allow),
  };
}

/** The slots that can hold our ISO as a CD, best first. */
export function candidates(profile: Profile, slots: readonly Slot[]): readonly Slot[] {
  const rank = ({id}: Slot): number => {
    const at = profile.slots.prefer.findIndex((shape) => shape.test(id));
    return at === -1 ? profile.slots.prefer.length : at;
  };
  return slots
    .filter(
      (each) => isCd(each) && fillable(profile, each) && !profile.slots.exclude.some((shape) => shape.test(each.id)),
    )
    .toSorted((a, b) => rank(a) - rank(b));
}

/** MediaTypes is missing on AMI and empty on Huawei: the name then has to tell. A DVD slot takes a CD image (Cisco). */
const isCd = ({mediaTypes, id, name}: Slot): boolean =>
  mediaTypes.length === 0 ? /cd|dvd/i.test(`${id} ${name}`) : mediaTypes.some((type) => /^(cd|dvd)$/i.test(type));

const fillable = (profile: Profile, each: Slot): boolean =>
  each.insertTarget !== undefined || each.patchable || profile.insert.withoutAction === 'patch';

/** What a slot says of itself, taken together. Two properties that contradict each other make it stale. */
export function mediaState(profile: Profile, each: Slot): MediaState {
  const shown = image(profile, each);
  const connected = each.connectedVia === undefined ? undefined : each.connectedVia !== 'NotConnected';
  const claims = profile.state.attachedBy === 'ConnectedVia' ? (connected ?? each.inserted) : each.inserted;
  if (claims ?? (connected === true && shown !== '')) {
    // A slot may leave ConnectedVia out, but not say NotConnected.
    return connected === false ? {state: 'stale', image: shown} : {state: 'attached', image: shown};
  }
  return connected === true && shown !== '' ? {state: 'stale', image: shown} : {state: 'detached'};
}

function image(profile: Profile, each: Slot): string {
  const {noImage} = profile.state;
  const shown = [each.image, each.imageName].find((value) => value !== undefined && !noImage.includes(value));
  return shown ?? '';
}

/**
 * Whether what a slot shows can be the image that was inserted. BMCs show the URL, the URL with its scheme or port
 * rewritten, the file's name alone, or nothing.
 */
export function shows(url: string, shown: string): boolean {
  if (shown === '' || shown === url) return true;
  const wanted = new URL(url);
  const seen = URL.parse(shown);
  if (seen !== null && seen.host !== '') return seen.hostname === wanted.hostname && seen.pathname === wanted.pathname;
  const file = wanted.pathname.slice(wanted.pathname.lastIndexOf('/') + 1);
  return shown === wanted.pathname || shown.slice(shown.lastIndexOf('/') + 1) === file;
}
