import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {Sha256} from '../../src/brand.ts';
import {exit} from '../../src/exit.ts';
import {fault} from '../../src/fault.ts';
import type {PlanDocument} from '../../src/plan/document-schema.ts';
import {failed} from '../../src/result.ts';
import {openStage, says, trace} from './stage.ts';

const sha256 = 'a'.repeat(64) as Sha256;

test(
  'a hopeless ISO is refused with exit 3, also where no light one could be made to compare it with',
  {timeout: 300_000},
  async () => {
    const stage = await openStage();
    const {rebuild, machine} = stage;
    const text = readFileSync(stage.runbook, 'utf8')
      .replace('\nedge:\n', '\n  path: {rate: 170kB/s, unmounts: 30m}\nedge:\n')
      .replace('image: light', `image: iso/vendor.iso\n    sha256: ${sha256}`);
    writeFileSync(stage.runbook, text);
    machine.vendorIso = {url: 'http://10.9.0.2:8080/token/vendor.iso', sha256, bytes: 5_400_000_000};
    const before = await trace(stage, 'home');
    const run = ['run', 'marruuk', '--confirm', 'marruuk'];
    const numbers = '5400 MB at 170 kB/s, takes 8.8 h, and the path loses a medium every 30 min';
    says(await rebuild('home', run), exit.refused, 'media.hopeless', numbers, 'The light ISO, 39.0 MB', 'image: light');

    machine.lightBytes = failed(fault('image.build-failed', 'no package lists here'));
    says(
      await rebuild('home', run),
      exit.refused,
      'media.hopeless',
      numbers,
      'How large the light ISO is could not be told',
    );
    const plan = await rebuild('home', ['plan', 'marruuk', '--json']);
    says(plan, exit.refused);
    const {errors, moving} = JSON.parse(plan.stdout) as PlanDocument;
    expect(errors).toMatchObject([{step: 'mount', fault: {code: 'media.hopeless', detail: {lightBytes: null}}}]);
    expect(moving?.media['mount']).toMatchObject({forecast: {verdict: 'hopeless'}});
    expect(moving?.media['mount']).not.toHaveProperty('light');
    expect(moving?.transfers['install']).toMatchObject({name: 'debian'});
    expect(await trace(stage, 'home')).toEqual(before);
  },
);
