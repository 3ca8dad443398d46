import {once} from 'node:events';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import {keyFiles} from '../../src/lab/material.ts';
import {takeDown} from '../../src/lab/down.ts';
import type {Lab} from '../../src/lab/lab.ts';
import {bareLab, consoleShows, onController, serve} from './lab-stage.ts';
import {smallIso} from './small-iso.ts';

// Whole boots, on two cores that others may use too.
vi.setConfig({testTimeout: 600_000, hookTimeout: 120_000});

let directory: string;
let iso: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rebuild-sushy-'));
  process.env['REBUILD_HOME'] = directory;
  iso = await smallIso(directory, 'hello from the virtual CD');
});

afterAll(async () => {
  await rm(directory, {recursive: true, force: true});
});

test.each(['uefi', 'bios'] as const)(
  'Debian’s python3-sushy inserts, boots once, powers and ejects (%s)',
  async (firmware) => {
    const lab = await bareLab(firmware);
    try {
      const {url, server} = await serve(lab, iso);
      const seen = await drive(lab, url);
      server.stdin?.end();
      expect(seen).toEqual({
        serial: 'MRK-2017-0929',
        chassis: 'MRK-2017-0929',
        drives: ['S3Z8NB0K412345', 'S3Z8NB0K498765'],
        reset: ['ForceOff', 'ForceOn', 'ForceRestart', 'GracefulShutdown', 'On', 'PowerCycle'],
        boot: ['Cd', 'Hdd', 'None'],
        before: [false, null],
        inserted: [true, url],
        second: 409,
        once: ['Once', 'Cd'],
        on: true,
        used: 'Disabled',
        ejected: [false, null],
        restarted: true,
        off: true,
        wrong: 401,
      });
      const status = await lab.control.status();
      expect(status.ok && status.value).toMatchObject({
        power: 'off',
        starts: 2,
        medium: {inserted: false},
        effects: {inserts: 1, ejects: 1, resets: 3, drops: 0},
      });
      const log = await readFile(lab.folder.accessLog, 'utf8');
      expect(log).toContain('"method":"POST","path":"/redfish/v1/SessionService/Sessions","status":201');
      expect(log).not.toContain(await readFile(keyFiles(lab.folder).bmcPassword, 'utf8'));
    } finally {
      await takeDown(lab.host);
    }
  },
);

async function drive(lab: Lab, url: string): Promise<unknown> {
  const files = keyFiles(lab.folder);
  const script = join(import.meta.dirname, 'sushy-client.py');
  // Debian's own: another python3 may stand before it on the search path.
  const root = `https://${lab.blueprint.layout.management.bmc}`;
  const client = onController(lab, ['/usr/bin/python3', script, root, files.certificate, url]);
  const [user, password] = await Promise.all([files.bmcUser, files.bmcPassword].map((path) => readFile(path, 'utf8')));
  const printed: Buffer[] = [];
  client.stdout?.on('data', (part: Buffer) => printed.push(part));
  client.stdin?.write(`${user}\n${password}\n`);
  const ended = once(client, 'exit');
  const booted = await Promise.race([consoleShows(lab, 'hello from the virtual CD'), ended.then(() => false)]);
  client.stdin?.end(booted ? 'booted\n' : '');
  await ended;
  expect(booted).toBe(true);
  return JSON.parse(Buffer.concat(printed).toString());
}
