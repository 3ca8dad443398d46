import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** bmcweb as upstream builds it (NVIDIA GB200/GB300, IBM, many others). */
export const openbmc: Profile = {
  ...generic,
  name: 'openbmc',
  match: {manager: /^openbmc/i, oem: ['OpenBmc', 'OpenBMC']},
  kcs: 'bmcweb has no property for it; the image is built with it or without',
  // Slots in proxy mode are fed by a browser and have no action; the others are legacy mode (bmcweb virtual_media.hpp).
  insert: {
    ...generic.insert,
    fields: ['Inserted', 'TransferMethod'],
    // http is refused: 400 "in a format not recognized by the service" (GB300 capture; bmcweb virtual_media.hpp).
    schemes: ['https'],
  },
};
