import {filesPart} from './files.ts';
import {framePart} from './frame.ts';
import {kernelPart} from './kernel.ts';
import {processesPart} from './processes.ts';

const dispatch = String.raw`
verb=$1
shift
case $verb in
  leave | ends | digests) ;;
  *) seal ;;
esac
case $verb in
  tar) present archive "$@" ;;
  large) present large "$@" ;;
  memory-map) memory_map ;;
  memory) "$b" dd if=/proc/kcore bs=65536 iflag=skip_bytes,count_bytes,fullblock skip="$1" count="$2" status=none || exit ;;
  clock | network | processes | hidden | deleted | memfds | bpf | programs | kernel | storage) "$verb" ;;
  preload | boot | names | bodyfile | leave) "$verb" ;;
  ends | digests) "$verb" "$@" ;;
  *) lack "$verb" ;;
esac
[ -z "$lacking" ] || printf 'not whole: %s\n' "\${lacking#, }" >&2
[ -z "$lacking$failed" ]
`;

/**
 * What we run on the suspect: a script for our own static busybox, which lies beside it. It calls nothing of the
 * host's: every program is an applet, by its full path. It runs in a mount namespace of its own in which every file system
 * that lies on a disk is read-only and keeps no access times, so that nothing it does can write there, not even a time;
 * `OUTSIDE` names the host's own namespace, in which it must never do that.
 *
 * Records are lines of words with tabs between; what the host controls is base64 in them, so no name and no content can
 * pass for another record. It ends with 0 only where it had all that was asked; what ended or was removed while it looked
 * is no lack.
 */
export const collectorScript = [framePart, kernelPart, processesPart, filesPart, dispatch]
  .join('')
  .replaceAll('\\${', '${');
