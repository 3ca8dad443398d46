import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import type {RunId, StepId} from '../../src/brand.ts';
import {sealedBundles} from '../../src/command/sealed-bundles.ts';
import type {Event} from '../../src/engine/event.ts';
import type {JsonObject} from '../../src/json.ts';

const run = 'marruuk-1' as RunId;
const text = `${'a'.repeat(64)}  custody.jsonl\n`;
const manifest = createHash('sha256').update(text).digest('hex');
const done = (step: string, data: JsonObject): Event => ({
  type: 'step.done',
  step: step as StepId,
  proof: {says: 'done', data},
});

test('a bundle is on this machine when its data and the manifest of the record are, wherever it was sealed', async () => {
  const state = await mkdtemp(join(tmpdir(), 'rebuild-bundles-'));
  try {
    const events = [
      done('evidence', {folder: `/elsewhere/evidence/${run}/triage`, manifest}),
      done('waived', {}),
      done('odd', {folder: '/elsewhere/evidence/../../etc', manifest}),
    ];
    const [seal, data] = [join(state, 'seals', run, 'triage'), join(state, 'evidence', run, 'triage')];
    expect(await sealedBundles(events, state, run)).toEqual([{bundle: 'triage', manifest, here: false, seal, data}]);
    for (const folder of [seal, data]) await mkdir(folder, {recursive: true});
    await writeFile(join(seal, 'SHA256SUMS'), text);
    expect(await sealedBundles(events, state, run)).toMatchObject([{here: false}]);
    await writeFile(join(data, 'custody.jsonl'), '');
    expect(await sealedBundles(events, state, run)).toMatchObject([{here: true}]);
    // Another bundle of that name is not the one on record.
    await writeFile(join(seal, 'SHA256SUMS'), `${text}\n`);
    expect(await sealedBundles(events, state, run)).toMatchObject([{here: false}]);
  } finally {
    await rm(state, {recursive: true, force: true});
  }
});
