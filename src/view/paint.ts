import {styleText} from 'node:util';
import {isSet, type Environment, type Stream} from './terminal.ts';

/** Colour helps and never carries a meaning of its own: every screen reads the same without it. */
export type Tone = 'good' | 'bad' | 'care' | 'faint' | 'strong';
export type Paint = (tone: Tone, text: string) => string;

const styles = {good: 'green', bad: 'red', care: 'yellow', faint: 'dim', strong: 'bold'} as const;

export const plainPaint: Paint = (_, text) => text;
export const colourPaint: Paint = (tone, text) => styleText(styles[tone], text, {validateStream: false});

/** By the rules of `util.styleText`: FORCE_COLOR, then NO_COLOR, then what the terminal can. */
export function paintFor(stream: Stream, env: Environment): Paint {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced === '0' || forced === 'false' ? plainPaint : colourPaint;
  if (isSet(env, 'NO_COLOR') || env['TERM'] === 'dumb' || !stream.isTTY) return plainPaint;
  return (stream.getColorDepth?.(env) ?? 4) > 2 ? colourPaint : plainPaint;
}
