import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {text} from 'node:stream/consumers';
import {expect, onTestFinished, test} from 'vitest';
import {begun, freshFile, host, must, opened, run} from './sample.ts';

function child(script: string, ...argv: readonly (string | number)[]): ChildProcess {
  const file = join(import.meta.dirname, 'child', script);
  const started = spawn(process.execPath, [file, ...argv.map(String)], {stdio: ['ignore', 'pipe', 'inherit']});
  onTestFinished(() => {
    started.kill('SIGKILL');
  });
  return started;
}

async function ended(process: ChildProcess): Promise<string> {
  const [output] = await Promise.all([text(process.stdout!), once(process, 'exit')]);
  expect(process.exitCode).toBe(0);
  return output;
}

test('controllers that open a new journal at once and append to one run leave one whole chain', async () => {
  const file = freshFile();
  const outputs = await Promise.all([1, 2, 3].map(() => ended(child('append.ts', file, run, 60))));
  const acknowledged = outputs.flatMap((output) => output.trim().split('\n'));
  expect(acknowledged).toHaveLength(180);
  const journal = opened(file);
  const stored = must(await journal.read(run)).map(({event}) =>
    event.type === 'step.saved' ? `${Number(event.checkpoint['by'])} ${Number(event.checkpoint['chunks'])}` : '',
  );
  expect(stored.toSorted()).toEqual(acknowledged.toSorted());
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 180});
});

test('two controllers that fight for a host work on it one after the other', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  await Promise.all([1, 2].map(() => ended(child('take.ts', file, host, 15))));
  const notes = must(await journal.read(run)).flatMap(({event}) => (event.type === 'step.noted' ? [event] : []));
  expect(notes).toHaveLength(60);
  for (let at = 0; at < notes.length; at += 2) {
    expect(notes[at]).toMatchObject({says: 'enter', data: {epoch: at / 2 + 1}});
    expect(notes[at + 1]).toMatchObject({says: 'leave', data: notes[at]!.data});
  }
});

test('kill -9 in the middle of appends loses no acknowledged event', async () => {
  const file = freshFile();
  const acknowledged: number[] = [];
  let next = 0;
  for (const killAfter of [1, 7, 20, 45, 80]) {
    const writer = child('append.ts', file, run, 100_000, next);
    const gone = once(writer, 'exit');
    let seen = 0;
    for await (const line of createInterface({input: writer.stdout!})) {
      acknowledged.push(Number(line.split(' ')[1]));
      seen += 1;
      if (seen === killAfter) writer.kill('SIGKILL');
    }
    await gone;
    next += 1_000_000;
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(153);
  const journal = opened(file);
  const stored = must(await journal.read(run)).map(({event}) =>
    event.type === 'step.saved' ? Number(event.checkpoint['chunks']) : -1,
  );
  // At most the one that was under way at each kill is there without having been acknowledged.
  expect(stored.filter((n) => acknowledged.includes(n))).toEqual(acknowledged);
  expect(stored.length - acknowledged.length).toBeLessThanOrEqual(5);
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: stored.length});
});
