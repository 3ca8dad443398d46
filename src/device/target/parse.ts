import {instant, runId, serial, sha256, type Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {DiskFacts, Latch, Sample, TargetFacts, WritableDisk} from '../../step/world/target.ts';
import {collect, garbled, type Answer} from './answer.ts';

/** Strict readers of the agent's records: one missing, one too many or one misshapen is a fault, never a guess. */

export function parseHello(answers: readonly Answer[]): Result<TargetFacts> {
  const shape = answers.map(({key, values}) => `${key}/${values.length}`).join(' ');
  if (shape !== 'run/1 boot-id/1 uptime/1 memory/1 medium-needed/1') return garbled('hello', shape);
  const [run = '', bootId = '', uptime, memory, medium] = answers.map(({values: [value]}) => value);
  const [uptimeSeconds, memoryBytes] = [count(uptime), count(memory)];
  return runId(run) &&
    /^[0-9a-f-]{36}$/.test(bootId) &&
    uptimeSeconds !== undefined &&
    memoryBytes !== undefined &&
    (medium === 'yes' || medium === 'no')
    ? ok({run, bootId, uptimeSeconds, memoryBytes, mediumNeeded: medium === 'yes'})
    : garbled('hello', 'a value is misshapen');
}

export function parseDisks(answers: readonly Answer[]): Result<readonly DiskFacts[]> {
  return collect(
    answers.map(({key, values}): Result<DiskFacts> => {
      const [number = '', name = '', bytes, transport = '', rotational, zeroes, model = '', ...more] = values;
      const sizeBytes = count(bytes);
      const whole = key === 'disk' && values.length === 7 && more.length === 0 && flag(rotational) && flag(zeroes);
      return whole && serial(number) && sizeBytes && name && transport && model
        ? ok({
            serial: number,
            name,
            model: model.trim(),
            sizeBytes,
            transport,
            rotational: rotational === '1',
            discardZeroes: zeroes === '1',
          })
        : garbled('disks', `${key} ${values.join(' ')}`);
    }),
  );
}

export function parseWritable(answers: readonly Answer[]): Result<readonly WritableDisk[]> {
  return collect(
    answers.map(({key, values}): Result<WritableDisk> => {
      const [number = '', name = '', bytes, transport = '', wwn = '', model = ''] = values;
      const sizeBytes = count(bytes);
      const whole = key === 'writable' && values.length === 6 && (number === '-' || serial(number) !== undefined);
      return whole && sizeBytes && name && transport && wwn && model
        ? ok({serial: told(number), name, sizeBytes, transport, wwn: told(wwn), model: model.trim()})
        : garbled('writable', `${key} ${values.join(' ')}`);
    }),
  );
}

export function parseLatch(answers: readonly Answer[]): Result<Latch | undefined> {
  const [answer, more] = answers;
  const [run = '', state, at = '', ...rest] = answer?.values ?? [];
  if (answer?.key !== 'latch' || more || rest.length > 0) return garbled('latch', 'not one latch');
  if (run === 'none' && state === undefined) return ok(undefined);
  return runId(run) && instant(at) && (state === 'wiped' || state === 'installed')
    ? ok({run, state, at})
    : garbled('latch', answer.values.join(' '));
}

export function parseSamples(
  verb: string,
  answers: readonly Answer[],
  asked: readonly Sample[],
): Result<readonly Sample[]> {
  return collect(
    answers.map(({key, values}): Result<Sample> => {
      const [offset, length] = values.map(count);
      const sample = asked.find((one) => one.offset === offset && one.length === length);
      return key === verb && values.length === 2 && sample ? ok(sample) : garbled(verb, values.join(' '));
    }),
  );
}

/** One digest record: which range, by its place in the question, and its digest. */
export function parseDigest({key, values}: Answer, asked: number): Result<{index: number; digest: Sha256}> {
  const [first, second = '', ...more] = values;
  const index = count(first);
  const digest = sha256(second);
  return key === 'digest' && index !== undefined && index < asked && digest && more.length === 0
    ? ok({index, digest})
    : garbled('digests', `${key} ${values.join(' ')}`);
}

export function parseFiles(
  answers: readonly Answer[],
  paths: readonly string[],
): Result<readonly (string | undefined)[]> {
  if (answers.length !== paths.length) return garbled('installed', `${answers.length} files for ${paths.length}`);
  return collect(
    answers.map(({key, values: [path, content]}, place): Result<string | undefined> => {
      if (path !== paths[place]) return garbled('installed', 'another file than was asked for');
      if (key === 'missing' && content === undefined) return ok(undefined);
      return key === 'file' && content !== undefined && /^[A-Za-z0-9+/]*={0,2}$/.test(content)
        ? ok(Buffer.from(content, 'base64').toString('utf8'))
        : garbled('installed', key);
    }),
  );
}

const told = (text: string): string | undefined => (text === '-' ? undefined : text);

const flag = (text: string | undefined): boolean => text === '0' || text === '1';

export const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
