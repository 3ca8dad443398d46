import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import type {Session, Sessions} from '../sessions.ts';
import {collection, healthy, link, resource} from './collection.ts';

export const sessionService = ({timeoutSeconds}: Pick<Sessions, 'timeoutSeconds'>): JsonObject =>
  resource(at.sessionService, 'SessionService.v1_1_9.SessionService', 'SessionService', 'Session Service', {
    ServiceEnabled: true,
    SessionTimeout: timeoutSeconds,
    Status: healthy,
    Sessions: link(at.sessions),
  });

export const sessionResource = ({id, user, from}: Session): JsonObject =>
  resource(at.session(id), 'Session.v1_5_0.Session', id, 'User Session', {
    UserName: user,
    Password: null,
    SessionType: 'Redfish',
    ...(from !== undefined && {ClientOriginIPAddress: from}),
  });

export const sessionCollection = (open: readonly Session[]): JsonObject =>
  collection(
    at.sessions,
    'Session',
    'Sessions',
    open.map(({id}) => link(at.session(id))),
  );
