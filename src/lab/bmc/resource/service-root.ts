import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import {link, resource} from './collection.ts';

export const serviceRoot = (uuid: string): JsonObject =>
  resource(at.root, 'ServiceRoot.v1_14_0.ServiceRoot', 'RootService', 'Root Service', {
    RedfishVersion: '1.15.0',
    UUID: uuid,
    Vendor: 'rebuild',
    Product: 'rebuild lab BMC',
    Systems: link(at.systems),
    Chassis: link(at.chassisAll),
    Managers: link(at.managers),
    SessionService: link(at.sessionService),
    AccountService: link(at.accountService),
    EventService: link(at.eventService),
    UpdateService: link(at.updateService),
    CertificateService: link(at.certificateService),
    Links: {Sessions: link(at.sessions)},
  });

/** The OData service document (DSP0266, 8.4.3). */
export const serviceDocument: JsonObject = {
  '@odata.context': `${at.root}/$metadata`,
  value: [
    {name: 'Service', kind: 'Singleton', url: at.root},
    {name: 'Systems', kind: 'Singleton', url: at.systems},
    {name: 'Chassis', kind: 'Singleton', url: at.chassisAll},
    {name: 'Managers', kind: 'Singleton', url: at.managers},
    {name: 'SessionService', kind: 'Singleton', url: at.sessionService},
    {name: 'Sessions', kind: 'Singleton', url: at.sessions},
  ],
};
