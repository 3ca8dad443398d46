import type {Profile} from './profile.ts';
import {hostInterfaces} from './way.ts';

/** DMTF's schema taken at its word, with the least sent: what is not sent cannot be refused. */
export const generic: Profile = {
  name: 'generic',
  match: {},
  serial: ['SerialNumber'],
  slots: {prefer: [], exclude: []},
  insert: {withoutAction: 'useless', fields: [], schemes: ['http', 'https']},
  // Services that have nothing to show leave Image null (Dell), empty (HPE) or out (OpenBMC).
  state: {attachedBy: 'Inserted', noImage: ['']},
  boot: {targets: ['Cd', 'UsbCd'], resend: false},
  log: {prefer: [], inserted: [], ejected: []},
  accounts: {free: [{UserName: ''}]},
  ways: hostInterfaces,
  kcs: 'DMTF’s schema has no property that closes it',
  onReset: 'unknown',
};
