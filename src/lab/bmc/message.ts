import type {JsonObject} from '../../json.ts';

/** A refusal as Redfish words it: a status and a message of the Base registry with its arguments (DSP0268). */
export interface Refusal {
  readonly status: number;
  readonly id: string;
  readonly says: string;
  readonly arguments?: readonly string[];
  /** The property of the request that is at fault, as a JSON pointer. */
  readonly property?: string;
  readonly resolution?: string;
}

const registry = 'Base.1.13.0';

export function errorBody({id, says, arguments: given = [], property, resolution = 'None.'}: Refusal): JsonObject {
  return {
    error: {
      code: `${registry}.GeneralError`,
      message: 'A general error has occurred. See ExtendedInfo for more information.',
      '@Message.ExtendedInfo': [
        {
          '@odata.type': '#Message.v1_1_2.Message',
          MessageId: `${registry}.${id}`,
          Message: says,
          MessageArgs: given,
          MessageSeverity: 'Critical',
          Severity: 'Critical',
          Resolution: resolution,
          ...(property !== undefined && {RelatedProperties: [`#/${property}`]}),
        },
      ],
    },
  };
}

export const refusals = {
  noSession: (): Refusal => ({
    status: 401,
    id: 'NoValidSession',
    says: 'There is no valid session established with the implementation.',
  }),
  wrongCredentials: (): Refusal => ({
    status: 401,
    id: 'ResourceAtUriUnauthorized',
    says: 'While accessing the resource, the service received an authorization error.',
  }),
  tooManySessions: (): Refusal => ({
    status: 503,
    id: 'SessionLimitExceeded',
    says: 'The session establishment failed due to the number of simultaneous sessions exceeding the limit.',
  }),
  missing: (uri: string): Refusal => ({
    status: 404,
    id: 'ResourceMissingAtURI',
    says: `The resource at the URI ${uri} was not found.`,
    arguments: [uri],
  }),
  notAllowed: (): Refusal => ({
    status: 405,
    id: 'OperationNotAllowed',
    says: 'The HTTP method is not allowed on this resource.',
  }),
  notJson: (): Refusal => ({
    status: 400,
    id: 'MalformedJSON',
    says: 'The request body submitted was malformed JSON and could not be parsed.',
  }),
  tooLarge: (): Refusal => ({status: 413, id: 'RequestTooLarge', says: 'The request body is too large.'}),
  changed: (): Refusal => ({
    status: 412,
    id: 'PreconditionFailed',
    says: 'The ETag supplied did not match the ETag of the resource.',
  }),
  wrongValue: (property: string, value: string): Refusal => ({
    status: 400,
    id: 'PropertyValueNotInList',
    says: `The value ${value} for the property ${property} is not in the list of acceptable values.`,
    arguments: [value, property],
    property,
  }),
  wrongProperty: (property: string): Refusal => ({
    status: 400,
    id: 'PropertyValueTypeError',
    says: `The value for the property ${property} is of a different type than the property can accept.`,
    arguments: [property],
    property,
  }),
  missingParameter: (action: string, parameter: string): Refusal => ({
    status: 400,
    id: 'ActionParameterMissing',
    says: `The action ${action} requires the parameter ${parameter} to be present in the request body.`,
    arguments: [action, parameter],
    property: parameter,
  }),
  notPrivileged: (): Refusal => ({
    status: 403,
    id: 'InsufficientPrivilege',
    says: 'There are insufficient privileges for the account or credentials associated with the current session.',
  }),
  notDeletable: (): Refusal => ({
    status: 405,
    id: 'ResourceCannotBeDeleted',
    says: 'The delete request failed because the resource requested cannot be deleted.',
  }),
  exists: (type: string, property: string, value: string): Refusal => ({
    status: 400,
    id: 'ResourceAlreadyExists',
    says: `The requested resource of type ${type} with the property ${property} with the value '${value}' already exists.`,
    arguments: [type, property, value],
    property,
  }),
  inUse: (): Refusal => ({
    status: 409,
    id: 'ResourceInUse',
    says: 'The change to the requested resource failed because the resource is in use or in transition.',
    resolution: 'Eject the medium that is in the drive first.',
  }),
  standby: (): Refusal => ({
    status: 409,
    id: 'ResourceInStandby',
    says: 'The request could not be performed because the resource is in standby.',
    resolution: 'Ensure that the resource is in the correct power state and resubmit the request.',
  }),
  unreadable: (why: string): Refusal => ({
    status: 400,
    id: 'ResourceAtUriInUnknownFormat',
    says: `The image could not be read: ${why}`,
    arguments: [why],
    property: 'Image',
  }),
  busy: (): Refusal => ({
    status: 503,
    id: 'ServiceTemporarilyUnavailable',
    says: 'The service is temporarily unavailable. Retry in 1 seconds.',
    arguments: ['1'],
    resolution: 'Wait for the indicated retry duration and retry the operation.',
  }),
  internal: (): Refusal => ({
    status: 500,
    id: 'InternalError',
    says: 'The request failed due to an internal service error. The service is still operational.',
    resolution: 'Resubmit the request.',
  }),
} as const;
