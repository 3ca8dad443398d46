import {z} from 'zod';
import {read} from './body.ts';
import type {Reply, Request} from './exchange.ts';
import {at} from './paths.ts';
import {show} from './show.ts';
import type {Parts} from './tree.ts';

const patch = z.strictObject({
  InterfaceEnabled: z.boolean().optional(),
  CredentialBootstrapping: z.strictObject({Enabled: z.boolean().optional()}).optional(),
});

export function changeHostInterface(request: Request, parts: Parts): Reply {
  const body = read(patch, request.body, 'HostInterface.Patch');
  if ('refused' in body) return body.refused;
  const {InterfaceEnabled: enabled, CredentialBootstrapping: credentials} = body.value;
  parts.standing.setHostInterface({
    ...(enabled !== undefined && {enabled}),
    ...(credentials?.Enabled !== undefined && {bootstrapping: credentials.Enabled}),
  });
  return show(at.hostInterface, parts);
}
