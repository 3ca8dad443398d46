import {diskWipe} from './disk-wipe.ts';
import {hostVerify} from './host-verify.ts';
import {kindsOf} from './kinds.ts';
import {mediaEject} from './media-eject.ts';
import {mediaMount} from './media-mount.ts';
import {networkRestore} from './network-restore.ts';
import {osInstall} from './os-install.ts';
import {portIsolate} from './port-isolate.ts';
import {targetBoot} from './target-boot.ts';

/** Every step kind there is, in the order in which a rebuild usually has them. */
export const kinds = kindsOf(
  portIsolate,
  mediaMount,
  targetBoot,
  diskWipe,
  osInstall,
  mediaEject,
  networkRestore,
  hostVerify,
);
