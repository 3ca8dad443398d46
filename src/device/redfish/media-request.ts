import type {Field, Profile} from '../profile/profile.ts';
import type {Json, JsonObject} from '../../json.ts';
import type {Write} from './client.ts';
import type {Message} from './messages.ts';
import type {Slot} from './slot.ts';
import {flag, list, text} from './tree.ts';

/** The request that puts `url` into the slot, with the fields that have been found necessary so far. Pure. */
export function insertRequest(
  profile: Profile,
  slot: Slot,
  url: string,
  fields: ReadonlySet<Field>,
): Write | undefined {
  const body: JsonObject = {Image: url, ...Object.fromEntries([...fields].map((field) => [field, value(field, url)]))};
  if (slot.insertTarget !== undefined) return {method: 'POST', reference: slot.insertTarget, body};
  if (!slot.patchable && profile.insert.withoutAction !== 'patch') return undefined;
  return {method: 'PATCH', reference: slot.path, body: {...body, Inserted: true}};
}

/** The requests that empty the slot; the first that is accepted will do. Pure. */
export function ejectRequests(profile: Profile, slot: Slot): readonly Write[] {
  // HPE and others refuse an empty body, so an empty object is sent. PATCH is what is left where no action is offered.
  const byAction: readonly Write[] =
    slot.ejectTarget === undefined ? [] : [{method: 'POST', reference: slot.ejectTarget, body: {}}];
  const byPatch: Write = {method: 'PATCH', reference: slot.path, body: {Image: null, Inserted: false}};
  const patches = slot.patchable || (slot.insertTarget === undefined && profile.insert.withoutAction === 'patch');
  return patches ? [...byAction, byPatch] : byAction;
}

const known: readonly Field[] = [
  'TransferProtocolType',
  'TransferMethod',
  'UserName',
  'Password',
  'Inserted',
  'WriteProtected',
  'MediaType',
];

/** The fields an action info declares required, beside Image. */
export const required = (actionInfo: unknown): readonly Field[] =>
  list(actionInfo, 'Parameters')
    .filter((parameter) => flag(parameter, 'Required') === true)
    .flatMap((parameter) => known.find((field) => field === text(parameter, 'Name')) ?? []);

/**
 * The fields for another try after a refusal, or undefined when the refusal is not about fields. One change a try: a
 * missing field is added, an unwanted one left out. Pure.
 */
export function amend(fields: ReadonlySet<Field>, refusal: readonly Message[]): ReadonlySet<Field> | undefined {
  for (const message of refusal) {
    const named = known.find((field) => isAbout(message, field));
    if (named === undefined) continue;
    if (unwanted(message)) {
      if (fields.has(named)) return new Set([...fields].filter((field) => field !== named));
    } else if (!fields.has(named) && missing(message)) {
      // Either credential is refused without the other (NVIDIA DGX).
      return new Set([...fields, ...(isCredential(named) ? (['UserName', 'Password'] as const) : [named])]);
    }
  }
  return undefined;
}

const isCredential = (field: Field): boolean => field === 'UserName' || field === 'Password';

const isAbout = ({about, says}: Message, field: Field): boolean =>
  about.includes(field) || (about.length === 0 && new RegExp(`\\b${field}\\b`).test(says));

/** DMTF's ids, and AMI's and Supermicro's sentence under GeneralError. */
const missing = ({id, says}: Message): boolean =>
  /^(ActionParameterMissing|PropertyMissing|CreateFailedMissingReqProperties)$/.test(id) ||
  /mandatory|required|requires|missing/i.test(says);

const unwanted = ({id, says}: Message): boolean =>
  /^(ActionParameterNotSupported|ActionParameterUnknown|PropertyUnknown|PropertyNotWritable)$/.test(id) ||
  // Supermicro X11: "The property Inserted is not in the list of valid properties for the resource."
  /not in the list of valid properties/i.test(says);

/** Values that say nothing: no BMC needs credentials for our server, some refuse to be without. */
function value(field: Field, url: string): Json {
  switch (field) {
    case 'Inserted':
    case 'WriteProtected':
      return true;
    case 'TransferMethod':
      return 'Stream';
    case 'TransferProtocolType':
      return new URL(url).protocol.slice(0, -1).toUpperCase();
    case 'UserName':
    case 'Password':
      return 'none';
    case 'MediaType':
      return 'CD';
    default:
      return field satisfies never;
  }
}
