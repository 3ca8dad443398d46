import type {Serial, Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {Delivery} from '../../step/world/target.ts';
import {collect, garbled, parseAnswers} from './answer.ts';
import type {Link} from './link.ts';
import {ordersText} from './orders.ts';
import {count} from './parse.ts';

/** A writer that was killed finishes what its hands hold, and the next waits for it. */
const orderMs = 3 * 60_000;
const haltMs = 3_000;

/** Gives the target its orders. The value names the writer that works on them: a new one, or the one that did already. */
export async function order(
  link: Link,
  disk: Serial,
  {image, want, from}: Pick<Delivery, 'image' | 'want' | 'from'>,
  signal: AbortSignal,
): Promise<Result<number>> {
  const stdin = ordersText(image, want, from);
  const output = await link.run(['write', disk, image.digest], {stdin, idleMs: orderMs, signal});
  if (!output.ok) return output;
  const answers = parseAnswers('write', output.value);
  if (!answers.ok) return answers;
  const [answer, more] = answers.value;
  const writer = count(answer?.values[0]);
  return !more && (answer?.key === 'accepted' || answer?.key === 'attached') && writer !== undefined
    ? ok(writer)
    : garbled('write', 'no writer is named');
}

/** Lets the writer end after what it has in hand, as far as it can still be told. */
export async function halt(link: Link, disk: Serial): Promise<void> {
  await link.run(['halt', disk], {idleMs: haltMs, signal: AbortSignal.timeout(haltMs)});
}

/** Chunks of the image that this light system's writer has said are on the disk. */
export async function readWritten(
  link: Link,
  disk: Serial,
  image: Sha256,
  signal: AbortSignal,
): Promise<Result<readonly number[]>> {
  const output = await link.run(['written', disk, image], {idleMs: 60_000, signal});
  if (!output.ok) return output;
  const answers = parseAnswers('written', output.value);
  if (!answers.ok) return answers;
  return collect(
    answers.value.map(({key, values}) => {
      const index = count(values[0]);
      return key === 'written' && values.length === 1 && index !== undefined
        ? ok(index)
        : garbled('written', `${key} ${values.join(' ')}`);
    }),
  );
}
