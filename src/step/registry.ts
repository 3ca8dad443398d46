import {bmcAudit} from './bmc-audit.ts';
import {bmcRotate} from './bmc-rotate.ts';
import {diskHealth} from './disk-health.ts';
import {diskWipe} from './disk-wipe.ts';
import {evidenceCapture} from './evidence-capture.ts';
import {evidenceHold} from './evidence-hold.ts';
import {filesVerify} from './files-verify.ts';
import {hostVerify} from './host-verify.ts';
import {installerBoot} from './installer-boot.ts';
import {installerStart} from './installer-start.ts';
import {kindsOf} from './kinds.ts';
import {mediaEject} from './media-eject.ts';
import {mediaMount} from './media-mount.ts';
import {mediaStage} from './media-stage.ts';
import {networkRestore} from './network-restore.ts';
import {osInstall} from './os-install.ts';
import {portIsolate} from './port-isolate.ts';
import {targetBoot} from './target-boot.ts';

/** Every step kind there is, in the order in which a rebuild usually has them. */
export const kinds = kindsOf(
  portIsolate,
  evidenceCapture,
  evidenceHold,
  bmcAudit,
  bmcRotate,
  mediaMount,
  installerBoot,
  targetBoot,
  diskHealth,
  diskWipe,
  osInstall,
  filesVerify,
  mediaStage,
  mediaEject,
  installerStart,
  networkRestore,
  hostVerify,
);
