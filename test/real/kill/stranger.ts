/**
 * ERRAND: on the lab's controller, with the run's own keys, somebody who should not asks the light system for what
 * changes a disk (`asked.ts`). Writes a line of JSON: what came of it.
 */
import {join} from 'node:path';
import type {RunId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import {loadRunKeys} from '../../../src/command/sitting/run-keys.ts';
import {loadRunbook, runbookPlaces} from '../../../src/command/runbook-file.ts';
import {openReading} from '../../../src/command/session.ts';
import {openWorkbench, type Workbench} from '../../../src/command/sitting/workbench.ts';
import {labAttach, labOverlay} from '../../../src/lab/lab.ts';
import {diskDigest} from '../../../src/lab/machine/disk-file.ts';
import {until} from '../../../src/pace.ts';
import type {Result} from '../../../src/result.ts';
import {kinds} from '../../../src/step/registry.ts';
import type {Outside} from '../../../src/step/world.ts';
import type {BootFile} from '../../../src/step/world/image.ts';
import type {Asked, Errand, Met} from './asked.ts';
import {must} from './counts.ts';

const {run, again, asking} = JSON.parse(process.argv[2] ?? '') as Errand;
const never = new AbortController().signal;
const loaded = await loadRunbook(join(import.meta.dirname, '../../../runbooks/marruuk.yaml'), runbookPlaces(), kinds);
if (!loaded.ok) throw new Error(loaded.fault.says);
const {file, digest} = loaded;
const lab = must(await labAttach(loaded.runbook.host.name));
const runbook = labOverlay(loaded.runbook, lab);
const session = must(openReading(true));
const keys = must(await loadRunKeys(session.home.state, run as RunId));
const under = async (epoch: number): Promise<Workbench> =>
  must(
    await openWorkbench(
      session,
      {file, runbook, digest, lab: true},
      {run: run as RunId, keys, epoch, say: () => {}, tell: () => {}},
    ),
  );
const {serial} = runbook.disks['system']!;
const disk = () => diskDigest(lab.blueprint.disks.find((one) => one.serial === serial)!.path);

/** The power goes, whatever the machine is at; nothing is in its RAM after that. */
async function startAgain({bmc, shelf, target}: Outside): Promise<void> {
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

async function ask({shelf, target}: Outside, verb: Asked): Promise<Result<unknown>> {
  const image = must(await shelf.os('debian'));
  const [chunk] = image.chunks;
  const some: BootFile = {offset: 0, length: 4096, sha256: chunk!.raw};
  switch (verb) {
    case 'wipe':
      return target.startWipe(serial, 'overwrite');
    case 'adopt':
      return target.adoptWipe(serial, 'nvme-sanitize-block');
    case 'leave':
      return target.leave(serial);
    case 'write':
      return target.write(serial, {
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
      });
    case 'latchWiped':
      return target.setLatch(serial, 'wiped');
    case 'latchInstalled':
      return target.setLatch(serial, 'installed');
    case 'grow':
      return target.grow(serial, image);
    case 'put':
      return target.put(serial, image, [{path: '/etc/stranger', mode: 0o644, content: 'was here\n'}]);
    case 'startNext':
      return target.startNext(serial, 1);
    case 'launch':
      return target.launch(serial, {kernel: some, initrd: some, options: 'quiet'});
    case 'settle':
      return target.settle();
    default:
      return verb satisfies never;
  }
}

const looking = await under(0);
if (again) await startAgain(looking.world);
const {bootId} = must(await looking.world.target.hello());
const latch = must(await looking.world.target.latch(serial))?.state ?? 'none';
await looking.close();

const untouched = await disk();
const answers: Partial<Record<Asked, string>>[] = [];
for (const {epoch, verbs} of asking) {
  const bench = await under(epoch);
  const said: Partial<Record<Asked, string>> = {};
  for (const verb of verbs) {
    const answer = await ask(bench.world, verb);
    said[verb] = answer.ok ? 'done' : answer.fault.code;
  }
  answers.push(said);
  await bench.close();
}
const met: Met = {bootId, latch, answers, disk: (await disk()) === untouched ? 'same' : 'changed'};
session.journal.close();
process.stdout.write(`${JSON.stringify(met)}\n`);
