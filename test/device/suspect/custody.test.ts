import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import type {Sha256} from '../../../src/brand.ts';
import type {Custody} from '../../../src/evidence/custody.ts';
import {ok} from '../../../src/result.ts';
import {lightTool} from '../../../src/step/evidence/light.ts';
import {takeOutside} from '../../../src/step/evidence/outside.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {handOf} from '../../step/hand.ts';
import {wickedHost} from './host.ts';

describe.runIf(haveSshd)('the custody record of what was asked from outside', () => {
  test('names this program, what it asked, who was at it and who began the run, and the way of each item', async () => {
    await using host = await wickedHost();
    const paths = ['/redfish/v1/', '/redfish/v1/Systems/1', '/redfish/v1/\u001b[2J'];
    const world = {
      ...host.world,
      bmc: {...host.world.bmc, papers: async () => ok({papers: paths.map((path) => ({path, body: {}}))})},
    };
    const vault = await host.world.evidence.open('flash');
    if (!vault.ok) throw new Error(vault.fault.says);
    expect(await takeOutside(world, vault.value, false, handOf().hand)).toEqual({ok: true, value: undefined});
    const [, bmc, gateway] = await host.custody('flash');
    const {runbook} = host.world;
    expect(bmc).toMatchObject({
      tool: {name: 'rebuild', version: '1.2.3, Node 24'},
      method: {over: 'redfish', argv: ['GET', '/redfish/v1/', '/redfish/v1/Systems/1', '(a path of other characters)']},
      operator: {person: 'lena@jump1', key: 'SHA256:key', runBegunBy: 'mara@jump2'},
      source: runbook.bmc.url,
      access: [
        {
          who: 'lena@jump1',
          why: 'capture',
          from: `${runbook.host.name}: ${runbook.bmc.url}`,
          to: host.data('flash'),
        },
      ],
      hashAlso: [`SHA256SUMS in ${host.seal('flash')}`, 'journal of marruuk-1'],
    });
    expect(gateway?.method).toEqual({over: 'gateway', argv: ['policy', 'refused', 'flows']});
    // The path that is no name stays in the item, as JSON.
    expect(await readFile(join(host.data('flash'), bmc?.file ?? ''), 'utf8')).toContain('\\u001b[2J');
    expect(required.filter((key) => !(key in (bmc ?? {})))).toEqual([]);
  });
});

/** The record's members by NIST IR 8387, 3.2, and ISO/IEC 27037. */
const required: readonly (keyof Custody)[] = [
  'id',
  'case',
  'host',
  'asset',
  'what',
  'source',
  'method',
  'tool',
  'operator',
  'began',
  'ended',
  'clockOffset',
  'file',
  'bytes',
  'sha256',
  'hashAlso',
  'complete',
  'access',
];

test('the light system is told by its medium’s digest, and by its start', () => {
  const iso = 'a'.repeat(64) as Sha256;
  const base = 'b'.repeat(64);
  expect(lightTool({says: 'mounted', data: {iso, base, isoBytes: 5}}, 'boot-1')).toEqual({
    name: 'rebuild light system',
    version: `base ${base}, boot boot-1`,
    sha256: iso,
  });
  // An operator's own medium has no base; a run that mounted none has neither.
  expect(lightTool({says: 'mounted', data: {iso}}, 'boot-1')).toMatchObject({version: 'base unknown, boot boot-1'});
  expect(lightTool(undefined, 'boot-1')).toMatchObject({sha256: null});
});
