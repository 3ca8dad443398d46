import type {Json, JsonObject} from '../../../json.ts';

export const link = (path: string): JsonObject => ({'@odata.id': path});

/** The members every resource has (DSP0266, 9.5), then its own. */
export const resource = (path: string, type: string, id: string, name: string, own: JsonObject): JsonObject => ({
  '@odata.id': path,
  '@odata.type': `#${type}`,
  Id: id,
  Name: name,
  ...own,
});

export const collection = (path: string, type: string, name: string, members: readonly Json[]): JsonObject => ({
  '@odata.id': path,
  '@odata.type': `#${type}Collection.${type}Collection`,
  Name: name,
  'Members@odata.count': members.length,
  Members: members,
});

export const healthy: JsonObject = {State: 'Enabled', Health: 'OK'};
