import type {RunId} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import {folderEvidence} from '../../src/device/vault/vault.ts';
import {Secret} from '../../src/secret.ts';
import type {Evidence} from '../../src/step/world/evidence.ts';
import {runbook} from './runbook.ts';

/** The evidence of the simulator's run as it is kept in truth: in a folder, sealed with a key of its own. */
export function evidenceIn(state: string, clock: Clock): Evidence {
  const pair = newEd25519();
  const key = {
    publicLine: publicLine(pair, 'rebuild-controller'),
    privateKey: new Secret(privateKeyText(pair, 'rebuild-controller')),
  };
  return folderEvidence({
    state,
    run: 'marruuk-1' as RunId,
    host: runbook.host.name,
    asset: runbook.host.serial,
    operator: async () => ({person: 'lena@jump1', key: 'SHA256:key', runBegunBy: 'mara@jump2'}),
    tool: () => ({name: 'rebuild', version: '1.2.3, Node 24', sha256: null}),
    key,
    clock,
  });
}
