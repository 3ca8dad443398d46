import {expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import type {JsonObject} from '../../src/json.ts';
import type {StepSummary} from '../../src/view/summary.ts';
import {verificationText} from '../../src/view/verification.ts';

const step = (id: string, kind: string, data: JsonObject): StepSummary => ({
  id: id as StepId,
  kind,
  state: 'done',
  attempts: 1,
  seconds: 1,
  proof: {says: 'as it should be', data},
  fault: null,
});

test('what was closed, what was refused, and every verdict', () => {
  expect(
    verificationText([
      step('isolate', 'port.isolate', {
        openBefore: ['tcp/445 of 203.0.113.20 from neighbour'],
        checks: [{check: 'tcp/22 open from controller', verdict: 'passed', says: 'it answers'}],
        refused: [{to: 'tcp/443 to 198.51.100.10', packets: 1}],
        refusedPackets: 7,
      }),
      step('mount', 'media.mount', {iso: 'x'}),
      step('verify', 'host.verify', {
        checks: [
          {check: 'ports', verdict: 'passed', says: 'tcp/22'},
          {check: 'indicator domain x.example', verdict: 'not made', says: 'no names'},
        ],
      }),
    ]),
  ).toEqual([
    'isolate (port.isolate)',
    '    open before  tcp/445 of 203.0.113.20 from neighbour',
    '    refused      tcp/443 to 198.51.100.10, 1 packet',
    '    refused      7 packets in all',
    '    passed    tcp/22 open from controller: it answers',
    'verify (host.verify)',
    '    passed    ports: tcp/22',
    '    not made  indicator domain x.example: no names',
  ]);
});

test('what came from the host is shown escaped, and what is no such record not at all', () => {
  const [, line] = verificationText([
    step('verify', 'host.verify', {checks: [{check: 'files', verdict: 'failed', says: 'file /tmp/\u001b[2J is new'}]}),
  ]);
  // oxlint-disable-next-line no-control-regex
  expect(line).not.toMatch(/\u001b/);
  expect(verificationText([step('x', 'y', {checks: 'no', refused: [1, null, {to: 5}], openBefore: [5]})])).toEqual([]);
});
