import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import type {Instant, Sha256} from '../../src/brand.ts';
import {assemble} from '../../src/plan/assemble.ts';
import {gather} from '../../src/plan/gather.ts';
import {linkOf} from '../../src/plan/link.ts';
import {onlyLook} from '../../src/plan/only-look.ts';
import {pathOf} from '../../src/plan/path.ts';
import type {Plan} from '../../src/plan/plan.ts';
import {ok} from '../../src/result.ts';
import {parseRunbook} from '../../src/runbook/parse.ts';
import {kinds} from '../../src/step/registry.ts';
import {plainPaint} from '../../src/view/paint.ts';
import {planText} from '../../src/view/plan.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';

const bytes = 5_400_000_000;

/** A runbook that comes with rebuild, its text changed, planned for a vendor's ISO of 5.4 GB on a machine of the simulator. */
async function planned(name: string, change: (text: string) => string = (text) => text): Promise<Plan> {
  const text = change(readFileSync(new URL(`../../runbooks/${name}.yaml`, import.meta.url), 'utf8'));
  const parsed = parseRunbook(text, `runbooks/${name}.yaml`, kinds);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({says}) => says).join('; '));
  const {runbook} = parsed;
  const machine = new Machine(runbook, new VirtualClock());
  machine.vendorIso = {url: 'http://10.9.0.2:8080/token/installer.iso', sha256: 'a'.repeat(64) as Sha256, bytes};
  const world = machine.world();
  const look = onlyLook({
    ...world,
    shelf: {...world.shelf, staged: async () => ok({...machine.staged, sizeBytes: bytes, packedBytes: bytes})},
    record: async () => ({path: pathOf(runbook.bmc.path, []), link: linkOf(runbook.link, []), runs: []}),
  });
  const found = await gather(look, kinds);
  if (!found.ok) throw new Error(found.fault.says);
  return assemble(runbook, parsed.digest, found.value, kinds, '2026-11-21T09:14:07.000Z' as Instant);
}

const without =
  (...keys: readonly string[]): ((text: string) => string) =>
  (text) => {
    const kept = text.split('\n').filter((line) => !keys.some((key) => line.trimStart().startsWith(`${key}: {`)));
    expect(text.split('\n').length - kept.length).toBe(keys.length);
    return kept.join('\n');
  };

const incident = (text: string): string => text.replace(/path: \{.*\}/, 'path: {rate: 170kB/s, unmounts: 30m}');

const plans: readonly (readonly [string, () => Promise<Plan>, readonly string[]])[] = [
  ['mpex', () => planned('mpex'), []],
  ['mpex-unmeasured', () => planned('mpex', without('path', 'link')), []],
  ['mpex-late', () => planned('mpex', (text) => text.replace('promise: 12h', 'promise: 8h')), []],
  ['saturn', () => planned('saturn'), []],
  ['saturn-incident', () => planned('saturn', incident), ['media.hopeless']],
  ['saturn-unmeasured', () => planned('saturn', without('path')), []],
];

test.each(plans)('the plan of %s reads as agreed', async (name, made, refused) => {
  const plan = await made();
  expect(plan.errors.map(({fault}) => fault.code)).toEqual(refused);
  const lines = planText(plan, {}, plainPaint);
  for (const line of lines) expect(line.length, line).toBeLessThan(80);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/plan-${name}.txt`);
});

test('the promise is held against what the link makes of it', async () => {
  const {steps, total} = (await planned('mpex')).moving!.times;
  expect(steps['stage']).toMatchObject({is: 'range', by: 'measured rates', from: expect.closeTo(31_765, 0) as number});
  expect(total.from).toBeGreaterThan(31_765);
  const late = (await planned('mpex', (text) => text.replace('promise: 12h', 'promise: 8h'))).moving!.times;
  expect(late.total.promise).toBe('over');
});
