/** Records, what they lack, and the namespace in which everything else runs. */
export const framePart = String.raw`# shellcheck shell=dash
# Busybox has it: a pipeline ends as the last of its programs that failed.
# shellcheck disable=SC3040,SC2016
set -o pipefail
b=\${0%/*}/busybox
scratch=\${0%/*}
lacking=
failed=

lack() { lacking="$lacking, $1"; }

encoded() { "$b" base64 -w 0; }

# 32 MiB of it; fails where there is more.
first() { "$b" dd bs=65536 count=512 iflag=fullblock status=none && [ "$("$b" head -c 1 | "$b" wc -c)" -eq 0 ]; }

field() { # KEY PROGRAM...: what it says
  key=$1
  shift
  printf '%s\t' "$key"
  "$@" 2>/dev/null | first | encoded || lack "$key"
  printf '\n'
}

content() { # KEY FILE
  [ -e "$2" ] || return 0
  # A pipe in a file's place would be waited for.
  if [ -f "$2" ]; then field "$1" "$b" cat "$2"; else lack "$1"; fi
}

# What a program over files complains of, but for files that are gone by the time it comes to them, and for sockets, which
# have no content; fails where there is anything else.
judged() {
  "$b" awk '
    /: (No such file or directory|unknown file type)$/ { known = 1; next }
    /: error exit delayed from previous errors$/ { next }
    /^ended (1|123)$/ { ended = 1; next }
    ++other < 20 { print }
    END { exit other > 0 || (ended && !known) }' >&2
}

over() { # PROGRAM...
  { { "$@" || echo "ended $?" >&2; } 2>&1 >&3 3>&- | judged; } 3>&1
}

# What is mounted on top at each place, in the order of mounting: TYPE DEVICE ROOT PLACE, escaped as the kernel does.
mounts() {
  "$b" awk '
    { for (i = 7; i < NF && $i != "-"; i++); line[NR] = $(i + 1) " " $3 " " $4 " " $5; place[NR] = $5; top[$5] = NR }
    END { for (i = 1; i <= NR; i++) if (top[place[i]] == i) print line[i] }' /proc/self/mountinfo
}

unescaped() { printf '%b' "$1"; }

# Somebody else answers for what lies there: another machine, or a program of the host's.
elsewhere() { # TYPE
  case $1 in
    nfs | nfs4 | cifs | smb3 | smbfs | 9p | virtiofs | ceph | glusterfs | afs | ncpfs | coda | lustre | beegfs) ;;
    orangefs | pvfs2 | gpfs | fuse | fuse.* | fuseblk | autofs) ;;
    *) return 1 ;;
  esac
}

pseudo() { # TYPE
  case $1 in
    proc | sysfs | cgroup | cgroup2 | devpts | securityfs | pstore | bpf | debugfs | tracefs | mqueue | hugetlbfs) ;;
    configfs | fusectl | efivarfs | binfmt_misc | rpc_pipefs | nsfs | selinuxfs | smackfs) ;;
    *) return 1 ;;
  esac
}

# In our own namespace alone: the host's mounts stay as they are.
seal() {
  own=$("$b" readlink /proc/self/ns/mnt)
  if [ -z "$own" ] || [ -z "$OUTSIDE" ] || [ "$own" = "$OUTSIDE" ]; then
    echo 'not sealed: there is no mount namespace of our own' >&2
    return
  fi
  # What somebody else answers for can be silent for ever, and may lie one on the other.
  for _ in 1 2 3 4; do
    mounts >"$scratch/mounts.$$"
    again=
    while read -r type _ _ point; do
      if [ "$point" = / ] || ! elsewhere "$type"; then continue; fi
      again=yes
      "$b" timeout 5 "$b" umount -l "$(unescaped "$point")" 2>/dev/null
    done <"$scratch/mounts.$$"
    [ -n "$again" ] || break
  done
  while read -r type _ _ point; do
    case $type in
      tmpfs | ramfs | devtmpfs) continue ;;
    esac
    if pseudo "$type"; then continue; fi
    "$b" mount -o remount,bind,ro,noatime "$(unescaped "$point")" 2>/dev/null || printf 'not sealed: a %s\n' "$type" >&2
  done <"$scratch/mounts.$$"
  "$b" rm -f "$scratch/mounts.$$"
}

leave() {
  # By name: to look at the program itself can take for ever.
  for number in $("$b" find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -print0 2>/dev/null |
    "$b" xargs -0 -r "$b" ls -l 2>/dev/null |
    "$b" awk -v ours="$b" '$NF == ours { split($(NF - 2), path, "/"); print path[3] }'); do
    [ "$number" = "$$" ] || kill -9 "$number" 2>/dev/null
  done
  "$b" rm -rf "$scratch"
}
`;
