import {newEd25519} from '../device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../device/ssh-key/openssh-key.ts';
import {home} from '../home.ts';
import {debianSources} from '../image/debian/sources.ts';
import {debian} from '../image/os/recipe.ts';
import {stockImage} from '../image/os/stock.ts';
import {buildSuspect} from '../image/os/suspect.ts';
import type {MakeSuspect} from '../lab/suspect.ts';
import {Secret} from '../secret.ts';

/** The lab's old system: the stock image with what the incident left on it, its host key its own. */
export const makeSuspect: MakeSuspect = async ({disk, sizeBytes, progress, signal, ...suspect}) => {
  const sources = await debianSources();
  if (!sources.ok) return sources;
  const stocked = await stockImage(debian, {
    home: home(),
    sources: sources.value,
    signal,
    progress: (what) => progress(`os image: ${what}`),
  });
  if (!stocked.ok) return stocked;
  const pair = newEd25519();
  const hostKey = {
    privateKey: new Secret(privateKeyText(pair, suspect.hostname)),
    publicLine: publicLine(pair, suspect.hostname),
  };
  return buildSuspect(stocked.value.stored, {...suspect, hostKey}, disk, sizeBytes);
};
