import {readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import {ok} from '../../result.ts';
import {ailments} from '../bmc/ailment.ts';
import {board} from '../bmc/board.ts';
import {redfish} from '../bmc/redfish.ts';
import {serveBmc} from '../bmc/server.ts';
import {sessions} from '../bmc/sessions.ts';
import {sshStations, type Blueprint} from '../blueprint.ts';
import {strikes} from '../fault/strike.ts';
import type {LabFolder} from '../folder.ts';
import {chassis} from '../machine/chassis.ts';
import {link} from '../machine/link.ts';
import {bmcSecrets} from '../material.ts';
import type {LabNetwork} from '../network/network.ts';
import {countContacts} from '../service/contacts.ts';
import {startSshServer} from '../service/ssh-server.ts';
import {serveControl} from './control-server.ts';

const https = 443;
// What the suspect's beacon dials, and what its worm would try next door.
const commandServerPort = 80;
const fileSharePort = 445;

/**
 * Keeps a lab: BMC, chassis, SSH servers and listeners, until it is told to end. It runs on the metal's station, so
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
    port: https,
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

  const addresses = {
    gateway: layout.management.gateway,
    neighbour: layout.lan.neighbour,
    outside: layout.wan.outside,
  };
  const servers = await Promise.all(
    sshStations.map((station) => startSshServer(station, addresses[station], {folder, on: network.on(station)})),
  );
  const counters = await Promise.all([
    countContacts({address: addresses.outside, port: commandServerPort}, {folder, on: network.on('outside')}),
    countContacts({address: addresses.neighbour, port: fileSharePort}, {folder, on: network.on('neighbour')}),
  ]);

  const done = Promise.withResolvers<void>();
  await serveControl(folder.control, {
    end: () => done.resolve(),
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
      contacts: Object.fromEntries(counters.map((counter) => [`${counter.address}:${counter.port}`, counter.counts()])),
      waitingFaults: faults.waiting(),
    }),
  });
  log('lab: up');

  await done.promise;
  log('lab: ending');
  faults.calm();
  line.close();
  await body.off();
  await Promise.all([...servers, ...counters].map((resident) => resident.end()));
}
