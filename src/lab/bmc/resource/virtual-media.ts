import type {JsonObject} from '../../../json.ts';
import type {Shown} from '../board.ts';
import {at} from '../paths.ts';
import {healthy, resource} from './collection.ts';

export const slot = ({image, name}: Shown): JsonObject =>
  resource(at.slot, 'VirtualMedia.v1_6_0.VirtualMedia', 'CD1', 'Virtual CD', {
    MediaTypes: ['CD', 'DVD'],
    Image: image ?? null,
    ImageName: name ?? null,
    Inserted: image !== undefined,
    ConnectedVia: image === undefined ? 'NotConnected' : 'URI',
    WriteProtected: true,
    TransferMethod: 'Stream',
    TransferProtocolType: image === undefined ? null : 'HTTP',
    Status: healthy,
    Actions: {
      '#VirtualMedia.InsertMedia': {
        target: at.insert,
        'TransferProtocolType@Redfish.AllowableValues': ['HTTP'],
        'TransferMethod@Redfish.AllowableValues': ['Stream'],
      },
      '#VirtualMedia.EjectMedia': {target: at.eject},
    },
  });
