/**
 * What we run on the suspect: a script for our own static busybox, which lies beside it. It calls nothing of the
 * host's: every program is an applet, by its full path. It runs in a mount namespace of its own in which every file system
 * that lies on a disk is read-only and keeps no access times, so that nothing it does can write there, not even a time;
 * `OUTSIDE` names the host's own namespace, in which it must never do that.
 *
 * Records are lines of words with tabs between; what the host controls is base64 in them, so no name and no content can
 * pass for another record.
 */
export const collectorScript = String.raw`# shellcheck shell=dash
b=\${0%/*}/busybox
scratch=\${0%/*}
most=1048576

encoded() { "$b" base64 -w 0; }

field() { # KEY: content on stdin
  printf '%s\t' "$1"
  "$b" head -c "$most" | encoded
  printf '\n'
}

content() { # KEY FILE
  [ -r "$2" ] || return 0
  "$b" head -c "$most" "$2" 2>/dev/null | field "$1"
}

# In our own namespace alone: the host's mounts stay as they are.
seal() {
  own=$("$b" readlink /proc/self/ns/mnt)
  if [ -z "$own" ] || [ -z "$OUTSIDE" ] || [ "$own" = "$OUTSIDE" ]; then
    echo 'not sealed: there is no mount namespace of our own' >&2
    return
  fi
  while read -r _ point type _; do
    case $type in
      proc | sysfs | tmpfs | ramfs | devtmpfs | devpts | cgroup | cgroup2 | securityfs | pstore | bpf | debugfs | tracefs) continue ;;
      mqueue | hugetlbfs | configfs | fusectl | efivarfs | autofs | binfmt_misc | rpc_pipefs | nsfs) continue ;;
    esac
    "$b" mount -o remount,bind,ro,noatime "$point" 2>/dev/null || printf 'not sealed: a %s\n' "$type" >&2
  done </proc/self/mounts
}

clock() {
  "$b" date -u +%s | field now
  content uptime /proc/uptime
  "$b" timeout 5 "$b" hwclock -u 2>/dev/null | field hardware-clock
  "$b" uname -a | field system
  content tainted /proc/sys/kernel/tainted
  content command-line /proc/cmdline
  content boot /proc/sys/kernel/random/boot_id
  content release /etc/os-release
}

network() {
  for file in tcp tcp6 udp udp6 raw raw6 packet unix netlink icmp arp route ipv6_route if_inet6 dev ptype; do
    content "$file" "/proc/net/$file"
  done
  "$b" ip addr 2>/dev/null | field addresses
  "$b" ip rule 2>/dev/null | field rules
  "$b" ip neigh 2>/dev/null | field neighbours
  "$b" ip route show table all 2>/dev/null | field routes
  content resolvers /etc/resolv.conf
}

processes() {
  for process in /proc/[0-9]*; do
    printf '%s\t' "\${process#/proc/}"
    "$b" head -v -c 65536 "$process/status" "$process/cmdline" "$process/environ" "$process/cgroup" \
      "$process/wchan" "$process/maps" 2>/dev/null | encoded
    printf '\t'
    "$b" ls -l "$process/exe" "$process/cwd" "$process/root" "$process/fd" 2>/dev/null | "$b" head -c 262144 | encoded
    printf '\n'
  done
}

hidden() {
  last=300
  for process in /proc/[0-9]*; do
    number=\${process#/proc/}
    [ "$number" -le "$last" ] || last=$number
  done
  last=$((last + 256))
  [ "$last" -le 40000 ] || last=40000
  number=1
  while [ "$number" -le "$last" ]; do
    # A thread answers as well, and is listed where one asks for it by name.
    if kill -0 "$number" 2>/dev/null && [ ! -d "/proc/$number" ]; then printf '%s\n' "$number"; fi
    number=$((number + 1))
  done
  printf 'tried 1 to %s\n' "$last"
}

deleted() {
  for process in /proc/[0-9]*; do
    program=$("$b" readlink "$process/exe" 2>/dev/null) || continue
    case $program in
      *' (deleted)' | /memfd:*) ;;
      *) continue ;;
    esac
    printf '%s\t' "\${process#/proc/}"
    printf '%s' "$program" | encoded
    printf '\t'
    "$b" head -c 20971520 "$process/exe" 2>/dev/null | encoded
    printf '\n'
  done
}

programs() {
  set --
  # The kernel's own threads run no program.
  for process in /proc/[0-9]*; do [ ! -e "$process/exe" ] || set -- "$@" "$process/exe"; done
  # One that has ended by now is no fault of this.
  "$b" sha256sum "$@" 2>/dev/null || :
}

kernel() {
  content modules /proc/modules
  "$b" ls /sys/module 2>/dev/null | field modules-in-sysfs
  content mounts /proc/1/mountinfo
  "$b" dmesg 2>/dev/null | field messages
  "$b" ls -lR /sys/fs/bpf 2>/dev/null | field bpf
  for file in /proc/sys/fs/binfmt_misc/*; do content binary-format "$file"; done
  content core-pattern /proc/sys/kernel/core_pattern
  content modprobe /proc/sys/kernel/modprobe
  content lockdown /sys/kernel/security/lockdown
}

storage() {
  content partitions /proc/partitions
  content arrays /proc/mdstat
  content swaps /proc/swaps
  for block in /sys/block/*; do
    for attribute in serial device/serial device/wwid device/model size removable ro; do
      [ -r "$block/$attribute" ] || continue
      {
        printf '%s/%s: ' "\${block#/sys/block/}" "$attribute"
        "$b" head -c 4096 "$block/$attribute" 2>/dev/null
      } | field block
    done
  done
}

memory_map() {
  content boot /proc/sys/kernel/random/boot_id
  content lockdown /sys/kernel/security/lockdown
  content ram /proc/iomem
  # Its own size, which is that of all addresses, says nothing: the header is at its beginning.
  "$b" dd if=/proc/kcore bs=65536 count=1 status=none >"$scratch/head" || return
  field kcore <"$scratch/head"
}

# On a system that runs, files go away between being listed and being read: they are not to be had any more. Where a
# command says nothing worse, it has not failed. The last line of what awk reads is ours, whatever stands in a name.
lenient() { # COMMAND...
  {
    {
      "$@" 2>&1 >&3 3>&-
      printf 'ended %s\n' "$?"
    } | "$b" awk '
      function heard(line) {
        if (line ~ /: No such file or directory$/) gone++
        else if (line !~ /: error exit delayed from previous errors$/) {
          worse = line
          # It stands in a pipe, which loses its exit code.
          if (line ~ /^find: /) code = 1
        }
      }
      NR > 1 { heard(before) }
      { before = $0 }
      END {
        ended = substr(before, 7) + 0
        if (ended != 0 && (worse != "" || !gone)) code = ended
        if (gone) print "went away: " gone >"/dev/stderr"
        if (code) print worse >"/dev/stderr"
        exit code
      }'
  } 3>&1
}

archive() { # PATH..., from /
  cd / || exit
  count=$#
  while [ "$count" -gt 0 ]; do
    path=$1
    shift
    if [ "/$path" = "\${scratch%/*}" ]; then
      # All but what is ours.
      for child in "$path"/* "$path"/.[!.]*; do
        if [ "/$child" != "$scratch" ] && { [ -e "$child" ] || [ -h "$child" ]; }; then set -- "$@" "$child"; fi
      done
    elif [ -e "$path" ] || [ -h "$path" ]; then
      set -- "$@" "$path"
    fi
    count=$((count - 1))
  done
  if [ $# -eq 0 ]; then
    echo 'there is none' >&2
    return 0
  fi
  lenient "$b" tar -c -f - "$@"
}

preload() {
  [ -r /etc/ld.so.preload ] || return 0
  set -f
  set --
  # Names in it are divided by spaces or colons (ld.so(8)).
  for library in $("$b" head -c 65536 /etc/ld.so.preload | "$b" tr ':' ' '); do
    target=$("$b" readlink -f "$library")
    set -- "$@" "\${library#/}" "\${target#/}"
  done
  [ $# -eq 0 ] || archive "$@"
}

every_file() { "$b" find / -xdev -print0; }

names() { lenient every_file; }

every_time() { every_file | "$b" xargs -0 -n 256 "$b" stat -c '0|%n|%i|%A|%u|%g|%s|%X|%Y|%Z|0'; }

bodyfile() { lenient every_time; }

leave() {
  for process in /proc/[0-9]*; do
    if [ "$process/exe" -ef "$b" ] && [ "\${process#/proc/}" != "$$" ]; then kill -9 "\${process#/proc/}"; fi
  done 2>/dev/null
  "$b" rm -rf "$scratch"
}

verb=$1
shift
[ "$verb" = leave ] || seal
case $verb in
  tar) archive "$@" ;;
  memory-map) memory_map ;;
  memory) "$b" dd if=/proc/kcore bs=65536 iflag=skip_bytes,count_bytes,fullblock skip="$1" count="$2" status=none ;;
  clock | network | processes | hidden | deleted | programs | kernel | storage | preload | names | bodyfile | leave) "$verb" ;;
esac
`.replaceAll('\\${', '${');
