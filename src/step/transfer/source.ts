import {z} from 'zod';
import {ipv4} from '../../runbook/ipv4.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import type {ImageSource} from '../world/image.ts';

const shape =
  /^http:\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::([1-9]\d{0,4}))?((?:\/[A-Za-z0-9._~%+,=@-]+)*)\/?(?: via ([\d.]+))?$/;

/**
 * A server as a runbook names it: `http://203.0.113.80:8080/images`, or by its name and the address to connect to,
 * `http://images.example.org/debian via 203.0.113.80`. Undefined where the text is neither.
 */
export function imageSource(text: string): ImageSource | undefined {
  const [whole, host = '', digits = '80', path = '', via] = shape.exec(text) ?? [];
  const address = via ?? host;
  const port = Number(digits);
  if (whole === undefined || ipv4(address) === undefined || port > 65_535) return undefined;
  return {address, port, host: digits === '80' ? host : `${host}:${digits}`, path};
}

/** A step's list of servers to fetch an image from. */
export const sourceList = z
  .array(
    z.string().refine((text) => imageSource(text) !== undefined, {
      error: 'expected http://ADDRESS/PATH, or http://NAME/PATH via ADDRESS, with an IPv4 address',
    }),
  )
  .max(8)
  .readonly()
  .default([])
  .describe(
    'Static HTTP servers the light system may fetch the image from, as `rebuild image --export` lays it out: ' +
      'http://ADDRESS/PATH, or http://NAME/PATH via ADDRESS. Every chunk is checked before it is written.',
  );

export const sourcesOf = (from: readonly string[]): readonly ImageSource[] =>
  from.flatMap((text) => imageSource(text) ?? []);

/** Every server that some step of the runbook may fetch from. */
export const sourcesNamed = ({steps}: Runbook): readonly ImageSource[] =>
  steps.flatMap(({params}) => sourcesOf(sourceList.safeParse(params['from']).data ?? []));

/** As the edge's policies write it. */
export const placeOf = ({address, port}: ImageSource): string => `${address}:${port}`;
