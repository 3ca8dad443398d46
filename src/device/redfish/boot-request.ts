import type {Profile} from '../profile/profile.ts';
import type {JsonObject} from '../../json.ts';
import type {Write} from './client.ts';
import {link, text, texts} from './tree.ts';

/** A boot override: the next start from the CD, or none. */
export type Boot = {readonly from: 'cd'; readonly firmware?: 'uefi' | 'bios'} | {readonly from: 'disk'};

export type BootPlan =
  | {readonly is: 'already'}
  /** The BMC names no boot target that could be the CD. */
  | {readonly is: 'impossible'; readonly offered: readonly string[]}
  /** Tried in order until one is accepted. */
  | {readonly is: 'writes'; readonly writes: readonly Write[]};

/** What to send so that `system` starts as wanted. Pure. */
export function bootPlan(profile: Profile, path: string, system: unknown, want: Boot): BootPlan {
  if (holds(profile, system, want) && (want.from === 'disk' || !profile.boot.resend)) return {is: 'already'};
  const bodies = want.from === 'cd' ? toCd(profile, system, want.firmware) : toDisk(profile, system);
  if (bodies === undefined) return {is: 'impossible', offered: offeredTargets(system).slice(0, 20)};
  // iDRAC10, some XCC and DGX refuse the PATCH on the system itself and take it on its settings object.
  const settings = link(system, '@Redfish.Settings', 'SettingsObject');
  const places = settings === undefined ? [path] : [path, settings];
  return {
    is: 'writes',
    writes: places.flatMap((reference) =>
      bodies.map((boot) => ({method: 'PATCH' as const, reference, body: {Boot: boot}})),
    ),
  };
}

/** Whether a system (or its settings object) holds the override wanted. */
export function holds(profile: Profile, system: unknown, want: Boot): boolean {
  const enabled = text(system, 'Boot', 'BootSourceOverrideEnabled');
  const target = text(system, 'Boot', 'BootSourceOverrideTarget');
  if (want.from === 'disk')
    return enabled === 'Disabled' || target === 'None' || (enabled === undefined && target === undefined);
  const mode = text(system, 'Boot', 'BootSourceOverrideMode');
  const rightMode = want.firmware === undefined || mode === undefined || mode === modes[want.firmware];
  return enabled === 'Once' && target !== undefined && profile.boot.targets.includes(target) && rightMode;
}

const modes = {uefi: 'UEFI', bios: 'Legacy'} as const;

function toCd(
  profile: Profile,
  system: unknown,
  firmware: 'uefi' | 'bios' | undefined,
): readonly JsonObject[] | undefined {
  const offered = offeredTargets(system);
  const target = profile.boot.targets.find((name) => offered.length === 0 || offered.includes(name));
  if (target === undefined) return undefined;
  const least = {BootSourceOverrideTarget: target, BootSourceOverrideEnabled: 'Once'};
  const current = text(system, 'Boot', 'BootSourceOverrideMode');
  const mode = firmware === undefined ? current : modes[firmware];
  if (mode === undefined || (current === undefined && firmware === undefined)) return [least];
  const full = {...least, BootSourceOverrideMode: mode};
  if (profile.boot.resend) return [full];
  // HPE DL160 Gen10 takes only Target and Enabled; others let Mode be set only on its own page of settings.
  return mode === current ? [least, full] : [full, least];
}

function toDisk(profile: Profile, system: unknown): readonly JsonObject[] {
  const off = {BootSourceOverrideEnabled: 'Disabled'};
  const none = {BootSourceOverrideTarget: 'None'};
  const mode = text(system, 'Boot', 'BootSourceOverrideMode');
  if (profile.boot.resend && mode !== undefined) return [{...none, ...off, BootSourceOverrideMode: mode}, off];
  return offeredTargets(system).includes('None') ? [{...none, ...off}, off, none] : [off, {...none, ...off}];
}

const offeredTargets = (system: unknown): readonly string[] =>
  texts(system, 'Boot', 'BootSourceOverrideTarget@Redfish.AllowableValues');
