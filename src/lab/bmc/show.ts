import {createHash} from 'node:crypto';
import {canonical, type JsonObject} from '../../json.ts';
import {refuse, type Reply} from './exchange.ts';
import {refusals} from './message.ts';
import {resourceAt, type Parts} from './tree.ts';

export function show(path: string, parts: Parts): Reply {
  const found = resourceAt(path, parts);
  return found === undefined
    ? refuse(refusals.missing(path))
    : {status: 200, body: found, headers: {ETag: etag(found)}};
}

/** Weak: it stands for the resource's meaning, not for its bytes. The clock in it is not a change. */
export function etag(resource: JsonObject): string {
  const {DateTime: _, ...lasting} = resource;
  return `W/"${createHash('sha256').update(canonical(lasting)).digest('hex').slice(0, 16)}"`;
}
