import {newEd25519} from '../../device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../device/ssh-key/openssh-key.ts';
import {home} from '../../home.ts';
import {staticBusybox} from '../../image/debian/static-busybox.ts';
import {debianSources} from '../../image/debian/sources.ts';
import {buildBase} from '../../image/light/base.ts';
import type {StoredImage} from '../../image/manifest.ts';
import {debian} from '../../image/os/recipe.ts';
import {stockImage} from '../../image/os/stock.ts';
import {buildSuspect} from '../../image/os/suspect.ts';
import type {MakeSuspect} from '../../lab/suspect.ts';
import {within, type Tell} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import {Secret} from '../../secret.ts';

/** Builds what a run needs while the network is there: the lab's controller reaches nothing but the lab. */
export async function prepareImages(tell: Tell, signal: AbortSignal): Promise<Result<StoredImage>> {
  const base = await buildBase({signal, progress: within('light iso', tell)});
  if (!base.ok) return base;
  const sources = await debianSources();
  if (!sources.ok) return sources;
  const progress = within('os image', tell);
  const stocked = await stockImage(debian, {home: home(), sources: sources.value, signal, progress});
  return stocked.ok ? ok(stocked.value.stored) : stocked;
}

/** The lab's old system: the stock image with what the incident left on it, its host key its own. */
export const makeSuspect: MakeSuspect = async ({disk, sizeBytes, progress, signal, ...suspect}) => {
  const stored = await prepareImages(progress, signal);
  if (!stored.ok) return stored;
  const tool = await staticBusybox(signal);
  if (!tool.ok) return tool;
  const pair = newEd25519();
  const hostKey = {
    privateKey: new Secret(privateKeyText(pair, suspect.hostname)),
    publicLine: publicLine(pair, suspect.hostname),
  };
  return buildSuspect(stored.value, {...suspect, hostKey}, disk, sizeBytes, within('old system', progress));
};
