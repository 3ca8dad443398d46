import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import type {Event} from '../../src/engine/event.ts';
import {fault} from '../../src/fault.ts';
import {masked} from '../../src/mask/journal.ts';
import {makeMasker} from '../../src/mask/mask.ts';
import {Secret} from '../../src/secret.ts';
import {begun, freshFile, must, opened, run, step} from '../journal/sample.ts';

const secret = 'hunter22';
const data = {a: ['x hunter22 y', {b: 'hunter22'}]};
const proof = {says: 'hunter22', data};
const trouble = fault('ssh.lost', 'hunter22', {state: 'hunter22', next: 'hunter22', detail: data});

const events: readonly Event[] = [
  {...begun, by: 'hunter22@jump', facts: data},
  {type: 'run.resumed', by: 'hunter22', pid: 1},
  {type: 'step.started', step, attempt: 1},
  {type: 'step.saved', step, checkpoint: data},
  {type: 'step.noted', step, says: 'hunter22', data},
  {type: 'effect.sent', step, effect: 'erase'},
  {type: 'effect.settled', step, effect: 'erase'},
  {type: 'effect.found', step, effect: 'erase', verdict: 'absent'},
  {type: 'step.done', step, proof},
  {type: 'step.failed', step, fault: trouble},
  {type: 'step.kept', step, proof},
  {type: 'step.lapsed', step, fault: trouble},
  {type: 'run.stopped', why: 'asked'},
  {type: 'run.abandoned', by: 'hunter22', why: 'hunter22'},
  {type: 'run.done'},
];

test('no event of any type carries a secret into the journal', async () => {
  const plain = opened(freshFile());
  const journal = masked(plain, makeMasker([new Secret(secret)]));
  for (const event of events) {
    const stored = must(await journal.append(run, event));
    expect(JSON.stringify(stored)).not.toContain(secret);
  }
  const read = must(await plain.read(run));
  expect(JSON.stringify(read)).not.toContain(secret);
  expect(read.map(({event}) => event.type)).toEqual(events.map(({type}) => type));
  expect(read[9]?.event).toEqual({
    type: 'step.failed',
    step,
    fault: {
      code: 'ssh.lost',
      says: '[secret]',
      state: '[secret]',
      next: '[secret]',
      detail: {a: ['x [secret] y', {b: '[secret]'}]},
    },
  });
});

test('a password that is also a word of ours leaves the run readable', async () => {
  const plain = opened(freshFile());
  const words = ['install', 'step.done', 'marruuk', 'type', 'erase', 'present'].map((word) => new Secret(word));
  const journal = masked(plain, makeMasker(words));
  must(await journal.append(run, begun));
  must(await journal.append(run, {type: 'effect.found', step, effect: 'erase', verdict: 'present'}));
  must(await journal.append(run, {type: 'step.started', step: 'install' as StepId, attempt: 1}));
  expect(must(await journal.read(run)).map(({event}) => event)).toEqual([
    begun,
    {type: 'effect.found', step, effect: 'erase', verdict: 'present'},
    {type: 'step.started', step: 'install', attempt: 1},
  ]);
});
