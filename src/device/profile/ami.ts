import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** MegaRAC (Gigabyte, ASRock Rack, NVIDIA DGX). */
export const ami: Profile = {
  ...generic,
  name: 'ami',
  match: {vendor: /^(ami|american megatrends)/i, oem: ['Ami', 'AMI'], manufacturer: /^(giga\s?byte|asrock\s?rack)/i},
  // TransferProtocolType is mandatory (sushy json_samples transfer_proto_required_error.json, /Managers/Self is AMI's).
  insert: {...generic.insert, fields: ['TransferProtocolType']},
  // Image is the text "None" while empty (Gigabyte H262-Z63, AMI 12.84.13).
  state: {...generic.state, noImage: ['', 'None']},
  kcs: 'a BIOS setting closes it (KcsInterfaceDisable on a DGX), and only from the end of the next self-test on',
  // Target, Enabled and Mode all have to come together (ironic, management.py, for ASRock Rack).
  boot: {...generic.boot, resend: true},
  // Remote media is off as delivered: slots are hidden or refuse images until it is on (libredfish nvidia_viking;
  // bring-up scripts for MegaRAC post to Managers/Self/Actions/Oem/AMIVirtualMedia.EnableRMedia).
  reveal: {
    action: '#AMIVirtualMedia.EnableRMedia',
    body: {RMediaState: 'Enable'},
    status: ['Oem', 'Ami', 'VirtualMedia', 'RMediaStatus'],
    off: 'Disabled',
  },
};
