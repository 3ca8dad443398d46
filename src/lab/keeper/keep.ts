import {systemClock} from '../../clock.ts';
import {ok} from '../../result.ts';
import {ailments} from '../bmc/ailment.ts';
import {bmcClock} from '../bmc/bmc-clock.ts';
import {board} from '../bmc/board.ts';
import {redfish} from '../bmc/redfish.ts';
import {serveBmc} from '../bmc/server.ts';
import {sessions} from '../bmc/sessions.ts';
import {standing} from '../bmc/standing.ts';
import type {Blueprint} from '../blueprint.ts';
import {awaitMoment} from '../fault/await-moment.ts';
import {bmcActs} from '../fault/bmc-strike.ts';
import {controllerActs} from '../fault/controller-strike.ts';
import {lineActs} from '../fault/line-strike.ts';
import {machineActs} from '../fault/machine-strike.ts';
import {runWatch} from '../fault/run-watch.ts';
import {strikeLog} from '../fault/strike-log.ts';
import {strikes} from '../fault/strike.ts';
import type {LabFolder} from '../folder.ts';
import {bays} from '../machine/bays.ts';
import {chassis} from '../machine/chassis.ts';
import {conditionText} from '../machine/line-condition.ts';
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
  const {layout, disks} = machine;
  const line = link();
  const secrets = await bmcSecrets(folder);
  const clock = bmcClock(systemClock);
  const ills = ailments();
  const pool = sessions({clock});
  const mind = board({chassis: () => body, link: line, ailments: ills, clock});
  const slots = bays(machine);
  const body = chassis({
    machine: slots.machine,
    folder,
    card: network.card(machine.mac),
    bootSource: () => mind.bootSource(),
    log,
  });

  const server = await serveBmc({
    address: layout.management.bmc,
    port: machine.userspace?.bmcPort ?? https,
    certificate: secrets.certificate,
    key: secrets.key,
    clock: systemClock,
    accessLog: folder.accessLog,
    redfish: redfish({
      machine: slots.machine,
      power: () => body.power(),
      board: mind,
      sessions: pool,
      standing: standing({...secrets, clock, ...(machine.intruded && {intruded: pool})}),
      certificate: secrets.certificate,
      ailments: ills,
      clock,
    }),
  });

  const run = runWatch(folder.journal, machine.host, systemClock);
  const userspace = machine.userspace !== undefined;
  const struck = strikeLog(folder.strikes);
  const faults = strikes({
    acts: {
      ...lineActs({board: mind, link: line, cable: body.cable, layout, network, userspace}),
      ...bmcActs({ailments: ills, board: mind, sessions: pool, server, clock}),
      ...machineActs({chassis: body, bays: slots, disks}),
      ...controllerActs({run, journal: folder.journal, layout, network, userspace}),
    },
    moment: awaitMoment({link: line, serialConsole: folder.serialConsole, run}),
    clock: systemClock,
    note(strike) {
      struck.note(strike);
      log(`fault: ${strike.fault.fault} ${strike.came}${strike.says === undefined ? '' : `: ${strike.says}`}`);
    },
  });

  const around = await surroundings(machine, folder, network);

  const done = Promise.withResolvers<void>();
  await serveControl(folder.control, {
    end: () => done.resolve(),
    answer: (route, body) => around.answer(route, body),
    disks: () => body.counts(),
    strike: (fault) => faults.strike(fault),
    script: (script) => faults.script(script),
    async power(want) {
      if (want === 'on') return body.on();
      await body.off();
      return ok(undefined);
    },
    screenshot: () => body.screenshot(),
    status: () => ({
      pid: process.pid,
      power: body.power(),
      starts: body.starts(),
      medium: {
        inserted: mind.medium() !== undefined,
        carriedBytes: line.carried(),
        line: conditionText(line.condition()),
      },
      effects: mind.effects(),
      contacts: around.contacts(),
      cable: conditionText(body.cable.condition()),
      waitingFaults: faults.waiting(),
      strikes: struck.newest(),
    }),
  });
  log('lab: up');

  await done.promise;
  log('lab: ending');
  await faults.calm();
  line.close();
  await body.off();
  await around.end();
}
