import {execFileSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import type {Lab} from '../../src/lab/lab.ts';
import {keyFiles} from '../../src/lab/material.ts';
import type {Result} from '../../src/result.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {bareLab, onController} from './lab-stage.ts';

// The lab's gateway, asked by SSH over the controller's own cable. The machine stays off.

const marruuk = hostName('marruuk')!;
let state: string;
let lab: Lab;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-out-');
  process.env['REBUILD_HOME'] = state;
  lab = await bareLab('bios');
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

const rules = (): string => {
  const [program, ...argv] = lab.on('gateway');
  return execFileSync(program ?? '', [...argv, 'nft', '-s', 'list', 'ruleset'], {encoding: 'utf8'});
};

interface Told {
  readonly enforced: Result<void>;
  readonly policy: Result<EdgePolicy | undefined>;
}

async function quarantine(port: string, seconds: number): Promise<Told> {
  const script = join(import.meta.dirname, 'lock-out.ts');
  const {clientKey} = keyFiles(lab.folder);
  const {layout, pins} = lab.blueprint;
  const argv = [process.execPath, script, layout.management.gateway, pins.gateway, clientKey, port, String(seconds)];
  let said = '';
  for await (const data of onController(lab, argv).stdout!) said += String(data);
  return JSON.parse(said) as Told;
}

test('rules that cut the controller off are taken back by the gateway, byte for byte, and that is told', async () => {
  const before = rules();
  const {enforced, policy} = await quarantine('ctl0', 6);
  expect(enforced).toMatchObject({ok: false, fault: {code: 'edge.reverted'}});
  expect(policy).toEqual({ok: true});
  expect(rules()).toBe(before);
});

test('on the host’s own port they are confirmed over a new connection, and stay past their time', async () => {
  const {enforced, policy} = await quarantine(lab.blueprint.layout.hostPort, 3);
  expect(enforced).toEqual({ok: true});
  expect(policy).toMatchObject({ok: true, value: {mode: 'quarantine'}});
  await new Promise((resolve) => setTimeout(resolve, 5000));
  expect(rules()).toContain('rebuild-marruuk');
});
