import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, test} from 'vitest';
import {planted} from '../../src/lab/bmc/planted.ts';
import {labFolderAt} from '../../src/lab/folder.ts';
import {bmcSecrets, makeMaterial} from '../../src/lab/material.ts';
import {bmcStage} from '../lab/bmc-stage.ts';

test('Debian’s python3-sushy reads the lab BMC’s accounts and services, removes what is foreign, changes the password', async () => {
  const directory = await mkdtemp('/tmp/rebuild-sushy-');
  const folder = labFolderAt(directory);
  // As the lab makes it: this client wants to see the address in it.
  const material = await makeMaterial(folder, '127.0.0.1');
  if (!material.ok) throw new Error(material.fault.says);
  const {certificate: cert, key} = await bmcSecrets(folder);
  const stage = await bmcStage({intruded: true, certificate: {cert, key, pin: material.value.certificate}});
  try {
    const {url, certificate, user, password} = stage.elsewhere;
    const {stdout} = await execa('/usr/bin/python3', [join(import.meta.dirname, 'sushy-access.py'), url, certificate], {
      input: `${user}\n${password}\n`,
      timeout: 120_000,
      // requests takes a bundle from its environment before the certificate that the client names.
      env: {REQUESTS_CA_BUNDLE: '', CURL_CA_BUNDLE: ''},
    });
    expect(JSON.parse(stdout)).toEqual({
      accounts: ['rebuild', planted.account.name],
      sessions: ['rebuild', planted.account.name],
      events: [planted.subscription],
      firmware: {BMC: '1.0.0', BIOS: 'OVMF'},
      disabled: 200,
      deleted: 204,
      gone: 404,
      unsubscribed: 204,
      shut: 200,
      open: false,
      changed: 200,
      left: ['rebuild'],
      renewed: '/redfish/v1/Systems/1',
      old: 401,
    });
  } finally {
    await stage.close();
    await rm(directory, {recursive: true, force: true});
  }
}, 180_000);
