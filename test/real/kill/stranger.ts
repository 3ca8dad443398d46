/**
 * RUN EPOCH [again]: on the lab's controller, with the run's own keys, somebody who should not: with `again` starts the
 * host from the run's ISO once more, then asks the light system for everything that changes a disk. Writes a line of
 * JSON: what each was answered, `done` or a fault code, the light system's boot id, and whether wiping and writing left
 * the disk as it was (`disk`: `same` or `changed`).
 */
import {join} from 'node:path';
import type {RunId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {loadRunKeys} from '../../../src/command/run-keys.ts';
import {loadRunbook, runbookPlaces} from '../../../src/command/runbook-file.ts';
import {openReading} from '../../../src/command/session.ts';
import {openWorkbench} from '../../../src/command/workbench.ts';
import {labAttach, labOverlay} from '../../../src/lab/lab.ts';
import {diskDigest} from '../../../src/lab/machine/disk-file.ts';
import {until} from '../../../src/pace.ts';
import type {Result} from '../../../src/result.ts';
import {kinds} from '../../../src/step/registry.ts';
import {must} from './counts.ts';

const [run = '', epoch = '', again] = process.argv.slice(2);
const never = new AbortController().signal;
const loaded = await loadRunbook(join(import.meta.dirname, '../../../runbooks/marruuk.yaml'), runbookPlaces(), kinds);
if (!loaded.ok) throw new Error(loaded.fault.says);
const {file, digest} = loaded;
const lab = must(await labAttach(loaded.runbook.host.name));
const runbook = labOverlay(loaded.runbook, lab);
const session = must(openReading(true));
const keys = must(await loadRunKeys(session.home.state, run as RunId));
const bench = must(
  await openWorkbench(
    session,
    {file, runbook, digest, lab: true},
    {run: run as RunId, keys, epoch: Number(epoch), say: () => {}, tell: () => {}},
  ),
);
const {bmc, shelf, target} = bench.world;
const {serial} = runbook.disks['system']!;
const image = must(await shelf.os('debian'));
const [chunk] = image.chunks;

if (again !== undefined) {
  const before = must(await target.hello()).bootId;
  const iso = must(await shelf.light());
  must(await bmc.power('off', never));
  must(await bmc.insert(iso.url, never));
  must(await bmc.bootCdOnce(never));
  must(await bmc.power('on', never));
  const up = await until(
    async () => {
      const hello = await target.hello();
      return hello.ok && hello.value.bootId !== before ? hello.value : undefined;
    },
    {everyMs: 500, deadlineMs: 600_000, clock: systemClock, signal: never},
  );
  if (up.end !== 'met') throw new Error('the light system did not come up again');
}

const said = async (asked: Promise<Result<unknown>>): Promise<string> => {
  const answer = await asked;
  return answer.ok ? 'done' : answer.fault.code;
};
const disk = () => diskDigest(lab.blueprint.disks.find((one) => one.serial === serial)!.path);
const untouched = await disk();
const refused = {
  bootId: must(await target.hello()).bootId,
  latch: must(await target.latch(serial))?.state ?? 'none',
  wipe: await said(target.startWipe(serial, 'overwrite')),
  write: await said(
    target.write(serial, {
      image,
      want: [chunk!],
      from: [],
      packed: async ({index}) => {
        for await (const {data} of shelf.chunks(
          image,
          image.chunks.filter((one) => one.index === index),
        ))
          return data;
        throw new Error('the shelf has no such chunk');
      },
      written: async () => {},
      signal: never,
    }),
  ),
};
const answers = {
  ...refused,
  disk: (await disk()) === untouched ? 'same' : 'changed',
  latchSet: await said(target.setLatch(serial, 'wiped')),
  grow: await said(target.grow(serial, image)),
  put: await said(target.put(serial, image, [{path: '/etc/stranger', mode: 0o644, content: 'was here\n'}])),
  settle: await said(target.settle()),
};
await bench.close();
session.journal.close();
process.stdout.write(`${JSON.stringify(answers)}\n`);
