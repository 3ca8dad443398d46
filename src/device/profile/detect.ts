import {names, text} from '../redfish/tree.ts';
import {ami} from './ami.ts';
import {dell} from './dell.ts';
import {generic} from './generic.ts';
import {hpe} from './hpe.ts';
import {lab} from './lab.ts';
import {lenovo} from './lenovo.ts';
import {openbmc} from './openbmc.ts';
import type {Profile} from './profile.ts';
import {supermicro} from './supermicro.ts';

/** Server vendors before firmware vendors: a Lenovo with AMI's firmware is a Lenovo first. */
export const profiles: readonly Profile[] = [dell, hpe, lenovo, supermicro, openbmc, ami, lab];

/** The profile for a BMC, from its service root, system and manager as they were read; `generic` where none fits. */
export function detect(root: unknown, system: unknown, manager: unknown): Profile {
  const facts = {
    vendor: text(root, 'Vendor') ?? '',
    manufacturer: text(system, 'Manufacturer') ?? '',
    manager: text(manager, 'Model') ?? '',
    oem: new Set([root, system, manager].flatMap((resource) => names(resource, 'Oem'))),
  };
  return (
    profiles.find(
      ({match}) =>
        match.vendor?.test(facts.vendor) === true ||
        match.manufacturer?.test(facts.manufacturer) === true ||
        match.manager?.test(facts.manager) === true ||
        match.oem?.some((name) => facts.oem.has(name)) === true,
    ) ?? generic
  );
}
