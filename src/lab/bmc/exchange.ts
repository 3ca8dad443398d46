import type {JsonObject} from '../../json.ts';
import {errorBody, type Refusal} from './message.ts';

export interface Request {
  readonly method: string;
  /** Without a query, without a slash at the end. */
  readonly path: string;
  readonly token: string | undefined;
  readonly authorization: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

export const refuse = (refusal: Refusal): Reply => ({
  status: refusal.status,
  body: errorBody(refusal),
  // Required with a 401 (RFC 9110, 15.5.2).
  ...(refusal.status === 401 && {headers: {'WWW-Authenticate': 'Basic realm="BMC"'}}),
});
