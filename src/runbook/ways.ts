import {z} from 'zod';
import type {LinkSpec} from '../plan/link.ts';
import type {PathSpec} from '../plan/path.ts';
import {durationSeconds} from './duration.ts';
import {formats} from './format.ts';
import {bytesPerSecond} from './rate.ts';

/** Of `bmc`: what a medium comes over, until the light system is up. */
export const mediumPath = z
  .strictObject({
    rate: formats.rate
      .exactOptional()
      .describe('How fast it carries bytes, such as 170kB/s. By default what earlier runs measured.'),
    unmounts: formats.duration
      .exactOptional()
      .describe('How far apart losses of the medium come in the mean, such as 30m. By default what earlier runs saw.'),
    session: formats.duration
      .exactOptional()
      .describe('After how long every session is ended, where the BMC or a KVM has such a limit. Outdoes `unmounts`.'),
  })
  .transform(({rate, unmounts, session}): PathSpec => ({
    ...(rate === undefined ? {} : {bytesPerSecond: bytesPerSecond(rate) ?? 0}),
    ...(unmounts === undefined ? {} : {unmountSeconds: durationSeconds(unmounts) ?? 0}),
    ...(session === undefined ? {} : {sessionSeconds: durationSeconds(session) ?? 0}),
  }))
  .describe('What is known of the way over which the BMC reads the virtual CD: what a forecast of it rests on.');

/** Of the runbook itself: what images come over, once the light system is up. */
export const link = z
  .strictObject({
    rate: formats.rate
      .exactOptional()
      .describe('How fast it carries bytes, such as 170kB/s. By default what earlier runs measured.'),
    cuts: formats.duration
      .exactOptional()
      .describe('How far apart its cuts come in the mean, such as 30m. By default what earlier runs saw.'),
  })
  .transform(({rate, cuts}): LinkSpec => ({
    ...(rate === undefined ? {} : {bytesPerSecond: bytesPerSecond(rate) ?? 0}),
    ...(cuts === undefined ? {} : {cutSeconds: durationSeconds(cuts) ?? 0}),
  }))
  .describe(
    'What is known of the way on which os.install and media.stage bring images to the host, from this controller or from ' +
      'the servers of `from`: what a forecast of them rests on. The virtual CD comes by another way, `bmc.path`.',
  );
