import {expect, test} from 'vitest';
import {fault, type Fault} from '../../src/fault.ts';
import {faultScreen} from '../../src/view/fault.ts';
import {read} from '../../src/view/history.ts';
import {plainPaint} from '../../src/view/paint.ts';
import {wholeRun} from './story.ts';

const words = (found: Fault): string => {
  const history = read(wholeRun().stored)!;
  const step = history.steps.find(({heading}) => heading.kind === 'disk.wipe')!;
  return faultScreen(found, {history, step}, plainPaint).join(' ').replaceAll(/\s+/g, ' ');
};

test('says of what was accepted whether a resume sends it again: only what the disk itself has failed at', () => {
  const disk = words(fault('disk.write-failed', 'write-zeroes at byte 0: No data available'));
  expect(disk).toMatch(/accepted, will be sent again only if it failed: wipe:S3Z8NB0K412345/);
  expect(disk).toContain('rebuild resume marruuk tries it again');
  expect(words(fault('ssh.lost', 'gone'))).toMatch(/accepted, will not be sent again: wipe:S3Z8NB0K412345/);
});
