import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** The lab's emulated BMC: DMTF's schema, and one action of its own. */
export const lab: Profile = {
  ...generic,
  name: 'lab',
  match: {manager: /^lab BMC$/},
  screen: {at: {is: 'manager'}, action: '#Rebuild.CaptureScreen', body: {}, picture: ['Screen']},
};
