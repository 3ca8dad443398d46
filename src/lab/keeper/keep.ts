import {readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import {ok} from '../../result.ts';
import {ailments} from '../bmc/ailment.ts';
import {board} from '../bmc/board.ts';
import {redfish} from '../bmc/redfish.ts';
import {serveBmc} from '../bmc/server.ts';
import {sessions} from '../bmc/sessions.ts';
import type {Blueprint} from '../blueprint.ts';
import {strikes} from '../fault/strike.ts';
import type {LabFolder} from '../folder.ts';
import {chassis} from '../machine/chassis.ts';
import {link} from '../machine/link.ts';
import {bmcSecrets} from '../material.ts';
import type {LabNetwork} from '../network/network.ts';
import {serveControl} from './control-server.ts';
import {surroundings} from './surroundings.ts';

const https = 443;

/**
 * Keeps a lab: BMC, chassis and what surrounds them, until it is told to end. It runs on the metal's station, so
 * that the BMC has its address and QEMU and its reads of the medium are where the machine is.
 */
export async function keepLab(
  machine: Blueprint,
  folder: LabFolder,
  network: LabNetwork,
  log: (says: string) => void,
): Promise<void> {
  const clock = systemClock;
  const {layout} = machine;
  const line = link();
  const secrets = await bmcSecrets(folder);
  const mind = board({chassis: () => body, link: line, clock});
  const body = chassis({machine, folder, card: network.card(machine.mac), bootSource: () => mind.bootSource(), log});
  const ills = ailments();
  const faults = strikes({
    board: mind,
    chassis: body,
    link: line,
    ailments: ills,
    serialConsole: folder.serialConsole,
    log,
  });

  await serveBmc({
    address: layout.management.bmc,
    port: machine.userspace?.bmcPort ?? https,
    certificate: secrets.certificate,
    key: secrets.key,
    clock,
    accessLog: folder.accessLog,
    redfish: redfish({
      machine,
      power: () => body.power(),
      board: mind,
      sessions: sessions({user: secrets.user, clock}),
      credentials: secrets,
      ailments: ills,
      clock,
    }),
  });

  const around = await surroundings(machine, folder, network);

  const done = Promise.withResolvers<void>();
  await serveControl(folder.control, {
    end: () => done.resolve(),
    answer: (route, body) => around.answer(route, body),
    disks: () => body.counts(),
    strike: (fault) => faults.strike(fault),
    async power(want) {
      if (want === 'on') return body.on();
      await body.off();
      return ok(undefined);
    },
    async screenshot() {
      const path = join(folder.directory, 'screen.png');
      const taken = await body.screenshot(path);
      if (!taken.ok) return taken;
      const png = await readFile(path);
      await rm(path, {force: true});
      return ok(png);
    },
    status: () => ({
      pid: process.pid,
      power: body.power(),
      starts: body.starts(),
      medium: {inserted: mind.medium() !== undefined, carriedBytes: line.carried(), line: line.condition().is},
      effects: mind.effects(),
      contacts: around.contacts(),
      waitingFaults: faults.waiting(),
    }),
  });
  log('lab: up');

  await done.promise;
  log('lab: ending');
  faults.calm();
  line.close();
  await body.off();
  await around.end();
}
