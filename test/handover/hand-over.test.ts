import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import type {HostName, Instant, RunId, Sha256} from '../../src/brand.ts';
import {besideText, handOverText, parseHandOver, type HandOver} from '../../src/handover/hand-over.ts';

const handOver: HandOver = {
  type: 'rebuild-handover',
  version: 1,
  run: 'marruuk-3' as RunId,
  host: 'marruuk' as HostName,
  lab: false,
  by: 'lena@jump1',
  at: '2026-11-21T10:00:00.000Z' as Instant,
  rebuild: '0.3.1',
  epoch: 4,
  entries: [{seq: 1, at: '2026-11-21T09:00:00.000Z', event: '{}', hash: 'a'.repeat(64)}],
  plan: '{}\n',
  runbook: {name: 'marruuk.yaml', text: 'version: 1\n'},
  signers: null,
  image: 'b'.repeat(64) as Sha256,
};
const sealed = {salt: 'AAAA', nonce: 'AAAA', box: 'AAAA'};

test('a hand-over reads back, and its keys are bound to all of it', () => {
  expect(parseHandOver(handOverText(handOver, sealed))).toEqual({handOver, sealed});
  expect(parseHandOver(handOverText(handOver, null))).toEqual({handOver, sealed: null});
  const texts = Object.keys(handOver).map((name) => besideText({...handOver, [name]: null}));
  expect(new Set([besideText(handOver), ...texts]).size).toBe(texts.length);
});

test.each([
  ['a name that leads out of the folder', {runbook: {name: '../../.ssh/authorized_keys', text: ''}}],
  ['a name that is a path', {signers: {name: '/etc/passwd', text: ''}}],
  ['a hidden file', {runbook: {name: '.bashrc', text: ''}}],
  ['a run of another host', {host: 'mpex'}],
  ['a run’s name that is a path', {run: '../x-1'}],
  ['a member too many', {more: 1}],
  ['an epoch that falls', {epoch: -1}],
  ['an epoch that no number holds', {epoch: 2 ** 60}],
])('%s is refused', (_, changed) => {
  expect(parseHandOver(handOverText({...handOver, ...changed} as HandOver, sealed))).toBeUndefined();
});

test('any text: a hand-over or none, and never an exception', () => {
  const text = handOverText(handOver, sealed);
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({maxLength: 6}), fc.nat(6), (at, put, gone) => {
      const parsed = parseHandOver(text.slice(0, at) + put + text.slice(at + gone));
      if (parsed) expect(parsed.handOver.run.startsWith(`${parsed.handOver.host}-`)).toBe(true);
    }),
    {numRuns: 3000},
  );
});
