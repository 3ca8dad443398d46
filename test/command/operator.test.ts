import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {RunId} from '../../src/brand.ts';
import {operatorOf} from '../../src/command/operator.ts';
import {thisProgram} from '../../src/command/this-program.ts';
import {version} from '../../src/command/help/version.ts';
import {who} from '../../src/command/who.ts';
import type {Stored} from '../../src/engine/event.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';

const run = 'marruuk-1' as RunId;
const journalOf = (...events: readonly object[]) => ({
  read: async () => ok(events.map((event, seq) => ({seq, event}) as unknown as Stored)),
});

test('who is at work is told beside who began the run, and whose key they signed that with', async () => {
  const begun = {type: 'run.begun', run, by: 'mara@jump2'};
  expect(await operatorOf(journalOf(begun), run, 'SHA256:run')).toEqual({
    person: who(),
    key: 'SHA256:run',
    runBegunBy: 'mara@jump2',
  });
  const requester = {principal: 'mara@example.org', key: 'SHA256:hers', signature: '', statement: {}};
  expect(await operatorOf(journalOf({...begun, gate: {requester}}), run, 'SHA256:run')).toMatchObject({
    signed: {principal: 'mara@example.org', key: 'SHA256:hers'},
  });
});

test('a journal that cannot be read leaves who is at work', async () => {
  const broken = {read: async () => failed(fault('journal.broken', 'no'))};
  for (const journal of [broken, journalOf()])
    expect(await operatorOf(journal, run, 'SHA256:run')).toEqual({person: who(), key: 'SHA256:run'});
});

test('this program is told by its version, and by a digest that standard programs give', () => {
  const tool = thisProgram();
  expect(tool.version).toBe(`${version}, Node ${process.versions.node}`);
  const says = "find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum";
  const {stdout} = spawnSync('sh', ['-c', says], {cwd: join(import.meta.dirname, '../../src'), encoding: 'utf8'});
  expect(tool.sha256).toBe(stdout.slice(0, 64));
});
